"""Files in an object store that checks signatures, conditions and checksums, and fails in the middle."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.kernel.ids import new_id
from app.kernel.problems import UNAVAILABLE, Problem
from media import places
from media.store import BlobKey, DiskStaging, NotStored
from media.store.s3 import S3BlobStore
from tests.media.clients.bad_network import BadNetwork, Fault
from tests.media.s3.conftest import store_at
from tests.media.scene import Scene, picture, sha256

pytestmark = [pytest.mark.faults]

ORG, OTHER = new_id(), new_id()
DATA = os.urandom(300_000)


def everything(blobs: S3BlobStore, key: BlobKey, *span: int) -> bytes:
    return b"".join(blobs.read(key, *span))


def test_bytes_come_back_under_the_hash_of_their_content(blobs: S3BlobStore) -> None:
    key = blobs.put(ORG, [DATA[:100_000], DATA[100_000:]])
    assert key.sha256 == hashlib.sha256(DATA).hexdigest()
    assert everything(blobs, key) == DATA
    assert blobs.size(key) == len(DATA)
    at = blobs.stored_at(key)
    assert at is not None
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=10)


@pytest.mark.parametrize("span", [(0, 10), (5, 300_000), (299_999, 300_000), (7, 7), (300_000, 300_000), (10,)])
def test_ranges(blobs: S3BlobStore, span: tuple[int, ...]) -> None:
    key = blobs.put(ORG, [DATA])
    assert everything(blobs, key, *span) == DATA[slice(*(span if len(span) == 2 else (span[0], None)))]


def test_the_same_bytes_twice_are_one_blob_of_one_organisation(blobs: S3BlobStore) -> None:
    first, second = blobs.put(ORG, [DATA]), blobs.put(ORG, [DATA])
    other = blobs.put(OTHER, [DATA])
    assert first == second
    assert set(blobs.keys()) == {first, other}
    assert list(blobs.keys(ORG)) == [first]
    blobs.delete(first)
    blobs.delete(first)
    assert (blobs.size(first), blobs.stored_at(first)) == (None, None)
    with pytest.raises(NotStored):
        blobs.read(first)
    assert everything(blobs, other) == DATA


def test_a_name_that_is_taken_is_never_replaced(blobs: S3BlobStore, tmp_path: Path) -> None:
    key = BlobKey(ORG, sha256(DATA))
    at = f"{blobs.prefix}{ORG.hex}/{key.sha256}"
    blobs.client.put_object(Bucket=blobs.bucket, Key=at, Body=b"somebody else's")
    (tmp_path / "file").write_bytes(DATA)
    with pytest.raises(Problem) as refused:
        blobs.link(tmp_path / "file", key)
    assert refused.value.kind is UNAVAILABLE
    assert everything(blobs, key) == b"somebody else's", "for a person to look at"


def test_bytes_that_are_not_what_their_name_says_are_refused(blobs: S3BlobStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA[:-1] + b"x")
    key = BlobKey(ORG, sha256(DATA))
    with pytest.raises(Problem):
        blobs.link(tmp_path / "file", key)
    assert blobs.size(key) is None


def test_a_wrong_secret_is_refused(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(Problem) as refused:
        store_at(f"http://127.0.0.1:{port}").put(ORG, [DATA])
    assert refused.value.kind is UNAVAILABLE


def test_signed_addresses_serve_one_file_as_told(blobs: S3BlobStore) -> None:
    key, other = blobs.put(ORG, [DATA]), blobs.put(ORG, [b"secret"])
    url = blobs.address(key, {"content-type": "image/jpeg", "content-disposition": "inline"}, 60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == DATA
        assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("image/jpeg", "inline")
    for forged in (url.replace(key.sha256, other.sha256), url.replace("image%2Fjpeg", "text%2Fhtml")):
        assert forged != url
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(forged)
        assert refused.value.code == 403


def test_a_store_that_fails_in_the_middle_loses_nothing(
    port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene, data = Scene(), picture(size=(900, 700), quality=98)
    with BadNetwork(port, [Fault("RST", 2_000)] * 3) as network:
        store = store_at(network.address, f"{new_id()}/")
        staging = DiskStaging(tmp_path / "uploads", store)
        monkeypatch.setattr(places, "_opened", lambda _folder: (store, staging))
        told = {"media_id": new_id(), "sha256": sha256(data), "visit_id": scene.visit_id, "filetype": "image/jpeg"}
        address = scene.create(len(data), **told).headers["Location"]
        failed = scene.patch(address, 0, data)
        assert (failed.status_code, "Retry-After" in failed.headers) == (503, True)
        assert network.suffered == ["RST"] * 3
        assert scene.media(told["media_id"]).state == "awaiting", "no receipt before the store has it"
        again = scene.head(address)
        assert (again.status_code, again.headers["Upload-Complete"]) == (200, "?1")
        assert everything(store, BlobKey(scene.org_id, sha256(data))) == data
        scene.run_tasks()
        content = f"/api/v1/media/{told['media_id']}"
        assert scene.engineer.get(f"{content}/content").data == data
        assert scene.engineer.get(f"{content}/thumbnail").mimetype == "image/webp"
        link = scene.engineer.post(f"{content}/link", json={}).json["url"]
        sent = scene.engineer.get(link[link.index("/api/") :])
        assert sent.status_code == 307
        with urllib.request.urlopen(sent.headers["Location"]) as served:
            assert served.read() == data
