"""Uploads that are still arriving: fencing, offsets, torn files, full disks."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from media.store import BlobKey, Claim, DiskBlobStore, DiskStaging, Fenced, NotStored, OffsetMismatch, StorageFull

ORG = new_id()


@pytest.fixture
def staging(tmp_path: Path) -> DiskStaging:
    return DiskStaging(tmp_path / "staging", DiskBlobStore(tmp_path / "blobs"))


@pytest.fixture
def upload() -> UUID:
    return new_id()


def content(staging: DiskStaging, upload: UUID) -> bytes:
    return b"".join(staging.read(upload))


def test_an_unknown_upload_is_at_zero_and_grows(staging: DiskStaging, upload: UUID) -> None:
    claim = staging.claim(upload)
    assert claim.offset == 0
    assert staging.append(claim, [b"abc", b"def"]) == 6
    assert staging.append(staging.claim(upload, expected=6), [b"ghi"]) == 9
    assert content(staging, upload) == b"abcdefghi"


def test_a_claim_at_the_wrong_offset_fences_nobody(staging: DiskStaging, upload: UUID) -> None:
    claim = staging.claim(upload)
    with pytest.raises(OffsetMismatch) as told:
        staging.claim(upload, expected=5)
    assert told.value.offset == 0
    assert staging.append(claim, [b"still mine"]) == 10


def test_an_older_writer_cannot_add_a_byte_after_a_newer_claim(staging: DiskStaging, upload: UUID) -> None:
    old = staging.claim(upload)
    reported: list[Claim] = []

    def slow_phone() -> Iterator[bytes]:
        yield b"first"
        reported.append(staging.claim(upload))
        yield b"zombie"

    with pytest.raises(Fenced):
        staging.append(old, slow_phone())
    assert reported[0].offset == 5
    assert staging.append(staging.claim(upload, expected=5), [b" second"]) == 12
    assert content(staging, upload) == b"first second"


def test_what_arrived_before_a_cut_is_kept(staging: DiskStaging, upload: UUID) -> None:
    def cut() -> Iterator[bytes]:
        yield b"kept"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        staging.append(staging.claim(upload), cut())
    assert staging.claim(upload).offset == 4


def test_with_a_check_nothing_counts_until_it_passed(staging: DiskStaging, upload: UUID) -> None:
    staging.append(staging.claim(upload), [b"base"])

    def wrong() -> None:
        raise ValueError("checksum")

    with pytest.raises(ValueError, match="checksum"):
        staging.append(staging.claim(upload), [b"bad bytes"], wrong)
    claim = staging.claim(upload)
    assert claim.offset == 4
    assert content(staging, upload) == b"base"
    assert staging.append(claim, [b" good"], lambda: None) == 9
    assert content(staging, upload) == b"base good"


def test_a_mark_that_outlived_its_bytes_is_not_believed(staging: DiskStaging, upload: UUID) -> None:
    staging.append(staging.claim(upload), [b"0123456789"])
    os.truncate(staging.root / f"{upload.hex}.part", 4)
    assert staging.claim(upload).offset == 4


@pytest.mark.parametrize("left", [b"", b"\x01\x02"])
def test_a_torn_mark_means_start_again(staging: DiskStaging, upload: UUID, left: bytes) -> None:
    staging.append(staging.claim(upload), [b"0123456789"])
    (staging.root / f"{upload.hex}.mark").write_bytes(left)
    assert staging.claim(upload).offset == 0


def test_a_full_disk_keeps_what_was_there(staging: DiskStaging, upload: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    staging.append(staging.claim(upload), [b"safe"])
    real = os.pwrite

    def full(descriptor: int, data: bytes, position: int) -> int:
        if len(data) > 16:
            real(descriptor, bytes(data)[:8], position)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data, position)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(StorageFull):
            staging.append(staging.claim(upload), [b"x" * 100])
    assert staging.claim(upload).offset == 4
    assert content(staging, upload) == b"safe"


def test_publishing_makes_a_blob_that_discarding_leaves_alone(staging: DiskStaging, upload: UUID) -> None:
    staging.append(staging.claim(upload), [b"photo"])
    key = BlobKey(ORG, hashlib.sha256(b"photo").hexdigest())
    claim = staging.claim(upload)
    staging.publish(claim, key)
    staging.publish(claim, key)
    staging.discard(upload)
    staging.discard(upload)
    assert b"".join(staging.blobs.read(key)) == b"photo"
    assert list(staging.ids()) == []
    with pytest.raises(OffsetMismatch):
        staging.claim(upload, expected=5)


def test_an_old_claim_can_neither_publish_nor_reset(staging: DiskStaging, upload: UUID) -> None:
    old = staging.claim(upload)
    staging.append(old, [b"photo"])
    staging.claim(upload)
    with pytest.raises(Fenced):
        staging.publish(old, BlobKey(ORG, "0" * 64))
    with pytest.raises(Fenced):
        staging.reset(old)
    assert content(staging, upload) == b"photo"


def test_a_writer_finds_itself_fenced_after_a_discard(staging: DiskStaging, upload: UUID) -> None:
    claim = staging.claim(upload)

    def ended_meanwhile() -> Iterator[bytes]:
        yield b"some"
        staging.discard(upload)
        yield b"more"

    with pytest.raises(Fenced):
        staging.append(claim, ended_meanwhile())
    with pytest.raises(NotStored):
        content(staging, upload)


def test_the_last_bytes_are_durable_before_the_blob_has_its_name(
    staging: DiskStaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, deeds = new_id(), []
    real = DiskBlobStore.link
    monkeypatch.setattr(os, "fsync", lambda file: deeds.append(os.readlink(f"/proc/self/fd/{file}")))
    monkeypatch.setattr(os, "fdatasync", os.fsync)
    monkeypatch.setattr(DiskBlobStore, "link", lambda *args: (deeds.append("link"), real(*args)))
    claim = staging.claim(upload)
    assert staging.append(claim, [b"whole"], last=5) == 5
    staging.publish(claim, BlobKey(ORG, hashlib.sha256(b"whole").hexdigest()))
    assert deeds.index(str(staging.root / f"{upload.hex}.part")) < deeds.index("link")
    assert deeds[-1] == str(staging.root.parent / "blobs" / ORG.hex / hashlib.sha256(b"whole").hexdigest()[:2])


def test_a_store_that_takes_nothing_leaves_the_last_bytes_durable(
    staging: DiskStaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, deeds = new_id(), []
    monkeypatch.setattr(os, "fdatasync", lambda file: deeds.append(os.readlink(f"/proc/self/fd/{file}")))

    def away(*_args: object) -> None:
        raise OSError("the store is away")

    monkeypatch.setattr(DiskBlobStore, "link", away)
    claim = staging.claim(upload)
    staging.append(claim, [b"whole"], last=5)
    with pytest.raises(OSError, match="away"):
        staging.publish(claim, BlobKey(ORG, hashlib.sha256(b"whole").hexdigest()))
    assert {str(staging.root / f"{upload.hex}{end}") for end in (".part", ".mark")} <= set(deeds)
    assert staging.claim(upload).offset == 5
