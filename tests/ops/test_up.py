"""`./callout up` with real processes: ready, refused twice, killed with everything, back again, stopped cleanly."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.folders import CHECKOUT
from ops.postgres import Postgres
from ops.processes import end, started_at, wait_until, with_variable, working_in
from ops.redis import Redis
from ops.supervisor import MARK

pytestmark = pytest.mark.faults
READY_S = 300
WORK_OF_THE_DEMO = {
    "SELECT count(*) >= 80 FROM jobs": "the demo day is made",
    "SELECT count(*) > 0 FROM tasks WHERE state = 'done'": "the relay hands over and a worker works",
    "SELECT count(*) > 0 FROM sync_state": "the drainer stamps",
}


def _as_from_a_terminal() -> None:
    """A shell that runs the tests in the background ignores Ctrl-C, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Up:
    """One `up` on `data`, with its output in a file."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.output = data, data.parent / "output"
        self.output.touch()
        command = [sys.executable, "-m", "app.cli", "up", "--port", str(port), "--data", str(data)]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, stdout=output, stderr=output, preexec_fn=_as_from_a_terminal
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def until_ready(self) -> "Up":
        wait_until(lambda: "Ready after" in self.said or self.process.poll() is not None, READY_S, 0.2)
        assert "Ready after" in self.said, self.said + self.logs()
        return self

    def logs(self) -> str:
        return "\n".join(f"{path}\n{path.read_text()[-2000:]}" for path in (self.data / "logs").glob("*.log"))

    def kill_everything(self) -> None:
        """As a machine that loses its patience would: all processes at once, nobody asked."""
        redis = [int(line) for line in redis_pids(self.data)]
        everything = [self.process.pid, *with_variable(MARK, str(self.data)), *redis]
        for pid in [*everything, *working_in(self.data / "postgres", "postgres")]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def redis_pids(data: Path) -> list[str]:
    log = (data / "logs" / "redis.log").read_text()
    return re.findall(r"pid=(\d+), just started", log)[-1:]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def folder(data: Path) -> Iterator[Path]:
    """A data folder whose processes are gone afterwards, whatever happened."""
    yield data
    end(with_variable(MARK, str(data)))
    Redis(data).stop()
    Postgres(data).stop()


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[int], "Up"]]:
    """Starts an `up` on the folder; none outlives the test."""
    started: list[Up] = []

    def begin(port: int) -> Up:
        started.append(Up(folder, port))
        return started[-1]

    yield begin
    for up in started:
        up.process.kill()
        up.process.wait()


def answers(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return int(answer.status)


def signs_in(port: int, said: str) -> bool:
    """Uses the e-mail address and the password that `up` prints."""
    email, password = re.search(r"(dispatcher@\S+)", said), re.search(r"Password +(\S+)", said)
    assert email, said
    assert password, said
    body = json.dumps({"email": email[1], "password": password[1]}).encode()
    url = f"http://127.0.0.1:{port}/api/v1/auth/token"
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return "access_token" in json.load(answer)


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def ask(data: Path, query: str) -> bool:
    return Postgres(data).sql(query, "callout").strip() == "t"


def test_a_working_day_of_up(folder: Path, port: int, start: Callable[[int], Up]) -> None:
    first = start(port).until_ready()
    assert answers(port, "/healthz") == 200
    assert signs_in(port, first.said)
    for proof, of in WORK_OF_THE_DEMO.items():
        assert wait_until(lambda query=proof: ask(folder, query), READY_S, 0.5), f"{of}\n{first.logs()}"  # type: ignore[misc]

    second = subprocess.run(first.process.args, cwd=CHECKOUT, capture_output=True, text=True)  # type: ignore[arg-type]
    assert second.returncode == 1
    assert f"process {first.process.pid} serves http://127.0.0.1:{port}" in second.stderr

    first.kill_everything()
    again = start(port).until_ready()
    assert answers(port, "/readyz") == 200

    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(180) == 0
    assert again.said.rstrip().endswith("Stopped.")
    assert with_variable(MARK, str(folder)) == []
    assert not Postgres(folder).running()
    assert not Redis(folder).running()


def test_a_killed_server_comes_back_by_itself(folder: Path, port: int, start: Callable[[int], Up]) -> None:
    up = start(port).until_ready()
    servers = [pid for pid in with_variable(MARK, str(folder)) if b"app.cli.server" in cmdline(pid)]
    assert len(servers) >= 3, "a parent and its workers"
    os.kill(
        min(servers, key=lambda pid: int(started_at(pid) or 0)), signal.SIGKILL
    )  # the parent alone: its workers must not keep the port

    def back() -> bool:
        try:
            return "server ended" in up.said and answers(port, "/readyz") == 200
        except OSError:
            return False

    assert wait_until(back, READY_S, 0.2), up.said + up.logs()

    postmaster = (folder / "postgres" / "postmaster.pid").read_text().split()[0]
    for pid in (postmaster, *redis_pids(folder)):
        os.kill(int(pid), signal.SIGKILL)
    assert wait_until(lambda: "Postgres crashed and was" in up.said and "Redis crashed" in up.said, READY_S, 0.2), (
        up.said
    )
    assert wait_until(back, READY_S, 0.2), up.said + up.logs()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(180) == 0


def test_a_taken_port_is_said_before_anything_starts(folder: Path, start: Callable[[int], Up]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        up = start(taken.getsockname()[1])
        assert up.process.wait(180) == 1
    assert "--port" in up.said
    assert not Postgres(folder).running()
