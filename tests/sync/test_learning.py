"""The planner learns an organisation when much of it has been drained."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from sync import feed
from tests.sync.world import World

pytestmark = pytest.mark.committed


def test_a_large_drain_has_the_planner_learn_the_organisation_and_a_usual_one_does_not(
    small_world: World, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    phone = small_world.phone()
    for rows, learns in ((3, False), (feed.LARGE, True)):
        small_world.many_visits(phone.actor.user_id, rows)
        with count_statements() as statements:
            small_world.drain()
        assert any("sync_learn_organisation" in statement for statement in statements) is learns
    phone.sync()
    assert phone.equals_truth()


def test_statistics_are_taken_where_an_organisation_has_rows_and_is_not_known(small_world: World) -> None:
    """In a transaction that nobody else sees, so that nobody else can take them first."""
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.connect() as connection:
        connection.execute(text("SELECT set_config('callout.org_id', :org, true)"), {"org": str(small_world.org_id)})
        assert connection.scalar(feed.LEARN) == 0
        connection.execute(text("INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'One')"))
        assert connection.scalar(feed.LEARN) == 1
        connection.rollback()


def test_only_the_drainer_has_statistics_taken(small_world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), small_world.tx() as tx:
        tx.session.execute(text("SELECT sync_learn_organisation()"))
