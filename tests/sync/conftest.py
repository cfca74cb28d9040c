"""A small world of its own under the feed: visits of users, the sites they share, and notes on visits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, text

from app.kernel import synced
from sync import pull
from tests.sync import world
from tests.sync.pusher import Pusher


@pytest.fixture(scope="package")
def _tables() -> Iterator[None]:
    """The tables of the small world, for the time of these tests; other tests compare the schema with the models."""
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.begin() as connection:
        for statement in world.TABLES:
            connection.execute(text(statement))
    yield
    with owner.begin() as connection:
        for table in world.NAMES:
            connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text(f"DROP FUNCTION IF EXISTS sync_touch_{table}()"))


@pytest.fixture
def small_world(_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[world.World]:
    """An organisation of its own, with only the small world's collections declared."""
    monkeypatch.setattr(synced, "_collections", {c.name: c for c in world.COLLECTIONS})
    monkeypatch.setattr(synced, "_watches", {w.table: w for w in world.WATCHES})
    pull._statement.cache_clear()
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.begin() as connection:
        world.install_triggers(connection)
    yield world.World()
    pull._statement.cache_clear()


@pytest.fixture
def phone(small_world: world.World) -> Pusher:
    return Pusher(small_world)


@pytest.fixture
def visit(small_world: world.World, phone: Pusher) -> UUID:
    return small_world.visit(phone.user_id)
