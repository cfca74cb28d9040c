"""Server-Sent Events: hints, never the data. Capped per worker, so that streams cannot eat the threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from flask import Response

from app.kernel.problems import UNAVAILABLE

MAX_STREAMS = 16
HEARTBEAT_S = 20.0
RETRY_AFTER_S = 15

_places = threading.BoundedSemaphore(MAX_STREAMS)


def frame(data: str, *, event: str | None = None, event_id: str | None = None) -> str:
    """One event as on the wire; `data` is one line."""
    lines = [f"id: {event_id}"] if event_id else []
    lines += [f"event: {event}"] if event else []
    return "\n".join([*lines, f"data: {data}", "", ""])


HEARTBEAT = ": still here\n\n"


def stream(frames: Iterator[str]) -> Response:
    """An answer that sends `frames` as they come. Raises 503 with Retry-After when this worker has no place left."""
    if not _places.acquire(blocking=False):
        raise UNAVAILABLE("All live connections of this server are taken; pull instead.", retry_after=RETRY_AFTER_S)
    response = Response(_sent(frames), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    # Even when the client is gone before the first frame was asked for, the place comes back.
    response.call_on_close(_Once(_places.release))
    return response


def _sent(frames: Iterator[str]) -> Iterator[bytes]:
    for text in frames:
        yield text.encode()


class _Once:
    """Calls `function` the first time only."""

    def __init__(self, function: object) -> None:
        self._function: object | None = function

    def __call__(self) -> None:
        function, self._function = self._function, None
        if callable(function):
            function()
