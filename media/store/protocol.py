"""What a place for bytes must be able to do. The disk does it here; an object store can do it the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

PIECE = 64 * 1024
"""Bytes handled at a time: a cut connection loses at most one piece."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotStored(LookupError):
    """There is no such blob or staged upload."""


class StorageFull(OSError):
    """The disk or the quota below it is full; what was stored before stays."""


class Fenced(RuntimeError):
    """A newer claim took over this upload; nothing of the present piece was kept."""


class OffsetMismatch(ValueError):
    """The upload is not at the offset that the claim expected."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload is at {offset}")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class BlobKey:
    """The name of a finished file: its content, inside one organisation. `sha256` is lower-case hex."""

    org_id: UUID
    sha256: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError("sha256 must be 64 lower-case hex digits")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one upload from `offset` on, until somebody claims it again (a higher `epoch`)."""

    upload_id: UUID
    epoch: int
    offset: int


class BlobStore(Protocol):
    """Finished files: immutable, named by their content, durable as soon as a call returns."""

    def put(self, org_id: UUID, pieces: Iterable[bytes]) -> BlobKey:
        """Stores the bytes and returns their key; storing the same bytes again changes nothing."""

    def size(self, key: BlobKey) -> int | None:
        """Size in bytes; None when there is no such blob."""

    def read(self, key: BlobKey, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes [start, stop) in pieces. Raises NotStored at once, not at the first piece."""

    def delete(self, key: BlobKey) -> None:
        """Forgets the blob; no error when it is gone already."""

    def link(self, durable: Path, key: BlobKey) -> None:
        """Stores a file of this machine, whose bytes are fsynced and hash to the key; nobody writes to it any more."""

    def delete_older(self, key: BlobKey, moment: datetime) -> bool:
        """Forgets the blob unless it was stored, or stored again, since `moment`. Returns whether it did."""

    def keys(self, org_id: UUID | None = None) -> Iterator[BlobKey]:
        """Every stored key, of one organisation or of all, for the nightly reconcile."""

    def address(self, key: BlobKey, headers: dict[str, str], seconds: int) -> str | None:
        """Where the store itself serves the blob for so long, answering with `headers`; None when it does not."""

    def stored_at(self, key: BlobKey) -> datetime | None:
        """When the blob was stored (UTC); None when there is none."""


class Staging(Protocol):
    """Uploads that are still arriving. The newest claim alone may write: an offset once told is accepted next."""

    def claim(self, upload_id: UUID, expected: int | None = None) -> Claim:
        """Takes over the upload, so that every older writer is fenced; an unknown upload is at offset 0.

        With `expected`, raises OffsetMismatch (and fences nobody) unless the upload is exactly there.
        """

    def append(
        self,
        claim: Claim,
        pieces: Iterable[bytes],
        check: Callable[[], None] | None = None,
        last: int | None = None,
    ) -> int:
        """Writes the pieces after the claim's offset and returns the new offset, durable unless it is `last`.

        Each piece counts as soon as it is written, so what arrived before `pieces` raises is kept. With `check`,
        nothing counts until all pieces are there and `check()` returned. Raises Fenced and StorageFull.
        last: where the file ends. Who gets there publishes before anybody is told, and publishing makes durable.
        """

    def reset(self, claim: Claim) -> None:
        """Back to offset 0: the bytes turned out to be wrong."""

    def read(self, upload_id: UUID) -> Iterator[bytes]:
        """The counted bytes in pieces."""

    def publish(self, claim: Claim, key: BlobKey) -> None:
        """Makes the staged bytes the blob `key`, durable; the caller has checked that they hash to it.

        When that fails the staged bytes are durable all the same.
        """

    def discard(self, upload_id: UUID) -> None:
        """Forgets the upload and fences its writers; no error when it is gone already."""

    def offset(self, upload_id: UUID) -> int:
        """How many bytes count already, without taking the upload over; 0 for an unknown one."""

    def ids(self) -> Iterator[UUID]:
        """Every staged upload, for the reconcile."""
