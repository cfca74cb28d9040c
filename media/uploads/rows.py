"""What is known about an upload besides its bytes, and where the state machine keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Upload:
    """One upload. `length` is None while the client has not said it; `blob` is the sha256 of a complete one.

    `media_id` and `sha256` (lower-case hex) are the client's promise and make creating idempotent; `raw_metadata` is
    given back as it came. `kind` is `single`, `partial` (a piece for concatenation) or `final` (made of `parts`).
    """

    id: UUID
    org_id: UUID
    owner_id: UUID
    length: int | None
    expires_at: datetime
    kind: str = "single"
    media_id: UUID | None = None
    sha256: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    raw_metadata: str | None = None
    parts: tuple[UUID, ...] = ()
    complete: bool = False
    blob: str | None = None

    def same_promise(self, other: Upload) -> bool:
        """Whether creating `other` again may answer with this one: same file, said by the same person.

        Without a hash only an upload that is still open may be the same: nobody is told that bytes are here which
        might be others.
        """
        mine = (self.owner_id, self.media_id, self.kind, self.parts)
        theirs = (other.owner_id, other.media_id, other.kind, other.parts)
        same_bytes = not self.complete if other.sha256 is None else other.sha256 == (self.blob or self.sha256)
        return mine == theirs and same_bytes and other.length in (None, self.length)


class UploadRows(Protocol):
    """The rows of one caller's organisation. Every call is a short transaction of its own: no body is read inside."""

    def add(self, upload: Upload) -> Upload:
        """Keeps a new upload, or gives back the one that exists for its `media_id`. Refuses with a problem."""

    def get(self, upload_id: UUID) -> Upload | None:
        """The upload with this id; None when it never was."""

    def set_length(self, upload_id: UUID, length: int) -> None:
        """Writes down a length that was deferred."""

    def extend(self, upload_id: UUID, expires_at: datetime) -> None:
        """Moves the expiry of an upload that is still in use."""

    def complete(self, upload: Upload, sha256: str, size: int) -> None:
        """Commits that the bytes are durable under `sha256`; doing it again changes nothing."""

    def remove(self, upload_id: UUID) -> None:
        """The upload was ended by its client."""
