"""A tus server without web and database: the real state machine on a real disk, its rows in a dictionary."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from media.store import BlobKey, DiskBlobStore, DiskStaging
from media.uploads import Answer, Body, Limits, Upload, Uploads

BASE = "/api/v1/media/uploads"
ORG = new_id()


@dataclass
class MemoryRows:
    """UploadRows in memory: unique by media_id, as the table is."""

    uploads: dict[UUID, Upload] = field(default_factory=dict)
    completed: list[UUID] = field(default_factory=list)

    def add(self, upload: Upload) -> Upload:
        for known in self.uploads.values():
            if upload.media_id is not None and known.media_id == upload.media_id:
                return known
        self.uploads[upload.id] = upload
        return upload

    def get(self, upload_id: UUID) -> Upload | None:
        return self.uploads.get(upload_id)

    def set_length(self, upload_id: UUID, length: int) -> None:
        self.uploads[upload_id] = replace(self.uploads[upload_id], length=length)

    def extend(self, upload_id: UUID, expires_at: datetime) -> None:
        self.uploads[upload_id] = replace(self.uploads[upload_id], expires_at=expires_at)

    def complete(self, upload: Upload, sha256: str, size: int) -> None:
        assert upload.length == size
        self.uploads[upload.id] = replace(upload, complete=True, blob=sha256)
        self.completed.append(upload.id)

    def remove(self, upload_id: UUID) -> None:
        del self.uploads[upload_id]


def body(data: bytes = b"", length: int | None = -1, before: Callable[[int], None] | None = None) -> Body:
    """A request body; `length` overrides what is announced, `before(position)` runs before each read."""
    source = io.BytesIO(data)

    def read(n: int) -> bytes:
        if before:
            before(source.tell())
        return source.read(n)

    return Body(read, len(data) if length == -1 else length)


def told(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


@dataclass
class Server:
    rows: MemoryRows
    staging: DiskStaging
    uploads: Uploads
    time: list[datetime]

    def create(self, length: int | None, data: bytes = b"", *, meta: str | None = None, **headers: str) -> Answer:
        given = {"Tus-Resumable": "1.0.0", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if length is not None:
            given["Upload-Length"] = str(length)
        if meta:
            given["Upload-Metadata"] = meta
        if data:
            given["Content-Type"] = "application/offset+octet-stream"
        return self.uploads.create(given, body(data))

    def new(self, length: int | None, **options: str) -> UUID:
        return identity(self.create(length, **options))

    def head(self, upload: UUID) -> Answer:
        return self.uploads.head(upload, {"Tus-Resumable": "1.0.0"})

    def patch(self, upload: UUID, offset: int, data: bytes | Body, **headers: str) -> Answer:
        given = {
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        return self.uploads.patch(upload, given, data if isinstance(data, Body) else body(data))

    def end(self, upload: UUID) -> Answer:
        return self.uploads.end(upload, {"Tus-Resumable": "1.0.0"})

    def stored(self, sha256: str) -> bytes:
        return b"".join(self.staging.blobs.read(BlobKey(ORG, sha256)))


def identity(answer: Answer) -> UUID:
    assert answer.status == 201
    path, _, last = answer.headers["Location"].rpartition("/")
    assert path == BASE
    return UUID(last)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    time = [datetime(2026, 3, 1, 8, tzinfo=UTC)]
    rows = MemoryRows()
    staging = DiskStaging(tmp_path / "staging", DiskBlobStore(tmp_path / "blobs"))
    limits = Limits(max_size=1_000_000, lifetime=timedelta(days=7))
    uploads = Uploads(rows, staging, org_id=ORG, owner_id=new_id(), base=BASE, limits=limits, now=lambda: time[0])
    return Server(rows, staging, uploads, time)
