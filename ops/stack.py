"""The servers that Callout needs, private or outside, behind one door."""

import fcntl
import os
from pathlib import Path
from typing import IO

from ops import outside
from ops.folders import data_folder, locked, make_folder, secret
from ops.postgres import Postgres
from ops.redis import Redis


class Stack:
    """PostgreSQL and Redis of one data folder.

    `CALLOUT_DATABASE_URL` (with `CALLOUT_DATABASE_OWNER_URL` and `CALLOUT_DATABASE_DRAIN_URL`) and
    `CALLOUT_REDIS_URL` name outside servers (see `ops.outside`); nothing private is started in their place.

    Args:
        data: The data folder; None takes the default place (see `ops.folders.data_folder`).
        fast: Settings for tests: quick, and not safe at a power cut.

    Raises:
        OpsError: The database user cannot enter `data`, or a server is not installed, does not start or is not safe.
    """

    def __init__(self, data: Path | str | None = None, *, fast: bool = False) -> None:
        self.data = data_folder(data)
        self.postgres = None if "CALLOUT_DATABASE_URL" in os.environ else Postgres(self.data, fast=fast)
        self.redis = None if "CALLOUT_REDIS_URL" in os.environ else Redis(self.data)
        self._outside = {} if self.postgres else outside.addresses()
        self._user: IO[str] | None = None

    def start(self) -> "Stack":
        """Start what does not run yet. Any number of processes may call this, also at once."""
        make_folder(self.data, 0o711)
        with locked(self.data, "start"):
            self._take_part()
            if self.postgres is None:
                self._outside = outside.prepare(self.data)
            for server in (self.postgres, self.redis):
                if server:
                    server.start()
        return self

    def revive(self) -> list[str]:
        """Start again the private servers that crashed. Returns what they are called."""
        crashed = [server for server in (self.postgres, self.redis) if server and server.crashed()]
        if crashed:
            with locked(self.data, "start"):
                for server in crashed:
                    server.start()
        return [type(server).__name__ for server in crashed]

    def stop(self) -> bool:
        """Stop the private servers, unless another process still uses them.

        Returns:
            True when they are down now; False when somebody else keeps them.
        """
        with locked(self.data, "start"):
            self._leave()
            with open(self.data / "users.lock", "w") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                for server in (self.redis, self.postgres):
                    if server:
                        server.stop()
        return True

    @property
    def app_url(self) -> str:
        return self._address(outside.APP, "callout_app")

    @property
    def owner_url(self) -> str:
        return self._address(outside.OWNER, "callout_owner")

    @property
    def drain_url(self) -> str:
        return self._address(outside.DRAIN, "callout_drain")

    @property
    def redis_url(self) -> str:
        return self.redis.url if self.redis else os.environ["CALLOUT_REDIS_URL"]

    def environment(self) -> dict[str, str]:
        """The `CALLOUT_*` variables that tell a child process where everything is."""
        return {
            "CALLOUT_DATABASE_URL": self.app_url,
            "CALLOUT_DATABASE_OWNER_URL": self.owner_url,
            "CALLOUT_DATABASE_DRAIN_URL": self.drain_url,
            "CALLOUT_REDIS_URL": self.redis_url,
            "CALLOUT_DATA": str(self.data),
            "CALLOUT_SECRET": os.environ.get("CALLOUT_SECRET") or secret(self.data, "app"),
        }

    def _address(self, variable: str, role: str) -> str:
        return self.postgres.url(role) if self.postgres else self._outside[variable]

    def _take_part(self) -> None:
        """Hold a shared lock for as long as this process uses the servers; it goes when the process does."""
        if self._user is None:
            self._user = open(self.data / "users.lock", "a")  # noqa: SIM115 - held on purpose
            fcntl.flock(self._user, fcntl.LOCK_SH)

    def _leave(self) -> None:
        if self._user:
            self._user.close()
            self._user = None
