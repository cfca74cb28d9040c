"""Uploads by tus beside the reference server of Node on the same disk; small pictures and reports in CPU seconds."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import http.client
import io
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from bench import fleet
from bench.figures import Report, Spread
from bench.house import House, house
from ops.node import find

PEERS = Path(__file__).with_name("peers")
RUNS = 3
BIG, SMALL, COUNT = 200_000_000, 2_000_000, 200
HELD = 32
PIECE = 1 << 20


@dataclass
class Server:
    """One tus server: where uploads are made, and with which headers."""

    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)

    def link(self) -> http.client.HTTPConnection:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        link.connect()
        link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def create(self, link: http.client.HTTPConnection, size: int) -> str:
        """The path of a new upload."""
        name = base64.b64encode(os.urandom(8).hex().encode()).decode()
        told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}", "Content-Length": "0"}
        answer = self._ask(link, "POST", self.path, told, b"")
        return urlsplit(answer.headers["Location"]).path

    def send(self, link: http.client.HTTPConnection, data: bytes) -> None:
        """A whole upload: announced, then its bytes in one PATCH."""
        told = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        answer = self._ask(link, "PATCH", self.create(link, len(data)), told, data)
        if answer.headers["Upload-Offset"] != str(len(data)):
            raise RuntimeError("not all bytes were taken")

    def _ask(
        self, link: http.client.HTTPConnection, method: str, path: str, told: dict[str, str], data: bytes
    ) -> http.client.HTTPResponse:
        link.request(method, path, data, {"Tus-Resumable": "1.0.0", **self.headers, **told})
        answer = link.getresponse()
        answer.read()
        if answer.status not in (201, 204):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return answer


def run(report: Report) -> None:
    """`media-upload`."""
    with house() as servers, tempfile.TemporaryDirectory(dir=servers.data, prefix="peer-") as folder:
        (phone,) = fleet.make(1, 1)
        ours = Server(servers.port, "/api/v1/media/uploads", {"Authorization": f"Bearer {phone.token()}"})
        with peer(Path(folder)) as theirs:
            data = os.urandom(BIG)
            _beside(report, "1 × 200 MB", 1, [data], ours, theirs, "goal ≥ 0.7 ×")
            files = [data[start : start + SMALL] for start in range(0, BIG, SMALL)] * (COUNT * SMALL // BIG)
            for links, goal in ((1, ""), (6, "goal > 1 ×")):
                _beside(report, f"{COUNT} × 2 MB, {links} connection(s)", links, files, ours, theirs, goal)
        report.add("memory of an upload under way", f"{_memory(servers, ours):.2f} MB", "goal < 2 MB")
        shutil.rmtree(servers.data / "media", ignore_errors=True)
    report.add("small pictures of a 12 megapixel JPEG", cpu(_pictures).told("ms of CPU", 1000), "1600 and 320, WebP")
    report.add("a report rendered and sealed", cpu(_sealed()).told("ms of CPU", 1000), "goal < 300 ms")


def _beside(report: Report, what: str, links: int, files: list[bytes], ours: Server, theirs: Server, goal: str) -> None:
    """The same files to both, in turns. Theirs are not made durable, ours are hashed, fsynced and in the database."""
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(RUNS):
        for name, server in (("theirs", theirs), ("ours", ours)):
            times[name].append(_sent(server, links, files))
            os.sync()  # nobody pays for what the other left in the cache
    size = sum(map(len, files)) / 1e6
    mine, other = (Spread.of([size / seconds for seconds in times[name]]) for name in ("ours", "theirs"))
    report.add(what, mine.told("MB/s"), goal)
    report.add(f"{what}, @tus/server", other.told("MB/s"), "no fsync, no hash")
    report.add(f"{what}, ratio", f"{mine.median / other.median:.2f}")


def _sent(server: Server, links: int, files: list[bytes]) -> float:
    """Seconds until all files are there. Each begins with other bytes: nothing is known already."""
    waiting = iter([os.urandom(16) + data[16:] for data in files])
    lock, faults = threading.Lock(), []

    def carry() -> None:
        link = server.link()
        try:
            while True:
                with lock:
                    data = next(waiting, None)
                if data is None:
                    return
                server.send(link, data)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            faults.append(error)
        finally:
            link.close()

    begun = time.perf_counter()
    threads = [threading.Thread(target=carry) for _ in range(links)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - begun


def _memory(servers: House, ours: Server) -> float:
    """MB for each of HELD uploads that stand in the middle of their bytes."""
    before, links = servers.memory_mb("server"), []
    for _ in range(HELD):
        links.append(link := ours.link())
        path = ours.create(link, SMALL)
        link.putrequest("PATCH", path)
        told = {**ours.headers, "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Length": str(SMALL)}
        for name, value in {**told, "Content-Type": "application/offset+octet-stream"}.items():
            link.putheader(name, value)
        link.endheaders(os.urandom(SMALL // 2))
    time.sleep(2)
    held = servers.memory_mb("server")
    for link in links:
        link.close()
    return (held - before) / HELD


@contextmanager
def peer(folder: Path) -> Iterator[Server]:
    """@tus/server of the exact version in `peers/package-lock.json`, installed when it is not there."""
    node = find()
    stamp, lock = PEERS / "node_modules" / ".callout", PEERS / "package-lock.json"
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        state = hashlib.sha256(held.read()).hexdigest()
        if not stamp.exists() or stamp.read_text() != state:
            subprocess.run(node.command("ci", "--no-progress"), cwd=PEERS, env=node.environment(), check=True)
            stamp.write_text(state)
    command = [str(node.node), str(PEERS / "tus_server.mjs"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=node.environment()) as process:
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()), "/files")
        finally:
            process.kill()


def cpu(work: Callable[[], object], runs: int = 5) -> Spread:
    """CPU seconds of `work` in this process and its children; the first run is not counted."""
    spent = []
    for _ in range(runs + 1):
        before = _used()
        work()
        spent.append(_used() - before)
    return Spread.of(spent[1:])


def _used() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _pictures() -> None:
    from media.images import inspect

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "in.jpg"
        file.write_bytes(PHOTO)
        (Path(name) / "out").mkdir()
        with file.open("rb") as source:
            assert len(inspect(source, Path(name) / "out").derivatives) == 2


def _photo() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((1000, 750), 60).resize((4000, 3000)).convert("RGB").save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


PHOTO = _photo()


def _sealed() -> Callable[[], object]:
    from media.reports import render
    from media.reports.seal import seal
    from media.reports.sealkey import demo_seal
    from tests.media.reports.samples import document, report

    key = demo_seal("Bench", datetime.now(UTC))
    one = report(document("zh"))
    return lambda: seal(render(one), key, reason="bench")
