"""Servers of their own for the tests that kill more than a web server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel import config, db
from ops.folders import locked
from ops.stack import Stack
from sync import pokes
from tests import database
from tests.faults.ground import Ground


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Servers of these tests alone; this process, too, works with them as long as the module runs."""
    data = Path(os.environ["CALLOUT_DATA"]) / "ground"
    with pytest.MonkeyPatch.context() as patch, locked(data, "tests"):
        for name in ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL"):
            patch.delenv(name)
        patch.delenv("CALLOUT_REDIS_URL")
        stack = Stack(data, fast=True).start()
        _move_to(patch, stack)
        running = Ground(stack)
        try:
            running.start()
            yield running
        finally:
            running.end()
            db.close_pools()
            stack.stop()
    _forget_addresses()


def _move_to(patch: pytest.MonkeyPatch, stack: Stack) -> None:
    """A fresh database on the stack, and this process's and its children's addresses of it."""
    name, environment = f"t_{os.getpid()}_ground", stack.environment()
    database.sweep(stack.owner_url)
    database.clone(stack.owner_url, stack.data, name)
    for variable in ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL"):
        patch.setenv(variable, database.on(environment[variable], name))
    patch.setenv("CALLOUT_REDIS_URL", environment["CALLOUT_REDIS_URL"])
    _forget_addresses()


def _forget_addresses() -> None:
    """What this process remembers of where the servers are."""
    db.close_pools()
    for remembered in (config.config, db.engine, pokes._redis):
        remembered.cache_clear()
