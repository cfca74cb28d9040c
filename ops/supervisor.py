"""Keeps Callout's processes running: starts them, restarts what crashes, stops them in order.

Every child carries the mark of its data folder in its environment, and so do its own children. After a kill -9 of
everything the next start finds what was left by that mark and ends it, and never touches anybody else's process.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ops.errors import OpsError
from ops.folders import CHECKOUT, make_folder
from ops.processes import end, wait_until, with_variable

MARK = "CALLOUT_SUPERVISED"
BACKOFF_S = (0.5, 1, 2, 5, 10, 30)
HEALTHY_AFTER_S = 60
LOOK_EVERY_S = 0.3
LOG_LIMIT_BYTES = 20_000_000


@dataclass(frozen=True)
class Program:
    """What to run.

    Args:
        name: One word; also the name of its log.
        command: Program and arguments.
        patience: Seconds between asking it to stop and killing it.
    """

    name: str
    command: Sequence[str]
    patience: float = 10


@dataclass
class Child:
    """A program and its present process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    since: float = 0
    crashes: int = 0
    again_at: float = 0


@dataclass
class Supervisor:
    """Runs `programs` for one data folder; their output goes to `data`/logs.

    Args:
        data: The data folder.
        environment: Variables that the programs get besides our own.
        programs: They stop in the opposite order.
        tell: Called with one line when something noteworthy happens.
    """

    data: Path
    environment: Mapping[str, str]
    programs: Sequence[Program]
    tell: Callable[[str], None]
    children: list[Child] = field(init=False)

    def __post_init__(self) -> None:
        self.children = [Child(program) for program in self.programs]

    def end_leftovers(self) -> None:
        """End what an earlier run of this data folder left behind. Only its lock's holder may call this."""
        left = with_variable(MARK, str(self.data))
        if left:
            self.tell(f"Ending {len(left)} processes that an earlier run left behind")
            end(left)

    def start(self, *names: str) -> None:
        """Start the programs of these names, or every one that does not run yet."""
        for child in self.children:
            if child.process is None and (not names or child.program.name in names):
                self._launch(child)

    def log(self, name: str) -> Path:
        """The log of the program `name`."""
        return self.data / "logs" / f"{name}.log"

    def look(self) -> None:
        """Restart, after a growing pause, what has ended by itself."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if child.crashes and now >= child.again_at:
                    self._launch(child)
            elif child.process.poll() is not None:
                self._crashed(child, now)

    def run(self, stopping: Callable[[float], bool]) -> None:
        """Look after the programs until `stopping(seconds)`, a wait, returns True."""
        while not stopping(LOOK_EVERY_S):
            self.look()

    def stop(self) -> None:
        """Ask the programs to stop, the last first, and kill those that do not; then end their own leftovers."""
        for child in reversed(self.children):
            if child.process and child.process.poll() is None:
                child.process.terminate()
                if not wait_until(lambda process=child.process: process.poll() is not None, child.program.patience):  # type: ignore[misc]
                    self.tell(f"{child.program.name} does not stop and is killed")
                    child.process.kill()
                    child.process.wait()
        end(with_variable(MARK, str(self.data)))

    def _launch(self, child: Child) -> None:
        path = self.log(child.program.name)
        make_folder(path.parent, 0o711)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        environment = {**os.environ, **self.environment, MARK: str(self.data)}
        with open(path, "ab") as log:
            try:
                child.process = subprocess.Popen(
                    child.program.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=CHECKOUT,
                    env=environment,
                    start_new_session=True,  # the terminal's Ctrl-C is for us; we stop the children in order
                )
            except OSError as failed:
                raise OpsError(f"{child.program.name} cannot be started: {failed}") from failed
        child.since = time.monotonic()

    def _crashed(self, child: Child, now: float) -> None:
        assert child.process
        if now - child.since > HEALTHY_AFTER_S:
            child.crashes = 0
        pause = BACKOFF_S[min(child.crashes, len(BACKOFF_S) - 1)]
        child.crashes += 1
        child.again_at = now + pause
        name, code = child.program.name, child.process.returncode
        with suppress(ProcessLookupError):  # its own children would keep the port, and work without a parent
            os.killpg(child.process.pid, signal.SIGKILL)
        self.tell(f"{name} ended ({code}); again in {pause} s. Its log: {self.log(name)}")
        child.process = None
