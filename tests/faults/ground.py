"""Servers that may be killed: PostgreSQL, Redis, web server and drainer of these tests' own.

The cluster stays in the data folder of the tests between runs; each run gets a database of its own on it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis import Redis as Client
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from ops.postgres import Postgres
from ops.processes import working_in
from ops.redis import Redis
from ops.stack import Stack
from tests.faults.processes import Process, Server, await_that, drainer

# Where something can be stopped in its middle, because there it needs a table that somebody else has locked.
MOMENTS = {
    "push": ("sync_mutations", "SHARE"),  # everything is done, and no result is stored yet
    "pull": ("sites", "ACCESS EXCLUSIVE"),  # while bodies are read
    "drain": ("sync_state", "SHARE"),  # taken from the outbox, and not stamped yet
}
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:name AS regclass)")


@contextmanager
def held(moment: str) -> Iterator[None]:
    """Until the end of the block, whoever comes to the `moment` waits there. It may be ended by the server's death."""
    table, mode = MOMENTS[moment]
    with owner().connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))
        yield
        with suppress(DBAPIError):
            connection.rollback()


def reached(moment: str) -> bool:
    """Whether somebody waits at a `moment` that is held."""
    with owner().connect() as connection:
        return bool(connection.execute(WAITING, {"name": MOMENTS[moment][0]}).scalar_one())


def owner() -> Engine:
    """The owner's connections: one each time."""
    return create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)


@dataclass
class Ground:
    """What runs, by name. `kill` is kill -9 of a server with all its processes."""

    stack: Stack
    server: Server = field(default_factory=Server)
    drainer: Process = field(default_factory=drainer)

    def start(self) -> None:
        self.server.start()
        self.drainer.start()

    def kill(self, name: str) -> None:
        if name == "postgres":
            kill_postgres(self._postgres)
        elif name == "redis":
            kill_redis(self._redis)
        else:
            self._process(name).kill()

    def revive(self, name: str) -> None:
        """Starts again what was killed, as whoever looks after it would."""
        if name == "postgres":
            self._postgres.start()
        elif name == "redis":
            self._redis.start()
        else:
            self._process(name).start()

    def end(self) -> None:
        self.drainer.kill()
        self.server.kill()

    def _process(self, name: str) -> Process:
        return {"server": self.server, "drainer": self.drainer}[name]

    @property
    def _postgres(self) -> Postgres:
        assert self.stack.postgres
        return self.stack.postgres

    @property
    def _redis(self) -> Redis:
        assert self.stack.redis
        return self.stack.redis


def kill_postgres(postgres: Postgres) -> None:
    """All of the cluster at once; the postmaster first, so that it starts nobody anew."""
    postmaster = int((postgres.folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)

    def gone() -> bool:
        left = working_in(postgres.folder, "postgres")
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    await_that(gone, "the end of PostgreSQL")


def kill_redis(redis: Redis) -> None:
    with Client.from_url(redis.url) as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    await_that(lambda: not redis.running(), "the end of Redis")
