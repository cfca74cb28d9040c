"""Prepared statements: planned once a connection, and no mutation is refused for a plan that got lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import combinations

import orjson
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.kernel import synced
from app.kernel.db import engine
from app.kernel.http.rendering import database_problem
from app.kernel.ids import new_id
from app.kernel.prepared import MAX_PLANS, prepared
from app.kernel.problems import Problem
from sync import feed
from sync.pull import Request, pull
from sync.stamping import USUAL
from tests.sync.world import World

pytestmark = pytest.mark.committed

PLANS = text("SELECT count(*) FROM pg_prepared_statements")


def test_a_statement_is_planned_once_and_takes_its_values_by_name(small_world: World) -> None:
    statement = prepared("SELECT CAST(:one AS int) - CAST(:two AS int) AS difference", "test")
    with small_world.tx() as tx:
        before = tx.session.scalar(PLANS) or 0
        values = {"one": 7, "two": 2, "unused": 1}
        assert [statement.run(tx.session, values).scalar_one() for _ in range(3)] == [5, 5, 5]
        assert (tx.session.scalar(PLANS) or 0) - before <= 1


def test_a_connection_keeps_so_many_plans_and_no_more(small_world: World) -> None:
    with small_world.tx() as tx:
        for number in range(MAX_PLANS + 20):
            statement = prepared(f"SELECT CAST(:value AS int) + {number}", "test")
            assert statement.run(tx.session, {"value": 1}).scalar_one() == number + 1
        assert (tx.session.scalar(PLANS) or 0) <= MAX_PLANS


def test_whatever_set_of_collections_somebody_thinks_of_it_needs_no_plan_of_its_own(small_world: World) -> None:
    phone = small_world.phone()
    small_world.note(small_world.visit(phone.actor.user_id, small_world.site()))
    phone.sync()
    names = list(synced.collections())
    engine().dispose()  # connections that are not full of plans already
    with small_world.tx(phone.actor) as tx:
        pull(tx, Request())
        before = tx.session.scalar(PLANS) or 0
        for some in combinations(names, len(names) - 1):
            page = orjson.loads(pull(tx, Request(None, None, some)).encode())
            assert set(page["changes"]) == set(some)
        assert (tx.session.scalar(PLANS) or 0) <= before + len(names), "at most one for each, where few have changes"


def test_a_plan_that_got_lost_is_a_matter_of_asking_again(small_world: World) -> None:
    statement = prepared("SELECT CAST(:value AS int) * 2", "test")
    with pytest.raises(Problem) as caught, small_world.tx() as tx:  # noqa: PT012
        statement.run(tx.session, {"value": 1})
        tx.session.execute(text("DEALLOCATE ALL"))
        statement.run(tx.session, {"value": 1})
    assert caught.value.kind.status == 503
    with small_world.tx() as tx:
        assert statement.run(tx.session, {"value": 4}).scalar_one() == 8


def test_a_plan_that_cannot_be_made_for_a_lock_fails_as_any_statement_would(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.visit(new_id())
    feed.pool().dispose()  # connections that have no plans yet
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.begin() as migrating, monkeypatch.context() as hasty:
        hasty.setattr(feed, "INLINE_PATIENCE", "50ms")
        migrating.execute(text("LOCK TABLE tw_visits IN ACCESS EXCLUSIVE MODE"))
        assert feed.drain_inline(small_world.org_id) is False
        with pytest.raises(OperationalError) as caught, small_world.tx() as tx:  # noqa: PT012
            tx.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            prepared("SELECT count(*) FROM tw_visits WHERE title = CAST(:title AS text)", "test").run(
                tx.session, {"title": "visit"}
            )
    problem = database_problem(caught.value)
    assert problem is not None
    assert problem.kind.status == 503
    assert feed.drain_inline(small_world.org_id) is True


def ask_over_a_lost_connection(world: World) -> None:
    with world.tx() as tx:
        tx.session.connection().connection.dbapi_connection.close()
        prepared("SELECT CAST(:value AS int) * 3", "test").run(tx.session, {"value": 1})


def test_a_connection_that_is_lost_before_a_plan_is_made_is_a_matter_of_asking_again(small_world: World) -> None:
    with pytest.raises(DBAPIError) as caught:
        ask_over_a_lost_connection(small_world)
    problem = database_problem(caught.value)
    assert problem is not None
    assert problem.kind.status == 503


def test_a_usual_drain_asks_by_plans_that_are_kept_and_a_large_one_makes_its_own(
    small_world: World, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    phone = small_world.phone()
    for rows, kept in ((3, True), (USUAL + 1, False)):
        small_world.many_visits(phone.actor.user_id, rows)
        with count_statements() as statements:
            small_world.drain()
        assert any("stamp tw_visits" in statement for statement in statements) is kept
        assert any("WITH truth AS" in statement for statement in statements) is not kept
        phone.sync()
        assert phone.equals_truth()
