"""What a client announces about a file before its bytes come, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.kernel.problems import STATE_CONFLICT, TOO_LARGE, not_found
from media.uploads import wire
from media.uploads.rows import Upload

_SHA256 = re.compile(r"[0-9a-f]{64}")


def length(headers: Mapping[str, str], max_size: int, parts: Sequence[Upload] | None) -> int | None:
    """The length of a new upload; None when deferred. For a final one it is the sum of its `parts`."""
    told = wire.number(headers, "Upload-Length")
    deferred = headers.get("Upload-Defer-Length")
    if parts is not None:
        if told is not None or deferred is not None:
            raise wire.bad_header("Upload-Length", "A concatenated upload has the length of its parts.")
        told = sum(part.length or 0 for part in parts)
    elif deferred not in (None, "1"):
        raise wire.bad_header("Upload-Defer-Length", "Upload-Defer-Length can only be 1.")
    elif (told is None) == (deferred is None):
        raise wire.bad_header("Upload-Length", "Send either Upload-Length or Upload-Defer-Length: 1.")
    return _allowed(told, max_size)


def late_length(headers: Mapping[str, str], upload: Upload, offset: int, max_size: int) -> int | None:
    """The length that a PATCH tells for an upload whose length was deferred; otherwise the one known before."""
    told = wire.number(headers, "Upload-Length")
    if told is None:
        return upload.length
    if upload.length is not None and told != upload.length:
        raise STATE_CONFLICT("The length of an upload can be told only once.", length=upload.length)
    if told < offset:
        raise wire.bad_header("Upload-Length", "The upload has more bytes already.")
    return _allowed(told, max_size)


def _allowed(told: int | None, max_size: int) -> int | None:
    if told is not None and told > max_size:
        raise TOO_LARGE(f"A file may have {max_size} bytes.", limit=max_size)
    return told


def metadata(header: str | None) -> dict[str, Any]:
    """`Upload-Metadata` as the members of an Upload: metadata, raw_metadata, media_id, sha256."""
    values = wire.metadata(header)
    sha256 = values.get("sha256")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise wire.bad_header("Upload-Metadata", "sha256 must be 64 lower-case hex digits.")
    media_id = values.get("media_id")
    return {
        "metadata": values,
        "raw_metadata": header,
        "media_id": None if media_id is None else row_id("media_id", media_id),
        "sha256": sha256,
    }


def row_id(name: str, text: str) -> UUID:
    """A UUID out of the metadata; 400 for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise wire.bad_header("Upload-Metadata", f"{name} must be a UUID.") from None


def upload_id(address: str) -> UUID:
    """The upload that an address (path or URL) names; 404 for any other address."""
    try:
        return UUID(address.rstrip("/").rpartition("/")[2])
    except ValueError:
        raise not_found("upload") from None
