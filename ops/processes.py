"""Looking at running processes through /proc, so that only our own leftovers are ever ended."""

import os
import signal
import time
from collections.abc import Callable, Iterable
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


def working_in(folder: Path, name: str) -> list[int]:
    """The pids of processes called `name` whose current folder is `folder`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = os.readlink(entry / "cwd") == str(folder) and (entry / "comm").read_text().strip() == name
        except OSError:
            continue
        if ours:
            found.append(int(entry.name))
    return found


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
