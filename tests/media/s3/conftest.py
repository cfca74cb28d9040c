"""A Swift for all tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.ids import new_id
from media.store.s3 import S3BlobStore, connect

HERE = Path(__file__).parent
BUCKET = "callout-media"


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where Swift's S3 face listens; the environment holds what signs requests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ACCESS_KEY_ID", "test:tester")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    folder = tmp_path_factory.mktemp("swift")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, str(HERE / "serve.py"), str(folder)], stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert server.stdout is not None
        told = server.stdout.readline()
        assert told, (folder / "log").read_text()
        listening = int(told)
        connect(f"http://127.0.0.1:{listening}", "us-east-1").create_bucket(Bucket=BUCKET)
        yield listening
    finally:
        server.kill()
        server.wait()
        patch.undo()


def store_at(address: str, prefix: str = "") -> S3BlobStore:
    """A store in the bucket of these tests."""
    return S3BlobStore(connect(address, "us-east-1"), BUCKET, prefix)


@pytest.fixture
def blobs(port: int) -> S3BlobStore:
    """An empty store."""
    return store_at(f"http://127.0.0.1:{port}", f"{new_id()}/")
