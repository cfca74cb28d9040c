"""Who runs on a data folder: a lock that dies with its holder, and a line about them."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import OpsError
from ops.folders import make_folder


@contextmanager
def present(data: Path, doing: str) -> Iterator[None]:
    """Have this data folder for oneself, as `./callout up` and a restore must.

    Args:
        doing: What others are told about us, such as `"serves http://127.0.0.1:8000"`.

    Raises:
        OpsError: Another process has it; says which, and what it does.
    """
    make_folder(data, 0o711)
    with open(data / "up.lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OpsError(
                f"Callout is busy with {data}: {_about(data)}.",
                "Stop it first (Ctrl-C), or choose another data folder with --data.",
            ) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "doing": doing}))
        file.flush()
        yield


def _about(data: Path) -> str:
    try:
        found = json.loads((data / "up.lock").read_text())
        return f"process {found['pid']} {found['doing']}"
    except (ValueError, KeyError):
        return "a process that is just starting"
