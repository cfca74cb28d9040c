"""Finished files: named by content, durable, read by range."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from media.store import BlobKey, DiskBlobStore, NotStored

ORG = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobStore:
    return DiskBlobStore(tmp_path / "blobs")


def everything(blobs: DiskBlobStore, key: BlobKey, *span: int) -> bytes:
    return b"".join(blobs.read(key, *span))


def test_bytes_come_back_under_the_hash_of_their_content(blobs: DiskBlobStore) -> None:
    key = blobs.put(ORG, [b"front ", b"door"])
    assert key.sha256 == hashlib.sha256(b"front door").hexdigest()
    assert everything(blobs, key) == b"front door"
    assert blobs.size(key) == 10


def test_the_same_bytes_twice_are_one_blob_and_leave_nothing_behind(blobs: DiskBlobStore) -> None:
    first, second = blobs.put(ORG, [b"x" * 100_000]), blobs.put(ORG, [b"x" * 99_999, b"x"])
    assert first == second
    assert list(blobs.keys()) == [first]
    assert [p for p in blobs.root.iterdir() if p.is_file()] == []


def test_organisations_do_not_share_blobs(blobs: DiskBlobStore) -> None:
    mine, theirs = blobs.put(ORG, [b"same"]), blobs.put(new_id(), [b"same"])
    blobs.delete(theirs)
    assert everything(blobs, mine) == b"same"


@pytest.mark.parametrize("span", [(0, 1), (3, 7), (65_536, 65_537), (65_535, 131_073), (199_999, 200_000), (5,)])
def test_ranges(blobs: DiskBlobStore, span: tuple[int, ...]) -> None:
    data = bytes(i * 7 % 251 for i in range(200_000))
    key = blobs.put(ORG, [data])
    assert everything(blobs, key, *span) == data[slice(*span) if len(span) == 2 else slice(span[0], None)]


def test_a_missing_blob_is_told_at_once(blobs: DiskBlobStore) -> None:
    key = BlobKey(ORG, "0" * 64)
    assert blobs.size(key) is None
    with pytest.raises(NotStored):
        blobs.read(key)
    blobs.delete(key)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_key_can_only_be_a_hash(name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        BlobKey(ORG, name)


def test_a_source_that_breaks_leaves_no_blob(blobs: DiskBlobStore) -> None:
    def broken() -> object:
        yield b"half"
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="dead"):
        blobs.put(ORG, broken())
    assert list(blobs.keys()) == []
    assert [p for p in blobs.root.rglob("*") if p.is_file()] == []


def test_what_is_old_goes_and_what_was_stored_again_stays(blobs: DiskBlobStore) -> None:
    now = datetime.now(UTC)
    month, key = timedelta(days=30), blobs.put(ORG, [b"old"])
    os.utime(blobs.path(key), ((now - 2 * month).timestamp(),) * 2)
    assert blobs.put(ORG, [b"old"]) == key, "the same bytes come again"
    assert not blobs.delete_older(key, now - month)
    assert everything(blobs, key) == b"old"
    os.utime(blobs.path(key), ((now - 2 * month).timestamp(),) * 2)
    assert blobs.delete_older(key, now - month)
    assert not blobs.delete_older(key, now - month)
    assert (blobs.size(key), [p for p in blobs.root.iterdir() if p.is_file()]) == (None, [])


def test_storing_again_while_it_is_removed_never_loses_it(blobs: DiskBlobStore) -> None:
    """Whoever was told that the bytes are stored finds them, however the two meet."""
    now, key = datetime.now(UTC), blobs.put(ORG, [b"both"])
    long_ago = ((now - timedelta(days=60)).timestamp(),) * 2
    lost: list[int] = []

    def store_again(turn: int) -> None:
        blobs.put(ORG, [b"both"])
        together.wait()
        if blobs.size(key) != 4:
            lost.append(turn)

    for turn in range(60):
        os.utime(blobs.path(key), long_ago)
        together = threading.Barrier(2)
        thread = threading.Thread(target=store_again, args=(turn,))
        thread.start()
        blobs.delete_older(key, now - timedelta(days=30))
        together.wait()
        thread.join()
    assert lost == []
