"""What 100 changed rows cost inside PostgreSQL: EXPLAIN (BUFFERS) of every statement of their drain and their pull."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event, text

from app.kernel.actor import Actor, system_actor
from app.kernel.db import transaction
from app.kernel.permissions import Role
from bench import fleet
from bench.figures import Report
from bench.fleet import Phone
from bench.house import house
from sync import feed
from sync.pull import Request, pull

DELTA, ROWS_A_VISIT = 100, 10
SIZES = (10_000, int(os.environ.get("CALLOUT_BENCH_ROWS", "1000000")))
ROUNDS = 3

PLANNED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "EXECUTE")


class Cost(NamedTuple):
    """Buffers of a pull after autovacuum has swept, of the same pull before that, and of the drain."""

    pull: int
    unswept: int
    drain: int


WHAT = ("pull", "pull before garbage is swept", "drain")


def run(report: Report) -> None:
    """`sync-buffers`."""
    with house(server=False, drain=False):
        # Both lie in one database, whose indexes are as high for the small one as for the large one.
        phones = [organisation(rows // ROWS_A_VISIT // DELTA) for rows in SIZES]
        compact()
        costs = [cost(phone) for phone in phones]
    for what, small, large in zip(WHAT, *costs, strict=True):
        for rows, buffers in zip(SIZES, (small, large), strict=True):
            report.add(f"{what} of {DELTA} changed rows, {rows:,} rows in the organisation", f"{buffers:,} buffers")
        report.add(f"{what}, large against small", f"{large / small:.3f}", "goal 0.9–1.1" if what == "pull" else "")


def organisation(engineers: int) -> Phone:
    """A phone with `DELTA` visits among so many, their feed drained."""
    phone = fleet.make(engineers, DELTA)[0]
    with transaction(system_actor(phone.org_id)) as tx:
        # Every row is in the outbox for its own sake: to look for what hangs on each would only take long.
        tx.session.execute(text("UPDATE sync_outbox SET ties = false"))
    feed.drain(phone.org_id)
    return phone


def compact() -> None:
    """Packs what is read in the order of its making, so that rows lie as near to one another in either size."""
    fleet.analyze("VACUUM (FULL, ANALYZE) sync_state, sync_outbox, visits")


def sweep() -> None:
    """What autovacuum does a while after a change.

    Until then a reader may meet the version before the change. It may meet more of them in a small organisation, where
    twenty changed rows share a page of an index: a full page packs old and new of a row together, and a reader can mark
    only what lies single as dead for the next one. And where less than a fiftieth of a table's pages have garbage,
    vacuum leaves it in the indexes for a later time, which comes sooner in a small table.
    """
    fleet.analyze("VACUUM (INDEX_CLEANUP ON) sync_state, sync_outbox, visits")


def cost(phone: Phone) -> Cost:
    """Buffers that a delta of `DELTA` visits takes: the least of some rounds."""
    actor = Actor(phone.org_id, Role.ENGINEER, phone.user_id, "Engineer", device_id=phone.device_id)
    cursor = _pulled(actor, None)
    rounds = []
    for _ in range(ROUNDS):
        change(phone, DELTA)
        with counted() as drain:
            feed.drain(phone.org_id)
        with counted() as unswept:
            _pulled(actor, cursor)
        sweep()
        with counted() as pull:
            cursor = _pulled(actor, cursor)
        rounds.append(Cost(sum(pull), sum(unswept), sum(drain)))
    return Cost(*map(min, zip(*rounds, strict=True)))


def change(phone: Phone, count: int) -> None:
    """Changes so many of the phone's visits."""
    with transaction(system_actor(phone.org_id)) as tx:
        statement = text("UPDATE visits SET instructions = instructions || '.' WHERE id = ANY(CAST(:ids AS uuid[]))")
        tx.session.execute(statement, {"ids": list(phone.visits)[:count]})


def _pulled(actor: Actor, cursor: int | None) -> int:
    more = True
    while more:
        with transaction(actor) as tx:
            page = pull(tx, Request(cursor, 10_000))
        cursor, more = page.cursor, page.more
    assert cursor is not None
    return cursor


@contextmanager
def counted() -> Iterator[list[int]]:
    """Gathers the shared buffers of every statement that this process sends: each is explained right before it runs,
    in a savepoint that is undone."""
    buffers: list[int] = []

    def explain(connection: Any, _: object, statement: str, values: Any, *more: object) -> None:
        if statement.lstrip().startswith(PLANNED):
            cursor = connection.connection.cursor()
            cursor.execute("SAVEPOINT explained")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
            plan = cursor.fetchone()[0][0]["Plan"]
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
            buffers.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield buffers
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
