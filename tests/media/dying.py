"""Processes that do one thing and die by SIGKILL in the middle: `python -m tests.media.dying`, one order a line.

An order is JSON: `step` (of STEPS), `folder` of the media, and either `task` and `org`, or `call` (method, path,
headers, body as hex). Each is carried out by a fork of this process, which has loaded everything and holds no thread
and no connection; its exit status is printed. (A fork of the tests' own process could hang on a lock of some thread
there.)
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.kernel import tasks
from media import places, upload_rows
from media.commands import files, sealing
from media.store import DiskBlobStore, DiskStaging
from tests import factories


def dies(*_args: object, **_named: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def after(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step`, and death right after it."""

    def deadly(*args: Any, **named: Any) -> Any:
        step(*args, **named)
        dies()

    return deadly


STEPS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the blob has its name": (DiskBlobStore, "link", dies),
    "when the blob has its name": (DiskBlobStore, "link", after(DiskBlobStore.link)),
    "in the transaction": (files, "arrive", after(files.arrive)),
    "when it is committed": (upload_rows.DatabaseRows, "complete", after(upload_rows.DatabaseRows.complete)),
    "when the staged copy is gone": (DiskStaging, "discard", after(DiskStaging.discard)),
    "when the report is stored": (sealing, "_written", dies),
    "before the task is committed": (tasks, "_finish", dies),
}


def carry_out(order: dict[str, Any]) -> None:
    """The work of one order, in the process that dies of it."""
    setattr(*STEPS[order["step"]])
    folder = Path(order["folder"])
    places.root = lambda: folder
    if "task" in order:
        tasks.run(order["task"], order["org"])
    else:
        method, path, headers, body = order["call"]
        factories.app().test_client().open(path, method=method, headers=headers, data=bytes.fromhex(body))


def main() -> None:
    """Reads orders until there are none."""
    factories.app()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                carry_out(json.loads(line))
            finally:
                os._exit(1)  # it lived too long
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
