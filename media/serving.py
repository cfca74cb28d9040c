"""Sends stored bytes: ranges, validators, and headers that keep a hostile file from acting as a page of ours."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from app.kernel.http.rendering import problem_response
from app.kernel.problems import Problem
from media import places
from media.images.kinds import KINDS
from media.models import Media
from media.problems import MEDIA_NOT_READY, MEDIA_QUARANTINED, RANGE_NOT_SATISFIABLE
from media.store import BlobKey

OPAQUE = "application/octet-stream"
ADDRESS_S = 60
CACHE = "private, max-age=31536000, immutable"
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
    "Cache-Control": CACHE,
}


def original(media: Media) -> Response:
    """The file as it came. Only what decoding has shown to be picture, sound or film may appear inside a page."""
    demand_here(media)
    assert media.sha256 is not None
    assert media.size is not None
    mime, name, inline = _presented(media)
    return send(BlobKey(media.org_id, media.sha256), media.size, mime, name, inline=inline)


def elsewhere(media: Media) -> str | None:
    """Where the object store serves the original for a minute, with the same type and name; None on a disk."""
    demand_here(media)
    assert media.sha256 is not None
    mime, name, inline = _presented(media)
    told = {"content-type": mime, "content-disposition": disposition(name, inline=inline), "cache-control": "private"}
    return places.blobs().address(BlobKey(media.org_id, media.sha256), told, ADDRESS_S)


def _presented(media: Media) -> tuple[str, str, bool]:
    """(type, name, whether it may appear inside a page)."""
    kind = KINDS.get(media.mime or "") if media.state == "complete" else None
    name = media.filename or f"{media.id}{'.' + kind.extension if kind else ''}"
    return kind.mime if kind else OPAQUE, name, bool(kind and kind.inline)


def demand_here(media: Media) -> None:
    """Raises 409 for a file whose bytes are still awaited or being scanned, 403 for one in quarantine."""
    if media.state == "awaiting" or media.sha256 is None or media.size is None:
        raise MEDIA_NOT_READY("The bytes of this file have not arrived yet.")
    if media.state == "scan_pending":
        raise MEDIA_NOT_READY("The bytes of this file are here and wait for the scanner.")
    if media.state == "quarantined":
        raise MEDIA_QUARANTINED("The bytes of this file are kept, and given to nobody.")


def thumbnail(media: Media, size: int) -> Response:
    """A small upright picture. Raises 409 while there is none, or when the file is no picture."""
    small = media.thumbnails.get(str(size))
    if small is None:
        reason = "has none" if media.inspected_at else "is not there yet"
        raise MEDIA_NOT_READY(f"A small picture of this file {reason}.")
    key = BlobKey(media.org_id, small["sha256"])
    return send(key, small["size"], "image/webp", f"{media.id}-{size}.webp", inline=True)


def send(key: BlobKey, size: int, mime: str, filename: str, *, inline: bool) -> Response:
    """The blob, or the range of it that was asked for: 200, 206, 304 or 416."""
    headers = {**HEADERS, "ETag": f'"{key.sha256}"', "Content-Disposition": disposition(filename, inline=inline)}
    if key.sha256 in request.if_none_match:
        return Response(status=304, headers=headers)
    try:
        wanted = _range(key.sha256, size)
    except Problem as problem:
        refused = problem_response(problem)
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    start, stop = wanted or (0, size)
    headers["Content-Length"] = str(stop - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    pieces = places.blobs().read(key, start, stop)
    status = 206 if wanted else 200
    return Response(pieces, status, headers, mimetype=mime, direct_passthrough=True)


def _range(etag: str, size: int) -> tuple[int, int] | None:
    """(start, stop) of a single range of bytes; None when the whole file is wanted. Raises 416."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or request.method != "GET":
        return None
    if "If-Range" in request.headers and request.if_range.etag != etag:
        return None
    first, _ = asked.ranges[0]
    found = asked.range_for_length(size)
    if first is not None and first < 0 < size <= -first:
        return 0, size  # the last bytes, more than there are: the whole file, still as 206 (RFC 9110, 14.1.2)
    if found is None or found[0] >= found[1]:
        raise RANGE_NOT_SATISFIABLE(f"The file has {size} bytes.")
    return found


def disposition(filename: str, *, inline: bool) -> str:
    """`Content-Disposition` for a name in any script."""
    shown = "".join(c for c in filename if c.isprintable() and c not in '/\\"')[:150] or "file"
    plain = shown.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='', errors='replace')}"
