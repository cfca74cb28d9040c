"""The state machine of resumable uploads: create, head, patch, end. Bytes go to `Staging`, facts to `UploadRows`.

Beyond tus: creating is idempotent by `media_id` and `sha256`; HEAD and PATCH take over from older writers; an upload
is complete only when its bytes are durable and its row is committed, and only then the answer says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.problems import DUPLICATE, FORBIDDEN, STATE_CONFLICT, TOO_LARGE, Problem, not_found
from media.problems import STORAGE_FULL, UPLOAD_CHECKSUM, UPLOAD_GONE, UPLOAD_OFFSET, UPLOAD_TAKEN_OVER
from media.store.protocol import BlobKey, Claim, Fenced, NotStored, OffsetMismatch, Staging, StorageFull
from media.uploads import answers, promises, wire
from media.uploads.rows import Upload, UploadRows
from media.uploads.wire import Answer, Body


@dataclass(frozen=True)
class Limits:
    """max_size: bytes of one file. lifetime: how long an upload may lie idle before it expires."""

    max_size: int = 2 * 1024**3
    lifetime: timedelta = timedelta(days=7)


class Uploads:
    """The uploads of one person. `org_id` and `owner_id` say whose; `base` is the path under which uploads live."""

    def __init__(
        self,
        rows: UploadRows,
        staging: Staging,
        *,
        org_id: UUID,
        owner_id: UUID,
        base: str,
        limits: Limits | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.rows = rows
        self.staging = staging
        self.org_id = org_id
        self.owner_id = owner_id
        self.base = base
        self.limits = limits or Limits()
        self.now = now

    def create(self, headers: Mapping[str, str], body: Body) -> Answer:
        """POST: a new upload, or the one that this promise made before; with its first bytes, if they come along."""
        wire.require_version(headers)
        kind, addresses = wire.concat(headers)
        parts = [self._part(address) for address in addresses]
        length = promises.length(headers, self.limits.max_size, parts if kind == "final" else None)
        checksum = wire.checksum(headers)
        if body.length != 0:
            wire.require_body_type(headers)
        promised = Upload(
            id=new_id(),
            org_id=self.org_id,
            owner_id=self.owner_id,
            length=length,
            expires_at=self.now() + self.limits.lifetime,
            kind=kind,
            parts=tuple(part.id for part in parts),
            **promises.metadata(headers.get("Upload-Metadata")),
        )
        upload = self._promised(promised)
        if kind == "final":
            return answers.created(self.base, self._concatenate(upload), None)
        return self._begin(upload, body, checksum)

    def head(self, upload_id: UUID, headers: Mapping[str, str]) -> Answer:
        """HEAD: the offset that the next PATCH must name. Whoever wrote until now is fenced."""
        wire.require_version(headers)
        upload = self._own(upload_id)
        if upload.complete:
            return answers.state(upload, upload.length or 0)
        claim = self.staging.claim(upload.id)
        if claim.offset == upload.length and upload.kind != "partial":
            try:
                return answers.state(self._finish(upload, claim), claim.offset)
            except Problem as problem:
                if problem.kind is not UPLOAD_CHECKSUM:
                    raise
                claim = replace(claim, offset=0)
        return answers.state(upload, claim.offset)

    def patch(self, upload_id: UUID, headers: Mapping[str, str], body: Body) -> Answer:
        """PATCH: more bytes at the offset that the client knows."""
        wire.require_version(headers)
        wire.require_body_type(headers)
        offset = wire.number(headers, "Upload-Offset")
        if offset is None:
            raise wire.bad_header("Upload-Offset", "Say at which offset these bytes belong.")
        checksum = wire.checksum(headers)
        upload = self._own(upload_id)
        if upload.kind == "final":
            raise FORBIDDEN("A concatenated upload takes no bytes of its own.")
        length = promises.late_length(headers, upload, offset, self.limits.max_size)
        if upload.complete:
            if offset != upload.length:
                raise UPLOAD_OFFSET("The upload is complete.", offset=upload.length)
            return answers.progress(upload, offset)
        self._room(upload, length, offset, body)
        with _told_as_problems():
            claim = self.staging.claim(upload.id, expected=offset)
            if length != upload.length and length is not None:
                self.rows.set_length(upload.id, length)
                upload = replace(upload, length=length)
            return answers.progress(*self._write(upload, claim, body, checksum))

    def known(self, upload_id: UUID) -> Upload:
        """The upload as it stands; 404 for another person's, 410 when it has expired."""
        return self._own(upload_id)

    def put(self, media_id: UUID, length: int, sha256: str | None, told: dict[str, str], body: Body) -> Upload:
        """The whole file in one request, with the same guarantees; bytes that came before are written anew."""
        if length > self.limits.max_size:
            raise TOO_LARGE(f"A file may have {self.limits.max_size} bytes.", limit=self.limits.max_size)
        promised = Upload(
            id=new_id(),
            org_id=self.org_id,
            owner_id=self.owner_id,
            length=length,
            expires_at=self.now() + self.limits.lifetime,
            media_id=media_id,
            sha256=sha256,
            metadata=told,
        )
        upload = self._promised(promised)
        if upload.complete:
            return upload
        with _told_as_problems():
            self.staging.reset(self.staging.claim(upload.id))
            claim = self.staging.claim(upload.id, expected=0)
            if upload.length is None:
                self.rows.set_length(upload.id, length)
            return self._write(replace(upload, length=length), claim, body, None)[0]

    def end(self, upload_id: UUID, headers: Mapping[str, str]) -> Answer:
        """DELETE: the client gives the upload up. A complete one is evidence and stays."""
        wire.require_version(headers)
        upload = self._own(upload_id)
        if upload.complete:
            raise STATE_CONFLICT("A complete upload cannot be ended; its file is kept.")
        self.rows.remove(upload.id)
        self.staging.discard(upload.id)
        return Answer(204)

    def _promised(self, promised: Upload) -> Upload:
        upload = self.rows.add(promised)
        if not upload.same_promise(promised):
            raise DUPLICATE("Another file was announced under this media_id.", media_id=str(promised.media_id))
        return upload

    def _begin(self, upload: Upload, body: Body, checksum: wire.Checksum | None) -> Answer:
        if upload.complete:
            return answers.created(self.base, upload, upload.length)
        with _told_as_problems():
            if body.length == 0 and upload.length != 0:
                return answers.created(self.base, upload, None)
            claim = self.staging.claim(upload.id)
            if claim.offset > 0:
                return answers.created(self.base, upload, claim.offset)
            self._room(upload, upload.length, 0, body)
            upload, offset = self._write(upload, claim, body, checksum)
            return answers.created(self.base, upload, offset)

    def _room(self, upload: Upload, length: int | None, offset: int, body: Body) -> None:
        room = (self.limits.max_size if length is None else length) - offset
        if body.length is not None and body.length > room:
            raise TOO_LARGE("These bytes reach past the end of the upload.", limit=room)

    def _write(self, upload: Upload, claim: Claim, body: Body, checksum: wire.Checksum | None) -> tuple[Upload, int]:
        """Appends the body and, when it was the last of it, finishes the upload. Returns both as they are now."""
        end = self.limits.max_size if upload.length is None else upload.length
        pieces = body.pieces(end - claim.offset)
        whole = hashlib.sha256()
        pieces = _counted(pieces, whole)
        if checksum:
            pieces = checksum.watch(pieces)
        last = None if upload.kind == "partial" else upload.length
        offset = self.staging.append(claim, pieces, checksum.check if checksum else None, last)
        if offset == upload.length and upload.kind != "partial":
            digest = whole.hexdigest() if claim.offset == 0 else None
            return self._finish(upload, replace(claim, offset=offset), digest), offset
        return self._extend(upload), offset

    def _extend(self, upload: Upload) -> Upload:
        """Moves the expiry, at most once an hour: a busy upload should not write a row for each piece."""
        expires_at = self.now() + self.limits.lifetime
        if expires_at - upload.expires_at < timedelta(hours=1):
            return upload
        self.rows.extend(upload.id, expires_at)
        return replace(upload, expires_at=expires_at)

    def _finish(self, upload: Upload, claim: Claim, digest: str | None = None) -> Upload:
        """All bytes are there: compares their hash with the promise, makes them durable, commits, says so."""
        try:
            sha256 = digest or self._hash(upload.id)
            if upload.sha256 not in (None, sha256):
                self.staging.reset(claim)
                raise UPLOAD_CHECKSUM("The file does not have the announced sha256; send it again from the start.")
            self.staging.publish(claim, BlobKey(self.org_id, sha256))
        except (Fenced, NotStored):
            return self._finished_by_another(upload)
        self.rows.complete(upload, sha256, claim.offset)
        self.staging.discard(upload.id)
        return replace(upload, complete=True, blob=sha256)

    def _finished_by_another(self, upload: Upload) -> Upload:
        present = self.rows.get(upload.id)
        if present is None or not present.complete:
            raise UPLOAD_TAKEN_OVER("A newer request has taken over this upload; ask for its offset.")
        return present

    def _hash(self, upload_id: UUID) -> str:
        digest = hashlib.sha256()
        for piece in self.staging.read(upload_id):
            digest.update(piece)
        return digest.hexdigest()

    def _concatenate(self, upload: Upload) -> Upload:
        if upload.complete:
            return upload
        with _told_as_problems():
            claim = self.staging.claim(upload.id)
            self.staging.reset(claim)
            claim = self.staging.claim(upload.id, expected=0)
            pieces = (piece for part in upload.parts for piece in self.staging.read(part))
            whole = hashlib.sha256()
            offset = self.staging.append(claim, _counted(pieces, whole), last=upload.length)
            return self._finish(upload, replace(claim, offset=offset), whole.hexdigest())

    def _part(self, address: str) -> Upload:
        """The finished partial upload at `address` (a path or a whole URL)."""
        part = self._own(promises.upload_id(address))
        if part.kind != "partial" or part.length is None or self.staging.claim(part.id).offset != part.length:
            raise STATE_CONFLICT(f"{address} is not a finished partial upload.")
        return part

    def _own(self, upload_id: UUID) -> Upload:
        upload = self.rows.get(upload_id)
        if upload is None or upload.owner_id != self.owner_id:
            raise not_found("upload")
        if not upload.complete and upload.expires_at <= self.now():
            raise UPLOAD_GONE("This upload lay idle for too long and has expired; create it again.")
        return upload


def _counted(pieces: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


class _told_as_problems:
    """Turns what the staging area raises into problems for the client."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Fenced):
            raise UPLOAD_TAKEN_OVER("A newer request has taken over this upload; ask for its offset.") from error
        if isinstance(error, OffsetMismatch):
            raise UPLOAD_OFFSET(f"The upload is at {error.offset}.", offset=error.offset) from error
        if isinstance(error, StorageFull):
            raise STORAGE_FULL("The server has no room left; what it has of this file is kept.") from error
        if isinstance(error, NotStored):
            raise UPLOAD_TAKEN_OVER("This upload was ended meanwhile.") from error
