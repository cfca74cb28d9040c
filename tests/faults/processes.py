"""Real processes for fault tests, ended as a power cut would end them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE_S = 300
DRAINER = """
import threading
from app.factory import load_rooms
from sync import drainer
load_rooms()
drainer.run(threading.Event())
"""


def await_that(holds: Callable[[], object], what: str) -> None:
    """Returns when `holds`; fails when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


@dataclass
class Process:
    """A process with children that can be killed and started again, with the same arguments."""

    arguments: tuple[str, ...]
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.running = subprocess.Popen(
            [sys.executable, *self.arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        """kill -9 of all of it."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None


class Server(Process):
    """The web server with one worker."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        options = ("--interface", "wsgi", "--blocking-threads", "8", "--port", str(self.port))
        super().__init__(("-m", "granian", *options, "wsgi:app"))

    def start(self) -> None:
        """Returns when it answers."""
        super().start()
        await_that(self.answers, "an answer of the server")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def drainer() -> Process:
    """The drainer."""
    return Process(("-c", DRAINER))
