"""Real servers under every test: a template database is migrated once and cloned; each test rolls back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event

from app.kernel import db, tasks
from ops.folders import data_folder
from ops.stack import Stack
from tests import database

NEVER_S = 1e6
_stack = Stack(data=data_folder(None) / "test", fast=True)

# The same examples each time, and as long as a busy machine needs. `--hypothesis-profile=exploring` draws others.
settings.register_profile("exploring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("callout", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("callout")


def pytest_configure(config: pytest.Config) -> None:
    """Starts (or finds) the private servers and points this process at a database of its own."""
    _stack.start()
    name = f"t_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    environment = _stack.environment()
    owner = environment["CALLOUT_DATABASE_OWNER_URL"]
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        database.clone(owner, _stack.data, name)
        config.add_cleanup(lambda: _leave(owner, name))
    else:
        database.sweep(owner)
        database.template(owner, _stack.data)
        return  # this process runs no test, and its workers must not take its variables for outside servers
    for variable in ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL"):
        environment[variable] = database.on(environment[variable], name)
    redis = environment["CALLOUT_REDIS_URL"]
    environment["CALLOUT_REDIS_URL"] = f"{redis}{'&' if '?' in redis else '?'}db={os.getpid() % 16}"
    os.environ.update(environment)
    os.environ.update(CALLOUT_MODE="demo", CALLOUT_POOL_SIZE="8", CALLOUT_SECRET="test secret " + "x" * 32)


def _leave(owner: str, name: str) -> None:
    """Closes the pools that committed tests have filled, then drops the database."""
    db.close_pools()
    database.drop(owner, name)


@pytest.fixture(scope="session")
def _connection() -> Iterator[Any]:
    engine = create_engine(os.environ["CALLOUT_DATABASE_URL"])
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture(autouse=True)
def rollback(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything a test writes is a savepoint of one transaction that never commits; `committed` tests opt out."""
    if "committed" in request.keywords:
        yield
        return
    connection = request.getfixturevalue("_connection")
    outer = connection.begin()
    db.bind(connection)
    try:
        with mock.patch.object(tasks, "BEAT_S", NEVER_S):  # another thread may not speak on this connection meanwhile
            yield
    finally:
        db.bind(None)
        outer.rollback()


@pytest.fixture
def count_statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """A context that gathers every SQL statement sent by any engine of this process."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting
