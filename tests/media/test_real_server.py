"""Uploads against a real server on the loopback: cut connections, a writer that wakes up too late, kill -9."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.kernel.ids import new_id
from media.store import PIECE
from tests import factories
from tests.media.scene import TUS, UPLOADS, metadata, sha256

pytestmark = [pytest.mark.committed, pytest.mark.faults]

DATA = os.urandom(1_500_000)


@dataclass
class Server:
    """A granian process with one worker."""

    port: int
    data: Path
    token: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it has answered once."""
        options = ["--interface", "wsgi", "--blocking-threads", "8", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", *options, "wsgi:app"],
            env={**os.environ, "CALLOUT_DATA": str(self.data)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether somebody serves the port."""
        try:
            return self.call("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        """Ends server and worker as a power cut would."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def without_room(self, size: int) -> Iterator[None]:
        """Meanwhile the kernel lets the server write no file beyond `size` bytes."""
        assert self.process
        main = self.process.pid
        pids = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
        before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
        try:
            for pid, (_, hard) in zip(pids, before, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
            yield
        finally:
            for pid, limits in zip(pids, before, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **TUS, **more}

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, self.headers(**named))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers

    def create(self, **meta: object) -> str:
        told = {"Upload_Length": str(len(DATA)), "Upload_Metadata": metadata(sha256=sha256(DATA), **meta)}
        status, headers = self.call("POST", UPLOADS, **told)
        assert status == 201
        return headers["Location"]

    def offset(self, address: str) -> int:
        status, headers = self.call("HEAD", address)
        assert status == 200
        return int(headers["Upload-Offset"])

    def patch(self, address: str, offset: int) -> tuple[int, http.client.HTTPMessage]:
        told = {"Upload_Offset": str(offset), "Content_Type": "application/offset+octet-stream"}
        return self.call("PATCH", address, DATA[offset:], **told)

    def begin(self, address: str, offset: int, count: int) -> socket.socket:
        """A PATCH of everything from `offset` on, of which only `count` bytes are sent."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        told = self.headers(
            **{
                "Host": "x",
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(len(DATA) - offset),
            }
        )
        head = f"PATCH {address} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in told.items()) + "\r\n"
        line.sendall(head.encode() + DATA[offset : offset + count])
        return line

    def part(self, address: str) -> Path:
        return self.data / "media" / "uploads" / f"{address.rpartition('/')[2].replace('-', '')}.part"

    def await_bytes(self, address: str, count: int) -> None:
        """Returns when the server has written `count` bytes, so that what follows meets a writer at work."""
        part = self.part(address)
        while not part.exists() or part.stat().st_size < count:
            os.sched_yield()


def cut(line: socket.socket, how: str) -> None:
    """Ends a connection in the middle: orderly (FIN) or not (RST)."""
    if how == "RST":
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Server(port, tmp_path_factory.mktemp("server"), factories.token(factories.user("engineer")))
    try:
        running.start()
        yield running
    finally:
        running.kill()


def finished(server: Server, address: str, offset: int) -> None:
    status, headers = server.patch(address, offset)
    assert (status, headers["Upload-Complete"]) == (204, "?1")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", address, headers=server.headers())
    assert sha256(connection.getresponse().read()) == sha256(DATA)
    connection.close()


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_a_cut_costs_at_most_one_piece_and_the_offset_never_falls(server: Server, how: str) -> None:
    address = server.create()
    offset = 0
    for _ in range(8):
        sent = 150_000
        line = server.begin(address, offset, sent)
        server.await_bytes(address, offset + sent - sent % PIECE)
        cut(line, how)
        known = server.offset(address)
        assert offset + sent - PIECE <= known <= offset + sent
        offset = known
    finished(server, address, offset)


def test_a_writer_that_wakes_up_too_late_changes_nothing(server: Server) -> None:
    address = server.create()
    zombie = server.begin(address, 0, 200_000)
    server.await_bytes(address, 3 * PIECE)
    offset = server.offset(address)
    assert offset >= 3 * PIECE
    zombie.sendall(b"\0" * 400_000)
    finished(server, address, offset)
    cut(zombie, "RST")


def test_what_was_told_survives_kill_9(server: Server) -> None:
    media_id = new_id()
    address = server.create(media_id=media_id)
    line = server.begin(address, 0, 10 * PIECE)
    server.await_bytes(address, 10 * PIECE)
    told = server.offset(address)
    cut(line, "RST")
    server.kill()
    server.start()
    assert server.offset(address) == told
    assert server.create(media_id=media_id) == address
    finished(server, address, told)


def test_a_full_disk_keeps_what_has_come_and_goes_on_when_there_is_room(server: Server) -> None:
    address = server.create()
    with server.without_room(10 * PIECE):
        status, _ = server.patch(address, 0)
        assert status == 507
        told = server.offset(address)
        assert 9 * PIECE <= told <= 10 * PIECE
        assert server.patch(address, told)[0] == 507
        assert server.offset(address) >= told
        assert server.call("GET", "/healthz")[0] == 200
    finished(server, address, server.offset(address))
