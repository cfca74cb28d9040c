"""What a pull costs: the same few statements whatever the page holds, and an index range of the delta only."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from tests.sync.world import Phone, World

pytestmark = pytest.mark.committed
Counting = Callable[[], AbstractContextManager[list[str]]]


def test_a_page_takes_the_same_statements_whatever_it_holds(small_world: World, count_statements: Counting) -> None:
    counts = []
    for rows in (1, 10_000):
        phone = small_world.phone()
        small_world.many_visits(phone.actor.user_id, rows)
        phone.page(keep=False)
        with count_statements() as statements:
            page = phone.page(10_000)
        assert len(page["changes"]["tw_visits"]["upserts"]) == rows
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4, "organisation, look, outline, bodies"


def test_an_empty_pull_is_one_statement_after_the_organisation(small_world: World, count_statements: Counting) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id)
    phone.sync()
    with count_statements() as statements:
        phone.page()
    assert len(statements) == 2


def test_a_default_page_stays_small_and_holds_what_fits(small_world: World) -> None:
    phone = small_world.phone()
    small_world.many_visits(phone.actor.user_id, 3_000)
    pages = phone.sync()
    assert len(pages) > 2
    assert all(len(str(page["changes"])) < 300_000 for page in pages)
    assert phone.equals_truth()


def test_one_row_larger_than_a_page_still_comes(small_world: World) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id, title="x" * 400_000)
    small_world.visit(phone.actor.user_id, title="y" * 400_000)
    pages = phone.sync()
    assert [len(page["changes"]["tw_visits"]["upserts"]) for page in pages] == [1, 1]
    assert phone.equals_truth()


def test_rows_that_come_to_many_times_a_page_are_asked_for_with_fewer(
    small_world: World, count_statements: Counting
) -> None:
    phone = small_world.phone()
    for number in range(8):
        small_world.visit(phone.actor.user_id, title=str(number) * 300_000)
    small_world.drain()
    with count_statements() as statements:
        page = phone.page()
    assert len(page["changes"]["tw_visits"]["upserts"]) == 1
    assert len(statements) <= 10, "fewer by a quarter each time"
    assert len(phone.sync()) >= 7
    assert phone.equals_truth()


def owner(statement: str) -> None:
    """Runs a statement as the owner of the tables."""
    url = os.environ["CALLOUT_DATABASE_OWNER_URL"]
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))


def buffers(world: World, phone: Phone) -> int:
    """Shared buffers that the statements of one pull touch, by EXPLAIN of each as the application's role.

    The outbox is emptied before, as autovacuum does: what was drained is garbage there. (A VACUUM of ours would leave
    the garbage whenever some other snapshot of the database is older.)
    """
    owner("TRUNCATE sync_outbox")
    sent: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, values: Any, *_: object) -> None:
        sent.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        phone.page(keep=False)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with world.tx(phone.actor) as tx:
        cursor = tx.session.connection().connection.cursor()
        # Once to warm what the connection keeps of the catalogue, which counts as buffers too; the second time counts.
        return [sum(explained(cursor, statement, values) for statement, values in sent) for _ in range(2)][1]


def explained(cursor: Any, statement: str, values: Any) -> int:
    """Shared buffers that a statement over the feed touches. The pull's wish to the planner is carried out, too."""
    if "/* look" in statement:
        cursor.execute(statement, values)
    if not re.search(r"/\* (outline|page of)", statement):
        return 0
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
    top = cursor.fetchone()[0][0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@pytest.mark.parametrize("known", ["others", "little", "all"])
def test_a_delta_costs_what_the_delta_is_not_what_the_organisation_is(small_world: World, known: str) -> None:
    """The phone's few changes lie at both ends of thousands of others' positions.

    known: what the planner knows of the feed: only of another organisation, of this one while it was small, or of it as
    it is. Statistics of the rows themselves are as autovacuum keeps them.
    """
    older = World()
    older.many_visits(older.phone().actor.user_id, 500)
    older.drain()
    owner("ANALYZE sync_state")
    phone, others = small_world.phone(), small_world.phone()
    visits = [small_world.visit(phone.actor.user_id) for _ in range(2)]
    phone.sync()
    costs = []
    for rows in (10, 5_000):
        small_world.run("UPDATE tw_visits SET title = title || '!' WHERE id = :id", id=visits[0])
        small_world.drain()
        if known == "little" and not costs:
            owner("ANALYZE sync_state")
        small_world.many_visits(others.actor.user_id, rows)
        small_world.drain()
        small_world.run("UPDATE tw_visits SET title = title || '!' WHERE id = :id", id=visits[1])
        small_world.drain()
        owner("ANALYZE tw_visits")
        if known == "all":
            owner("ANALYZE sync_state")
        costs.append(buffers(small_world, phone))
        phone.sync()
    assert 0 < costs[1] <= costs[0] + 20
