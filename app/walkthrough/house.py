"""A server of the tour's own: fresh data, a fresh demo day, gone afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import OpsError
from ops.folders import CHECKOUT

READY_S = 900  # a slow machine; it ends at once when the server does


@contextmanager
def server(data: Path) -> Iterator[str]:
    """Runs `./callout up` on an empty folder `data` and a free port; yields the address. Stops and removes it after."""
    shutil.rmtree(data, ignore_errors=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "up", "--port", str(port), "--data", str(data)]
    log = data.with_suffix(".log")
    with open(log, "wb") as output:
        process = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _await_ready(process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def seed(data: Path, city: str) -> str:
    """Makes a day in `city`, in an organisation of its own, on a running server's data; returns the addresses' tag."""
    command = [sys.executable, "-m", "app.cli", "seed", "--city", city, "--seed", "7", "--data", str(data)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OpsError(f"No day in {city}: {done.stderr[-1000:]}")
    return f".{'-'.join(city.lower().replace('.', '').split())}-7"


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until `up` says that it is ready: the server may answer while the demo day is still being made."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        said = log.read_text()
        if "Ready after" in said:
            return
        if process.poll() is not None:
            raise OpsError(f"The server of the walkthrough ended:\n{said[-2000:]}")
        time.sleep(0.2)
    raise OpsError(f"The server of the walkthrough was not ready in time. Its log: {log}")
