"""Bodies that are read while they arrive, for `streamed` endpoints."""

from __future__ import annotations

from collections.abc import Callable

from flask import Request


def open_body(req: Request) -> tuple[Callable[[int], bytes], int | None]:
    """The body as it arrives: `read(n)` gives at most n bytes, b"" at the end or when the connection was cut.

    The length is the announced one; None for a chunked body.
    """
    source, length = req.environ["wsgi.input"], req.content_length
    if length is None and "chunked" not in req.headers.get("Transfer-Encoding", "").lower():
        length = 0
    left = length

    def read(most: int) -> bytes:
        nonlocal left
        try:
            piece: bytes = source.read(most if left is None else min(most, left))
        except OSError:
            return b""
        if left is not None:
            left -= len(piece)
        return piece

    return read, length
