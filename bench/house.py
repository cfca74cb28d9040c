"""A Callout of its own for a benchmark: a fresh database, and server and drainer as `./callout up` starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from app.cli.servers import upgrade
from app.cli.up import SERVER
from ops.folders import CHECKOUT, data_folder
from ops.stack import Stack

DATABASE = "callout_bench"
READY_S = 180


@dataclass
class House:
    """Where the servers of this run answer, and their processes by name."""

    port: int
    data: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str, *arguments: str) -> None:
        """Starts `python -m …` under a name, its output in the data folder."""
        with open(self.data / f"bench-{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True
            )

    def start_server(self) -> None:
        """The web server, with the settings of `up`; returns when it is ready."""
        self.start("server", "app.cli.server", *SERVER, "--port", str(self.port), "wsgi:app")
        deadline = time.monotonic() + READY_S
        while not self._ready():
            if self.processes["server"].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server does not start; see {self.data}/bench-server.log")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return True
        except (urllib.error.HTTPError, OSError):
            return False

    def end(self, name: str, number: int = signal.SIGTERM) -> None:
        """Ends a process with its children."""
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.wait()

    def memory_mb(self, name: str) -> float:
        """Proportional memory (PSS) of a process and its children, in MB."""
        parent = self.processes[name].pid
        return sum(_pss(pid) for pid in [parent, *_children(parent)]) / 1024

    def cpu_s(self, name: str) -> float:
        """Processor seconds that a process (or `postgres`) and its children have used, those that ended included."""
        if name == "postgres":
            parent = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        else:
            parent = self.processes[name].pid
        ticks = sum(_ticks(parent)) + sum(sum(_ticks(pid)[:2]) for pid in _children(parent))
        return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> list[int]:
    """User, system, and the same of children that ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return [0, 0, 0, 0]
    return [int(field) for field in stat.rpartition(")")[2].split()[11:15]]


def _children(pid: int) -> list[int]:
    below = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            below += [child, *_children(child)]
    return below


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


@contextmanager
def house(*, server: bool = True, drain: bool = True) -> Iterator[House]:
    """A house with an empty database; everything is ended and stopped when the benchmark is over."""
    stack = Stack(data_folder(None) / "bench").start()
    os.environ.update(_fresh_database(stack))
    os.environ["CALLOUT_MODE"] = "development"
    running = House(_free_port(), stack.data)
    try:
        upgrade()
        if server:
            running.start_server()
        if drain:
            running.start("drain", "app.cli", "drain", "--data", str(stack.data))
        yield running
    finally:
        for name in list(running.processes):
            running.end(name)
        stack.stop()


def _fresh_database(stack: Stack) -> dict[str, str]:
    environment = stack.environment()
    owner = environment["CALLOUT_DATABASE_OWNER_URL"]
    with create_engine(owner, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    for variable in ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_DATABASE_DRAIN_URL"):
        url = make_url(environment[variable]).set(database=DATABASE)
        environment[variable] = url.render_as_string(hide_password=False)
    return environment


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
