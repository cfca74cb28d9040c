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
from sync.outline import Outline, outline
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
        places = outline(tx.session, {**reach, "collections": wanted}, limit)
        if places is None:
            return None
        found = _changes(tx, places, reach)
        if found is not None:
            break
        limit = max(1, places.rows // OVERFLOW)
    stop = place_to_stop(found, size)
    for one in found:
        if items := one.array(stop):
            page.add(one.collection, one.kind, items)
    if stop is not None:
        return stop - 1
    return places.last if places.more or places.cap is not None else None


def _changes(tx: Tx, places: Outline, reach: dict[str, Any]) -> list[Found] | None:
    """The changes at `places`; None when they are far more than a page holds.

    First as the outline has it, which is so as long as nobody drained since the look; then as the feed has it now, as
    long as nothing is pending; then as the truth has it.
    """
    values = {**reach, "last": places.last}
    ways = [_known, _believed, _checked] if places.plain else [_believed, _checked]
    for read in ways:
        rows = read(tx, places, values)
        if all(row.kind != "stale" for row in rows):
            break
    if any(row.items is None for row in rows):
        return None
    return [Found(row.kind, row.collection, row.items.encode(), [*map(int, row.positions.split(","))]) for row in rows]


def _known(tx: Tx, places: Outline, values: dict[str, Any]) -> list[Any]:
    rows: list[Any] = []
    for names, present in _sets(places):
        named = [places.named[name] for name in present]
        ids = ["{" + ",".join(one.ids) + "}" for one in named]
        positions = ["{" + ",".join(map(str, one.positions)) + "}" for one in named]
        given = {**values, "collections": present, "ids": ids, "positions": positions}
        rows += _statement(names, "known").run(tx.session, given).all()
    return rows


def _believed(tx: Tx, places: Outline, values: dict[str, Any]) -> list[Any]:
    return _range(tx, places, values, "believed")


def _checked(tx: Tx, places: Outline, values: dict[str, Any]) -> list[Any]:
    return _range(tx, places, values, "checked")


def _range(tx: Tx, places: Outline, values: dict[str, Any], how: str) -> list[Any]:
    return [
        row
        for names, present in _sets(places)
        for row in _statement(names, how).run(tx.session, {**values, "collections": present})
    ]


def _sets(places: Outline) -> list[tuple[tuple[str, ...], list[str]]]:
    """The statements of a page: for which collections each is made, and which of them have anything.

    One for all, or one each where few have anything: that is what most changes of a day come to, and the large plan
    takes longer to begin than they do.
    """
    known = synced.collections()
    present = [name for name in known if name in places.named]
    return [((name,), [name]) for name in present] if len(present) <= FEW else [(tuple(known), present)]


@lru_cache(maxsize=256)
def _statement(names: tuple[str, ...], how: str) -> Prepared:
    """Of one collection or of all, whether or not the page has any: so there are few of these, planned once. A plan
    takes a megabyte of every connection."""
    collections = [synced.collections()[name] for name in names]
    sql = bodies.known_sql(collections) if how == "known" else bodies.page_sql(collections, checked=how == "checked")
    return prepared(sql, f"page of {len(names)} collections, {how}")
