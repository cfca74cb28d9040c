"""What a pull costs: the same few statements whatever the page holds, and an index range of the delta only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import text

from sync.pull import OUTLINE
from sync.scope import scope_of
from tests.sync.world import World

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


def buffers(world: World, phone: Any) -> int:
    """Shared buffers that finding the next changes touches."""
    cursor = phone.cursor & (2**41 - 1)
    values = {"buckets": list(scope_of(phone.actor).buckets), "after": cursor, "base": 0, "head": 2**40, "limit": 1_000}
    with world.tx(phone.actor) as tx:
        plan = tx.session.execute(
            text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {OUTLINE.text}"), {**values, "collections": ["tw_visits"]}
        ).scalar_one()
    top = plan[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def test_a_delta_costs_what_the_delta_is_not_what_the_organisation_is(small_world: World) -> None:
    phone, others = small_world.phone(), small_world.phone()
    visit = small_world.visit(phone.actor.user_id)
    phone.sync()
    costs = []
    for rows in (100, 20_000):
        small_world.many_visits(others.actor.user_id, rows)
        small_world.drain()
        phone.sync()
        small_world.run("UPDATE tw_visits SET title = title || '!' WHERE id = :id", id=visit)
        small_world.drain()
        costs.append(buffers(small_world, phone))
    assert costs[1] <= costs[0] + 10
