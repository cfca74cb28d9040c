"""What the server answers about an upload. `Upload-Complete: ?1` with the hash is the receipt for durable bytes."""

from __future__ import annotations

import base64

from media.uploads import wire
from media.uploads.rows import Upload
from media.uploads.wire import Answer


def created(base: str, upload: Upload, offset: int | None) -> Answer:
    """201 with the address; `offset` when bytes came along or had come before."""
    headers = {"Location": f"{base}/{upload.id}", **_fate(upload)}
    if offset is not None:
        headers["Upload-Offset"] = str(offset)
    return Answer(201, headers)


def progress(upload: Upload, offset: int) -> Answer:
    """204 after a PATCH."""
    return Answer(204, {"Upload-Offset": str(offset), **_fate(upload)})


def state(upload: Upload, offset: int) -> Answer:
    """200 to a HEAD: everything a client needs to go on."""
    headers = {"Cache-Control": "no-store", **_fate(upload)}
    if upload.kind != "final" or upload.complete:
        headers["Upload-Offset"] = str(offset)
    if upload.length is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(upload.length)
    if upload.raw_metadata:
        headers["Upload-Metadata"] = upload.raw_metadata
    if upload.kind == "partial":
        headers["Upload-Concat"] = "partial"
    elif upload.kind == "final":
        headers["Upload-Concat"] = "final;" + " ".join(str(part) for part in upload.parts)
    return Answer(200, headers)


def options(max_size: int) -> Answer:
    """204 to OPTIONS: what this server can do."""
    return Answer(
        204,
        {
            "Tus-Version": wire.VERSION,
            "Tus-Extension": wire.EXTENSIONS,
            "Tus-Max-Size": str(max_size),
            "Tus-Checksum-Algorithm": ",".join(wire.ALGORITHMS),
        },
    )


def _fate(upload: Upload) -> dict[str, str]:
    if upload.complete and upload.blob:
        digest = base64.b64encode(bytes.fromhex(upload.blob)).decode()
        return {"Upload-Complete": "?1", "Repr-Digest": f"sha-256=:{digest}:"}
    return {"Upload-Expires": wire.http_date(upload.expires_at)}
