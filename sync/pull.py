"""Pulling: an index range of the user's buckets, joined to bodies that PostgreSQL builds, passed through as bytes.

However large a page is, it takes the same few statements: a look at the counters, an outline of the range, the bodies.
They need not share a snapshot: the range ends at or before the head that the look saw, and whatever moved since then
has a position behind it, and comes with a later page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import text

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.prepared import Prepared, prepared
from app.kernel.problems import invalid
from sync import bodies, feed
from sync.protocol.cursor import Cursor, Horizon, Start, parse
from sync.protocol.pages import Found, Page, place_to_stop
from sync.scope import Scope, scope_of

ROWS, MAX_ROWS = 1_000, 10_000
# Uncompressed: about 64 KB on the wire. A client that names a limit gets up to the larger.
BYTES, MAX_BYTES = 256 * 1024, 8 * 1024 * 1024
# Rows that come to so many times a page are not sent here; a page of fewer is made then.
OVERFLOW = 4
FEW = 2

# Every statement that follows walks along indexes, in their order. With statistics of yesterday, when a table was
# small, the planner might rather read it whole, once for each row of the page. To plan a page anew takes longer than to
# make it, and so does compiling it, for which a sort that cannot be avoided would look dear enough.
LOOK = prepared(
    """
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true),
           set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
           sync_generation() AS gen,
           coalesce(c.pos, 0) AS head, coalesce(c.floor, 0) AS floor,
           v.digest, coalesce(v.since, 0) AS since, t.base, t.pos,
           EXISTS (SELECT FROM sync_outbox o WHERE o.org_id = current_org()) AS pending
    FROM (VALUES (1)) AS one (x)
    LEFT JOIN sync_counters c ON c.org_id = current_org()
    LEFT JOIN sync_views v ON v.org_id = current_org() AND v.user_id = :user
    LEFT JOIN sync_tickets t ON t.org_id = current_org() AND t.user_id = :user AND t.number = :ticket
    """,
    "look",
)

# The next `limit` places over all buckets, and one more to know whether there is one. What left before the client's
# replacement began means nothing to it. The page ends before the first removal that it announces itself.
OUTLINE = prepared(
    """
    WITH places AS (
        SELECT p.* FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
            (SELECT s.pos, s.collection, NULL::bigint AS removal FROM sync_state s
             WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.pos > :after AND s.pos <= :head
               AND (s.live OR s.pos > :base) AND s.collection = ANY(CAST(:collections AS text[]))
             ORDER BY s.pos LIMIT CAST(:limit AS bigint) + 1)
            UNION ALL
            (SELECT s.leaving_pos, s.collection, s.pos FROM sync_state s
             WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.leaving_pos > :after AND s.leaving_pos > :base
               AND s.leaving_pos <= :head AND s.collection = ANY(CAST(:collections AS text[]))
             ORDER BY s.leaving_pos LIMIT CAST(:limit AS bigint) + 1)) AS p
        ORDER BY pos LIMIT CAST(:limit AS bigint) + 1
    ), page AS (SELECT * FROM places ORDER BY pos LIMIT CAST(:limit AS bigint))
    SELECT max(pos) AS last, min(removal) - 1 AS cap, (SELECT count(*) FROM places) > CAST(:limit AS bigint) AS more,
           count(*) AS rows,
           (SELECT array_agg(name) FROM (SELECT DISTINCT collection FROM page) AS c (name)) AS present
    FROM page
    """,
    "outline",
)

# Nobody has a cursor yet that a user's first set of buckets could make worthless: no need to wait for the drainer.
FIRST_VIEW = text("""
    INSERT INTO sync_views (user_id, digest, since) VALUES (:user, :digest, :head)
    ON CONFLICT (org_id, user_id) DO NOTHING
""")

ISSUE = text("INSERT INTO sync_tickets (user_id, base, pos) VALUES (:user, :base, :pos) RETURNING number")


@dataclass(frozen=True)
class Request:
    """What a client asks for. `collections` empty means all; `limit` None means a page of the usual size."""

    cursor: int | None = None
    limit: int | None = None
    collections: tuple[str, ...] = ()

    def wanted(self) -> list[str]:
        """The names of the collections asked for. Raises 422 for one that does not exist."""
        known = synced.collections()
        if unknown := sorted(set(self.collections) - set(known)):
            raise invalid("?collections", f"No such collection: {', '.join(unknown)}.")
        return [name for name in known if not self.collections or name in self.collections]


def pull(tx: Tx, request: Request) -> Page:
    """One page for the actor from `request.cursor` on, drained up to this moment."""
    scope, wanted = scope_of(tx.actor), request.wanted()
    cursor = parse(request.cursor) if request.cursor is not None else None
    horizon = look(tx, scope, cursor)
    start = horizon.start(cursor)
    page = Page(start.replacement, 0, False, tx.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    reached = _fill(tx, page, scope, request, wanted, start, horizon) if start.after < horizon.head else None
    page.more = reached is not None
    page.cursor = int(_cursor(tx, scope, horizon, start, horizon.head if reached is None else reached))
    return page


def look(tx: Tx, scope: Scope, cursor: Cursor | None = None) -> Horizon:
    """Where the feed stands for this user, after draining what is pending and noticing a change of the buckets."""
    values = {"user": scope.user_id, "ticket": cursor.pos if cursor and cursor.ticket else None}
    seen = LOOK.run(tx.session, values).one()
    if seen.pending and feed.drain_inline(scope.org_id):
        seen = LOOK.run(tx.session, values).one()
    if seen.digest is None and cursor is None:
        tx.session.execute(FIRST_VIEW, {"user": scope.user_id, "digest": scope.digest, "head": seen.head})
        seen = LOOK.run(tx.session, values).one()
    # Asked of the last look: a cursor from there would be good for the buckets that another pull has put down by then.
    while seen.digest != scope.digest:
        feed.renew_view(scope.org_id, scope.user_id, scope.digest)
        seen = LOOK.run(tx.session, values).one()
    return Horizon(seen.gen, seen.head, seen.floor, seen.since, (seen.base, seen.pos) if seen.pos is not None else None)


def _cursor(tx: Tx, scope: Scope, horizon: Horizon, start: Start, reached: int) -> Cursor:
    """The place after this page: a position, or a ticket while a replacement is not through."""
    if reached >= start.base:
        return Cursor(horizon.gen, reached)
    number = tx.session.execute(ISSUE, {"user": scope.user_id, "base": start.base, "pos": reached}).scalar_one()
    return Cursor(horizon.gen, number, ticket=True)


def _fill(
    tx: Tx, page: Page, scope: Scope, request: Request, wanted: list[str], start: Start, horizon: Horizon
) -> int | None:
    """Adds the next changes to the page. Returns the last position in it when there is more, None at the head."""
    size, limit = (MAX_BYTES, min(request.limit, MAX_ROWS)) if request.limit else (BYTES, ROWS)
    reach = {"buckets": list(scope.buckets), "after": start.after, "base": start.base, "masked": scope.masked}
    reach |= {"head": horizon.head, "most": size * OVERFLOW}
    while True:
        outline = OUTLINE.run(tx.session, {**reach, "limit": limit, "collections": wanted}).one()
        if outline.last is None:
            return None
        last: int = outline.last if outline.cap is None else min(outline.last, outline.cap)
        found = _changes(tx, outline.present, {**reach, "last": last, "collections": outline.present})
        if found is not None:
            break
        limit = max(1, outline.rows // OVERFLOW)
    stop = place_to_stop(found, size)
    for one in found:
        if items := one.array(stop):
            page.add(one.collection, one.kind, items)
    if stop is not None:
        return stop - 1
    return last if outline.more or outline.cap is not None else None


def _changes(tx: Tx, present: list[str], values: dict[str, Any]) -> list[Found] | None:
    """What is in reach, of the collections `present` in it; None when that is far more than a page holds."""
    rows = _rows(tx, present, values, checked=False)
    if any(row.kind == "stale" for row in rows):
        rows = _rows(tx, present, values, checked=True)
    if any(row.items is None for row in rows):
        return None
    return [Found(row.kind, row.collection, row.items.encode(), [*map(int, row.positions.split(","))]) for row in rows]


def _rows(tx: Tx, present: list[str], values: dict[str, Any], *, checked: bool) -> list[Any]:
    """The answer of one statement for all collections, or of one each where few have anything: that is what most
    changes of a day come to, and the large plan takes longer to begin than they do."""
    known = synced.collections()
    sets = [(name,) for name in known if name in present] if len(present) <= FEW else [tuple(known)]
    return [
        row
        for names in sets
        for row in _statement(names, checked).run(
            tx.session, {**values, "collections": list(names) if len(sets) > 1 else present}
        )
    ]


@lru_cache(maxsize=256)
def _statement(collections: tuple[str, ...], checked: bool) -> Prepared:
    """Of one collection or of all, whether or not the page has any: so there are few of these, planned once. A plan
    takes a megabyte of every connection."""
    sql = bodies.page_sql([synced.collections()[name] for name in collections], checked=checked)
    return prepared(sql, f"page of {len(collections)} collections{', checked' * checked}")
