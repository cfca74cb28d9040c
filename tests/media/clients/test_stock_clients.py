"""tus-js-client and tuspy, unchanged, through a network that cuts, stalls and loses answers: one file, whole, once."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from app.kernel.ids import new_id
from tests.clients.installed import command
from tests.media.clients.bad_network import BadNetwork, Fault
from tests.media.scene import TUS, UPLOADS, sha256
from tests.media.test_real_server import DATA, Server, server  # noqa: F401 - a fixture

pytestmark = [pytest.mark.committed, pytest.mark.faults]

HERE = Path(__file__).parent
TRIES = 5
FAULTS = [
    Fault("deaf"), Fault("FIN", 90_000), Fault("RST", 200_000), Fault("stall", 150_000), Fault("RST", 700),
    Fault("FIN", 130_001), Fault("RST", 65_536), Fault("FIN", 300_000),
]  # fmt: skip
Send = Callable[[str, str, Path, dict[str, str]], str]


def by_tuspy(endpoint: str, token: str, file: Path, metadata: dict[str, str]) -> str:
    """Uploads as a Python program does; announcing again when that failed is the program's own affair."""
    client = TusClient(endpoint, {"Authorization": f"Bearer {token}"})
    uploader = client.uploader(str(file), chunk_size=500_000, metadata=metadata, retries=40, retry_delay=0)
    for _ in range(TRIES):
        try:
            uploader.upload()
        except TusCommunicationError:
            if uploader.url is not None:
                raise  # that is what its own retries are for
            continue
        return str(uploader.url)
    raise AssertionError("it could not even be announced")


def by_tus_js_client(endpoint: str, token: str, file: Path, metadata: dict[str, str]) -> str:
    """Uploads as a browser or a Node program does."""
    order = {"endpoint": endpoint, "token": token, "file": str(file), "metadata": metadata, "chunkSize": 500_000}
    ran = subprocess.run(
        [*command(HERE / "upload.mjs"), json.dumps(order)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("send", [by_tuspy, by_tus_js_client])
def test_the_file_arrives_whole_and_once(
    server: Server,  # noqa: F811
    send: Send,
    tmp_path: Path,
) -> None:
    file, media_id = tmp_path / "photo.bin", str(new_id())
    file.write_bytes(DATA)
    metadata = {"media_id": media_id, "sha256": sha256(DATA), "filename": "Foto ä.bin"}
    with BadNetwork(server.port, list(FAULTS)) as network:
        address = send(network.address + UPLOADS, server.token, file, metadata)
        assert network.suffered == [fault.kind for fault in FAULTS]
    path = address.removeprefix(network.address)
    status, headers = server.call("HEAD", path)
    assert (status, headers["Upload-Complete"]) == (200, "?1")
    found = answer(server, f"/api/v1/media/{media_id}")
    assert (found["state"], found["sha256"], found["size"]) == ("complete", sha256(DATA), len(DATA))
    assert found["filename"] == "Foto ä.bin"
    assert server.create(media_id=media_id) == path, "announcing it again is the same upload"


def answer(server: Server, path: str) -> Any:  # noqa: F811
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    line.request("GET", path, headers=server.headers(**TUS))
    found = json.loads(line.getresponse().read())
    line.close()
    return found
