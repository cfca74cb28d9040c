"""A whole Callout for browser tests: a database of its own (with the demo day, or empty), a server on a free port."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.demo.world import DEMO, PASSWORD, local_date
from ops.folders import CHECKOUT, locked
from ops.processes import wait_until
from tests import database

URLS = ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL")
PATIENCE_S = 120
SERVER = ("--interface", "wsgi", "--workers", "1", "--blocking-threads", "32", "--backlog", "256")
BACKGROUND = ("worker", "relay", "drain")
THE_DAYS_OWN_NEWS_WAIT = "UPDATE tasks SET run_after = now() + interval '2 days' WHERE state = 'queued'"
"""What a test does is not queued behind hundreds of them, and keeps no processor busy."""


def demo_template(data: Path) -> str:
    """The name of a database with today's demo day; made once a day and state of the code, whoever comes first."""
    owner = os.environ["CALLOUT_DATABASE_OWNER_URL"]
    name = f"demo_{_digest()}"
    with locked(data, "demo-template"):
        if not database.exists(owner, name):
            for old in database.named(owner, "^demo_"):
                database.drop(owner, old)
            database.clone(owner, data, f"{name}_new")
            subprocess.run(
                [sys.executable, "-m", "app.cli", "demo"], cwd=CHECKOUT, env=variables(f"{name}_new"), check=True
            )
            database.run(database.on(owner, f"{name}_new"), THE_DAYS_OWN_NEWS_WAIT)
            database.run(owner, f"ALTER DATABASE {name}_new RENAME TO {name}")
    return name


def _digest() -> str:
    made_of = hashlib.sha256(f"{database.migrations_digest()} {local_date(DEMO, datetime.now(UTC))}".encode())
    for path in (Path(__file__), *sorted((CHECKOUT / "app" / "demo").rglob("*.py"))):
        made_of.update(path.read_bytes())
    return made_of.hexdigest()[:12]


def variables(name: str) -> dict[str, str]:
    """The environment of a process of ours that works on the database `name`."""
    return {**os.environ, **{url: database.on(os.environ[url], name) for url in URLS}, "CALLOUT_MODE": "demo"}


@dataclass
class House:
    """A server, and what works behind it once `staff` was called, on a database of their own."""

    name: str
    data: Path
    demo: bool = True
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> House:
        """Clone the demo day, or an empty database, and serve it. Returns once the server answers."""
        if self.demo:
            self._clone_demo()
        else:
            database.clone(self.owner, self.data, self.name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.serve()
        return self

    def serve(self) -> None:
        """Start the server (again). Returns once it answers."""
        server = self._start("server", *SERVER, "--port", str(self.port), "wsgi:app", module="app.cli.server")
        assert wait_until(lambda: self._answers() or server.poll() is not None, PATIENCE_S, 0.1), self.log("server")
        assert server.poll() is None, self.log("server")

    def staff(self, *commands: str) -> None:
        """Start the background processes (all, or those named): tasks run, events and pokes are sent."""
        for command in commands or BACKGROUND:
            self._start(command, command)

    def stop(self) -> None:
        """End the processes, as a power cut would."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def log(self, process: str) -> str:
        """The end of what a process said."""
        return (self.data / f"{self.name}-{process}.log").read_text()[-4000:]

    def close(self) -> None:
        """End the processes and drop the database."""
        self.stop()
        database.drop(self.owner, self.name)
        for log in self.data.glob(f"{self.name}-*.log"):
            log.unlink()

    @property
    def owner(self) -> str:
        return os.environ["CALLOUT_DATABASE_OWNER_URL"]

    def found(self, admin: str, timezone: str) -> None:
        """A new organisation with one admin, as whoever installs Callout founds it."""
        asked = ("--email", admin, "--name", "Ada", "--password", PASSWORD, "--new-organisation", "Careful Repairs")
        command = [sys.executable, "-m", "app.cli", "user", "add", *asked, "--timezone", timezone]
        subprocess.run(command, cwd=CHECKOUT, env=variables(self.name), check=True, stdout=subprocess.DEVNULL)

    def _clone_demo(self) -> None:
        source = demo_template(self.data)
        database.drop(self.owner, self.name)
        with locked(self.data, "demo-template"):
            database.run(self.owner, f"CREATE DATABASE {self.name} TEMPLATE {source}")

    def _start(self, process: str, *arguments: str, module: str = "app.cli") -> subprocess.Popen[bytes]:
        environment = {**variables(self.name), "CALLOUT_PUBLIC_URL": self.url}
        with open(self.data / f"{self.name}-{process}.log", "ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=CHECKOUT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(started)
        return started

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
