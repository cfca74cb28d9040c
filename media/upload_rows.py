"""Uploads as rows of the database, for the state machine: every step is a short transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import delete, func, select, update

from app.kernel import tasks
from app.kernel.actor import Actor
from app.kernel.db import Tx, transaction
from app.kernel.http.schemas import Moment
from app.kernel.problems import DUPLICATE
from media import places
from media.commands import files
from media.models import Media, UploadRow
from media.problems import STORAGE_FULL
from media.settings import settings
from media.uploads import Upload, wire
from media.uploads.promises import row_id

EXPIRE = "media.expire"


class DatabaseRows:
    """`media.uploads.UploadRows` of one actor. An upload without `media_id` becomes the file of its own id."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def add(self, upload: Upload) -> Upload:
        """Keeps a new upload and announces its file, or gives back the upload that exists for its `media_id`."""
        with transaction(self.actor) as tx:
            if upload.kind == "partial":
                return _insert(tx, replace(upload, media_id=None))
            media_id = upload.media_id or upload.id
            media = files.announce(tx, media_id, announced(upload))  # nobody else works on this id until the commit
            known = _known(tx, media_id)
            if known is not None:
                return known
            if media.state != "awaiting":
                return _insert(tx, _already_here(upload, media), media_id)
            _room(tx, upload.length or 0)
            return _insert(tx, replace(upload, sha256=media.sha256), media_id)

    def get(self, upload_id: UUID) -> Upload | None:
        with transaction(self.actor) as tx:
            row = tx.find(UploadRow, upload_id)
            return _upload(row) if row else None

    def set_length(self, upload_id: UUID, length: int) -> None:
        self._update(upload_id, length=length)

    def extend(self, upload_id: UUID, expires_at: Any) -> None:
        self._update(upload_id, expires_at=expires_at)

    def _update(self, upload_id: UUID, **values: Any) -> None:
        with transaction(self.actor) as tx:
            tx.session.execute(update(UploadRow).where(UploadRow.id == upload_id).values(**values))

    def complete(self, upload: Upload, sha256: str, size: int) -> None:
        """The file is complete together with its upload."""
        with transaction(self.actor) as tx:
            row = tx.get(UploadRow, upload.id, lock=True)
            if row.complete:
                return
            row.complete, row.blob, row.length = True, sha256, size
            tx.session.flush()
            if row.kind != "partial":
                files.arrive(tx, row.media_id or row.id, sha256, size)

    def remove(self, upload_id: UUID) -> None:
        with transaction(self.actor) as tx:
            end(tx, upload_id)


def end(tx: Tx, upload_id: UUID) -> None:
    """Removes an incomplete upload, and its file if nothing else knows of it."""
    gone = delete(UploadRow).where(UploadRow.id == upload_id, UploadRow.complete.is_(False)).returning(UploadRow)
    row = tx.session.scalars(gone).one_or_none()
    if row is not None and row.kind != "partial":
        files.forget(tx, row.media_id or row.id)


def expire(tx: Tx) -> int:
    """Removes the incomplete uploads of the organisation that lay idle for too long. Returns how many.

    A file that a visit or a sign-off waits for stays `awaiting`: only the bytes that came so far are dropped.
    """
    idle = select(UploadRow.id).where(UploadRow.complete.is_(False), UploadRow.expires_at <= tx.now)
    expired = tx.session.scalars(idle.with_for_update(skip_locked=True)).all()
    for upload_id in expired:
        end(tx, upload_id)
        places.staging().discard(upload_id)
    return len(expired)


def announced(upload: Upload) -> dict[str, Any]:
    """What the upload's metadata say of the file. Raises 400 for values that are of no use."""
    told = upload.metadata
    data: dict[str, Any] = {
        "sha256": upload.sha256,
        "size": upload.length,
        "filename": _short(told.get("filename") or told.get("name")),
        "declared_type": _short(told.get("filetype") or told.get("type")),
        "caption": _short(told.get("caption")),
    }
    for name in ("visit_id", "item_id"):
        if told.get(name):
            data[name] = row_id(name, told[name])
    if told.get("captured_at"):
        try:
            data["captured_at"] = Moment().deserialize(told["captured_at"])
        except ValidationError:
            raise wire.bad_header("Upload-Metadata", "captured_at must be an RFC 3339 time with zone.") from None
    return data


def _short(text: str | None) -> str | None:
    return text[:500] if text else None


def _room(tx: Tx, length: int) -> None:
    """Raises 507 when the organisation's files would take more than the quota. What is announced stays awaited."""
    quota = settings().quota
    if quota is None:
        return
    used = tx.session.scalar(select(func.coalesce(func.sum(Media.size), 0)).where(Media.state != "awaiting")) or 0
    if used + length > quota:
        raise STORAGE_FULL("The files of this organisation have reached their quota.", quota=quota, used=int(used))


def _known(tx: Tx, media_id: UUID) -> Upload | None:
    """The upload of this file; one that has expired makes room for a new one."""
    query = select(UploadRow).where(UploadRow.media_id == media_id, UploadRow.kind != "partial")
    row = tx.session.scalars(query).one_or_none()
    if row is None or row.complete or row.expires_at > tx.now:
        return _upload(row) if row else None
    tx.session.delete(row)
    tx.session.flush()
    return None


def _already_here(upload: Upload, media: Media) -> Upload:
    """An upload that is complete from the start: its bytes came before, by another way."""
    if upload.sha256 != media.sha256:
        raise DUPLICATE("This file is complete and its bytes are not these.", media_id=str(media.id))
    return replace(upload, complete=True, blob=media.sha256, length=media.size)


def _insert(tx: Tx, upload: Upload, media_id: UUID | None = None) -> Upload:
    tx.session.add(
        UploadRow(
            id=upload.id,
            owner_id=upload.owner_id,
            media_id=media_id,
            kind=upload.kind,
            length=upload.length,
            expires_at=upload.expires_at,
            sha256=upload.sha256,
            details=upload.metadata,
            raw_metadata=upload.raw_metadata,
            parts=list(upload.parts),
            complete=upload.complete,
            blob=upload.blob,
        )
    )
    tx.session.flush()
    look_again(tx, upload.expires_at)
    return upload


def look_again(tx: Tx, expires_at: datetime) -> None:
    """Has expired uploads removed the day after `expires_at`: one task a day, however many uploads."""
    delay = max(expires_at - tx.now, timedelta()) + timedelta(days=1)
    tasks.schedule(tx, EXPIRE, {}, key=str(expires_at.date()), delay=delay)


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=row.id,
        org_id=row.org_id,
        owner_id=row.owner_id,
        length=row.length,
        expires_at=row.expires_at,
        kind=row.kind,
        media_id=row.media_id,
        sha256=row.sha256,
        metadata=row.details,
        raw_metadata=row.raw_metadata,
        parts=tuple(row.parts),
        complete=row.complete,
        blob=row.blob,
    )
