"""Looking at running processes through /proc, so that only our own leftovers are ever ended."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Ask `done` until it says yes (True) or `seconds` have passed (False)."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def started_at(pid: int) -> str | None:
    """When the process began, in kernel ticks since boot; with the pid it names a process. None: gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def pids() -> Iterator[int]:
    """Every process of this machine that we can see."""
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def working_in(folder: Path, name: str) -> list[int]:
    """The pids of processes called `name` whose current folder is `folder`."""

    def ours(pid: int) -> bool:
        try:
            comm = Path(f"/proc/{pid}/comm").read_text().strip()
            return comm == name and os.readlink(f"/proc/{pid}/cwd") == str(folder)
        except OSError:
            return False

    return [pid for pid in pids() if ours(pid)]


def with_variable(name: str, value: str) -> list[int]:
    """The pids of other processes that were started with `name=value` in their environment, or whose parents were."""
    wanted = f"{name}={value}".encode()

    def ours(pid: int) -> bool:
        try:
            return wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    return [pid for pid in pids() if pid != os.getpid() and ours(pid)]


def end(pids: Iterable[int], seconds: float = 5.0, first: signal.Signals = signal.SIGTERM) -> None:
    """End processes: ask with `first`, and kill those that are still there after `seconds`."""
    alive = {pid: begun for pid in pids if (begun := started_at(pid))}

    def remaining() -> list[int]:
        return [pid for pid, begun in alive.items() if started_at(pid) == begun]

    for sign, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        for pid in remaining():
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                continue
        if wait_until(lambda: not remaining(), patience):
            return
