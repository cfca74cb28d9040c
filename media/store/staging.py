"""Uploads that are still arriving, on the local disk: `<root>/<upload>.part` beside `<root>/<upload>.mark`.

The mark holds two numbers, the epoch of the newest claim and the offset that counts. Every step reads it and acts
under a file lock that lives as long as the step, so claims of other threads and processes never wait for a phone.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from media.store.durable import full_disk_is_told, make_folder, sync_folder, write_at
from media.store.protocol import PIECE, BlobKey, BlobStore, Claim, Fenced, NotStored, OffsetMismatch

_MARK = struct.Struct("<QQ")


@dataclass
class _Open:
    """The two open files of one upload."""

    part: int
    mark: int

    @contextmanager
    def locked(self) -> Iterator[None]:
        fcntl.flock(self.mark, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self.mark, fcntl.LOCK_UN)

    def load(self) -> tuple[int, int]:
        """(epoch, offset); the offset never reaches past the bytes, even when a power cut tore the two apart."""
        data = os.pread(self.mark, _MARK.size, 0)
        epoch, offset = _MARK.unpack(data) if len(data) == _MARK.size else (0, 0)
        return epoch, min(offset, os.fstat(self.part).st_size)

    @property
    def discarded(self) -> bool:
        """Whether the upload was removed between opening and locking it."""
        return os.fstat(self.mark).st_nlink == 0

    def store(self, epoch: int, offset: int) -> None:
        write_at(self.mark, _MARK.pack(epoch, offset), 0)

    def demand(self, claim: Claim) -> int:
        """The offset that counts now; raises Fenced when `claim` is no longer the newest."""
        epoch, offset = self.load()
        if epoch != claim.epoch:
            raise Fenced(f"upload {claim.upload_id} was taken over")
        return offset


class DiskStaging:
    """A Staging on one file system; when its blob store is on it too, publishing is a link and not a copy."""

    def __init__(self, root: Path, blobs: BlobStore) -> None:
        self.root = root
        self.blobs = blobs
        make_folder(root)

    def claim(self, upload_id: UUID, expected: int | None = None) -> Claim:
        """Takes over the upload and fences older writers, unless it is not at `expected`."""
        while True:
            try:
                with self._open(upload_id, create=not expected) as files:
                    with files.locked():
                        if files.discarded:
                            continue
                        epoch, offset = files.load()
                        if expected is not None and expected != offset:
                            raise OffsetMismatch(offset)
                        os.ftruncate(files.part, offset)
                        files.store(epoch + 1, offset)
                    if offset:
                        os.fdatasync(files.part)
                    return Claim(upload_id, epoch + 1, offset)
            except NotStored:
                raise OffsetMismatch(0) from None

    def append(
        self,
        claim: Claim,
        pieces: Iterable[bytes],
        check: Callable[[], None] | None = None,
        last: int | None = None,
    ) -> int:
        """Writes the pieces after the claim's offset; see the protocol."""
        position = claim.offset
        with self._open(claim.upload_id) as files:
            try:
                for piece in pieces:
                    with files.locked(), full_disk_is_told():
                        files.demand(claim)
                        write_at(files.part, piece, position)
                        position += len(piece)
                        if check is None:
                            files.store(claim.epoch, position)
                if check is not None:
                    check()
                    with files.locked():
                        files.demand(claim)
                        files.store(claim.epoch, position)
            finally:
                if position != last:
                    self._settle(files, first=claim.offset == 0)
        return position

    def _settle(self, files: _Open, *, first: bool) -> None:
        with full_disk_is_told():
            os.fdatasync(files.part)
            os.fdatasync(files.mark)
        if first:
            sync_folder(self.root)

    def reset(self, claim: Claim) -> None:
        """Back to offset 0 for the holder of `claim`."""
        with self._open(claim.upload_id) as files, files.locked():
            files.demand(claim)
            files.store(claim.epoch, 0)
            os.ftruncate(files.part, 0)

    def read(self, upload_id: UUID) -> Iterator[bytes]:
        """The counted bytes in pieces."""
        with self._open(upload_id) as files:
            with files.locked():
                _, end = files.load()
            position = 0
            while position < end:
                piece = os.pread(files.part, min(PIECE, end - position), position)
                if not piece:
                    raise NotStored(str(upload_id))
                position += len(piece)
                yield piece

    def publish(self, claim: Claim, key: BlobKey) -> None:
        """Links the staged file into the blob store; the staged name stays until `discard`."""
        with self._open(claim.upload_id) as files, files.locked():
            files.demand(claim)
            with full_disk_is_told():
                os.fsync(files.part)
            try:
                self.blobs.link(self._part(claim.upload_id), key)
            except BaseException:
                self._settle(files, first=True)  # the offset will be told, so it has to be durable after all
                raise

    def discard(self, upload_id: UUID) -> None:
        """Removes the upload. Its mark goes first under the lock: a writer that still holds it finds itself fenced."""
        try:
            with self._open(upload_id) as files, files.locked():
                epoch, _ = files.load()
                files.store(epoch + 1, 0)
                self._mark(upload_id).unlink(missing_ok=True)
                self._part(upload_id).unlink(missing_ok=True)
        except NotStored:
            return

    def offset(self, upload_id: UUID) -> int:
        """How many bytes count already; nobody is fenced by the question."""
        try:
            with self._open(upload_id) as files:
                return files.load()[1]
        except NotStored:
            return 0

    def ids(self) -> Iterator[UUID]:
        """Every staged upload."""
        for path in self.root.glob("*.mark"):
            yield UUID(hex=path.stem)

    def _part(self, upload_id: UUID) -> Path:
        return self.root / f"{upload_id.hex}.part"

    def _mark(self, upload_id: UUID) -> Path:
        return self.root / f"{upload_id.hex}.mark"

    @contextmanager
    def _open(self, upload_id: UUID, *, create: bool = False) -> Iterator[_Open]:
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        descriptors: list[int] = []
        try:
            for path in (self._part(upload_id), self._mark(upload_id)):
                descriptors.append(_open_file(path, flags))
            yield _Open(*descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def _open_file(path: Path, flags: int) -> int:
    try:
        with full_disk_is_told():
            return os.open(path, flags, 0o640)
    except FileNotFoundError:
        raise NotStored(path.stem) from None
