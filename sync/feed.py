"""The feed: one drainer per organisation at a time turns touched rows into positions, after their commits.

Because a position has one writer, and is given to what was already committed, position order is commit order: a cursor
that has passed a position has passed everything before it. Membership is taken from the truth at draining
(level-triggered), so any number of touches, in any order, repeated or spurious, comes to the same state.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.kernel import synced
from app.kernel.config import config
from app.kernel.db import engine, enter_organisation, new_session
from app.kernel.prepared import prepared
from sync import pokes, stamping
from sync.sql import id_array, ids_from

BATCH = 5_000
# After so many entries the planner is to know the organisation, before usual drains ask for their few rows.
LARGE = 2_000
LEARN_EVERY_S = 600
INLINE_PATIENCE_S = 3
INLINE_PATIENCE = f"{INLINE_PATIENCE_S}s"
POOL = 4
TOMBSTONE_DAYS = 45

# Batches walk along indexes, whatever the statistics of a table that was empty yesterday make the planner believe.
SETTINGS = text("""
    SELECT set_config('lock_timeout', :patience, true), set_config('enable_seqscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true)
""")
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('sync:' || current_org()::text, 0))")
# The bound is computed once. As `id IN (… LIMIT …)` it would be once for each row, after a vacuum of an empty outbox.
TAKE = text("""
    WITH taken AS (
        DELETE FROM sync_outbox WHERE org_id = current_org() AND id <= (
            SELECT max(id) FROM (
                SELECT id FROM sync_outbox WHERE org_id = current_org() ORDER BY id LIMIT :batch) AS first)
        RETURNING collection, row_id, content, ties)
    SELECT collection, content, ties, array_agg(DISTINCT row_id::text) AS ids, count(*) AS entries
    FROM taken GROUP BY 1, 2, 3
""")
COUNTER = text("""
    INSERT INTO sync_counters (org_id) VALUES (current_org())
    ON CONFLICT (org_id) DO UPDATE SET pos = sync_counters.pos RETURNING pos
""")
ADVANCE = text("UPDATE sync_counters SET pos = :pos WHERE org_id = current_org()")
VIEW = text("SELECT digest FROM sync_views WHERE org_id = current_org() AND user_id = :user")
DAY_TURNED = text("""
    UPDATE sync_counters c SET day = today.day, audited = coalesce(c.audited, today.day)
    FROM (SELECT (now() AT TIME ZONE timezone)::date::text AS day FROM organisations WHERE id = current_org()) AS today
    WHERE c.org_id = current_org() AND c.day IS DISTINCT FROM today.day
    RETURNING today.day AS today, coalesce((SELECT day FROM sync_counters WHERE org_id = current_org()), today.day) AS
    yesterday
""")

FORGET = text("""
    WITH gone AS (
        DELETE FROM sync_state
        WHERE org_id = current_org() AND NOT live AND stamped_at < now() - make_interval(days => :days) RETURNING pos
    ), outlived AS (
        DELETE FROM sync_revisions r
        WHERE org_id = current_org() AND stamped_at < now() - make_interval(days => :days) AND EXISTS (
            SELECT FROM sync_revisions n WHERE n.org_id = current_org() AND n.collection = r.collection
            AND n.row_id = r.row_id AND n.pos > r.pos AND n.stamped_at < now() - make_interval(days => :days))
    ), risen AS (
        UPDATE sync_counters SET floor = greatest(floor, (SELECT max(pos) FROM gone)) WHERE org_id = current_org())
    SELECT count(*) FROM gone
""")
FORGET_TICKETS = text("""
    DELETE FROM sync_tickets WHERE org_id = current_org() AND issued_at < now() - make_interval(days => :days)
""")

# At most so many at once: the lock is the drainer's. What is left over goes with the next round.
FORGET_MUTATIONS = text("""
    DELETE FROM sync_mutations WHERE org_id = current_org() AND (device_id, id) IN (
        SELECT device_id, id FROM sync_mutations
        WHERE org_id = current_org() AND received_at < now() - make_interval(days => :days) AND status <> 'held'
        ORDER BY received_at LIMIT 20000)
""")

LEARN = text("SELECT sync_learn_organisation()")
_learnt: dict[UUID, float] = {}

# {collection: {row id: True when its body may have changed, False when only its scope}}
Touched = dict[str, dict[str, bool]]
# {collection: ids of the touched rows on which the scope of others hangs}
Tied = dict[str, set[str]]


@dataclass
class Drained:
    """What a drain came to: the newest position, and the buckets in which something changed."""

    org_id: UUID
    pos: int
    entries: int = 0
    buckets: set[str] = field(default_factory=set)


@dataclass
class Turn:
    """Who drains an organisation for the requests of this process, and up to which moment that has been done."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    drained_up_to: float = 0.0


_turns: dict[UUID, Turn] = {}


def pool() -> Engine:
    """The drainer's own connections: a pull that holds one of the application's never waits for a second of those."""
    return engine(config().database_drain_url, POOL)


def drain(org_id: UUID, *, patience: str | None = None) -> Drained:
    """Stamps everything of the organisation that is committed and not stamped yet, and pokes who may want it.

    patience: how long to wait for another drainer, as PostgreSQL writes durations; None waits as long as it takes.
    Raises OperationalError when the patience is at its end.
    """
    total = drain_once(org_id, patience=patience)
    batch = total
    while batch.entries >= BATCH:
        if total is batch:
            _learn(org_id)
        batch = drain_once(org_id, patience=patience)
        total = Drained(org_id, batch.pos, total.entries + batch.entries, total.buckets | batch.buckets)
    if total.buckets:
        pokes.publish(org_id, total.pos, total.buckets)
    if total.entries >= LARGE:
        _learn(org_id)
    return total


def _learn(org_id: UUID) -> None:
    """Has statistics taken of the tables in which the planner does not know the organisation yet.

    Not after each drain: while thousands push, all of them are large.
    """
    if time.monotonic() < _learnt.get(org_id, float("-inf")) + LEARN_EVERY_S:
        return
    _learnt[org_id] = time.monotonic()
    with new_session(pool()) as session, session.begin():
        enter_organisation(session, org_id)
        session.execute(LEARN)


def drain_inline(org_id: UUID) -> bool:
    """Drains for a request. False when other drainers took too long: the news then comes with a later pull.

    Of the requests that ask at once, one drains for all: whoever came before a drain began has nothing left to do.
    """
    came = time.monotonic()
    turn = _turns.setdefault(org_id, Turn())
    if not turn.lock.acquire(timeout=INLINE_PATIENCE_S):
        return False
    try:
        if turn.drained_up_to < came:
            begun = time.monotonic()
            drain(org_id, patience=INLINE_PATIENCE)
            turn.drained_up_to = begun
        return True
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == "55P03":
            return False
        raise
    finally:
        turn.lock.release()


def drain_once(org_id: UUID, *, patience: str | None = None, batch: int = BATCH) -> Drained:
    """One transaction of draining: at most `batch` entries of the outbox."""
    with new_session(pool()) as session, session.begin():
        enter_organisation(session, org_id)
        session.execute(SETTINGS, {"patience": patience or "0"})
        session.execute(LOCK)
        # Only from here on: the statement that takes entries must see what the drainer before us committed.
        before = session.scalar(COUNTER) or 0
        _touch_for_new_day(session)
        touched, tied, entries = _take(session, batch)
        _expand(session, touched, tied)
        drained = Drained(org_id, before, entries)
        _stamp(session, touched, drained)
        if drained.pos != before:
            session.execute(ADVANCE, {"pos": drained.pos})
        return drained


def _take(session: Session, batch: int) -> tuple[Touched, Tied, int]:
    touched: Touched = defaultdict(dict)
    tied: Tied = defaultdict(set)
    entries = 0
    for row in session.execute(TAKE, {"batch": batch}):
        _merge(touched[row.collection], row.ids, row.content)
        if row.ties:
            tied[row.collection].update(row.ids)
        entries += row.entries
    return touched, tied, entries


def _merge(known: dict[str, bool], ids: Iterable[str], content: bool) -> None:
    for row_id in ids:
        known[row_id] = content or known.get(row_id, False)


def _expand(session: Session, touched: Touched, tied: Tied) -> None:
    """Adds the rows whose scope hangs on tied ones, and what hangs on those, to the end."""
    front = {name: set(ids) for name, ids in tied.items()}
    while front:
        ahead: Tied = defaultdict(set)
        for name, ids in front.items():
            sql, content = _touches(name)
            if sql is None or not ids:
                continue
            found = "SELECT t.collection, array_agg(DISTINCT t.row_id::text) AS ids FROM ({}) AS t(collection, row_id)"
            query = ids_from(found.format(sql) + " WHERE t.row_id IS NOT NULL GROUP BY 1", ":ids")
            for row in prepared(query, f"what hangs on {name}").run(session, {"ids": id_array(ids)}):
                _merge(touched[row.collection], row.ids, content)
                ahead[row.collection].update(row.ids)
        front = {name: ids - tied[name] for name, ids in ahead.items() if ids - tied[name]}
        for name, ids in front.items():
            tied[name] |= ids


def _touches(name: str) -> tuple[str | None, bool]:
    if name in synced.collections():
        return synced.touches(name), False
    if name in synced.watches():
        return synced.watches()[name].touches, synced.watches()[name].content
    return None, False


def _stamp(session: Session, touched: Touched, drained: Drained) -> None:
    """Gives positions in the order in which collections were declared; removals last, so that they can be announced."""
    start = drained.pos
    leaving: set[str] = set()
    for name, collection in synced.collections().items():
        if rows := touched.get(name):
            stamped = stamping.stamp(session, collection, rows, drained.pos)
            drained.pos += stamped.count
            drained.buckets |= stamped.buckets
            leaving |= stamped.leaving
    if leaving:
        drained.pos = stamping.remove_after(session, leaving, start, drained.pos)


def _touch_for_new_day(session: Session) -> None:
    """When a day has begun where the organisation is: touches rows whose scope hangs on the date."""
    turned = session.execute(DAY_TURNED).one_or_none()
    if turned is None:
        return
    for collection in synced.collections().values():
        if collection.daily:
            sql = (
                "INSERT INTO sync_outbox (collection, row_id, content) "
                f"SELECT '{collection.name}', d.id, false FROM ({collection.daily}) AS d(id)"
            )
            days = {"today": turned.today, "yesterday": turned.yesterday}
            session.execute(text(sql), {name: day for name, day in days.items() if f":{name}" in sql})


def forget(org_id: UUID, days: int = TOMBSTONE_DAYS) -> int:
    """Forgets tombstones, tickets and mutations older than `days`. Returns how many tombstones.

    Cursors that are older need a replacement then. A mutation that is sent again after so long finds its number used:
    it is kept as a Conflict and changes nothing.
    """
    with new_session(pool()) as session, session.begin():
        enter_organisation(session, org_id)
        session.execute(LOCK)
        gone = session.execute(FORGET, {"days": days}).scalar_one()
        session.execute(FORGET_TICKETS, {"days": days})
        session.execute(FORGET_MUTATIONS, {"days": days})
        return int(gone)


def renew_view(org_id: UUID, user_id: UUID, digest: str) -> None:
    """Remembers that a user's buckets changed, at a position of its own: older cursors need a replacement.

    Several pulls at once may notice the same change; a second position would spoil the cursors of the first.
    Raises OperationalError when other drainers take too long.
    """
    with new_session(pool()) as session, session.begin():
        enter_organisation(session, org_id)
        session.execute(SETTINGS, {"patience": INLINE_PATIENCE})
        session.execute(LOCK)
        if session.scalar(VIEW, {"user": user_id}) == digest:
            return
        pos = (session.scalar(COUNTER) or 0) + 1
        session.execute(ADVANCE, {"pos": pos})
        session.execute(
            text("""
            INSERT INTO sync_views (user_id, digest, since) VALUES (:user, :digest, :pos)
            ON CONFLICT (org_id, user_id) DO UPDATE SET digest = EXCLUDED.digest, since = EXCLUDED.since
            """),
            {"user": user_id, "digest": digest, "pos": pos},
        )
