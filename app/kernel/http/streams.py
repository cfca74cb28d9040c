"""Server-Sent Events: hints, never the data. Capped per worker, so that streams cannot eat the threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from flask import Response

from app.kernel.config import config
from app.kernel.problems import UNAVAILABLE

MAX_STREAMS = 16
HEARTBEAT_S = 20.0
RETRY_AFTER_S = 30
HEARTBEAT = ": heartbeat\n\n"
RETRY = f"retry: {RETRY_AFTER_S * 1000}\n\n"

_places = threading.BoundedSemaphore(MAX_STREAMS)


def frame(data: str, *, event: str, event_id: str | None = None) -> str:
    """One event as on the wire; `data` is one line."""
    named = f"id: {event_id}\n" if event_id else ""
    return f"{named}event: {event}\ndata: {data}\n\n"


def stream(frames: Iterator[str], close: Callable[[], None] = lambda: None) -> Response:
    """An answer that sends `frames` as they come, until the access token's time is over; `close` is called at its end.

    Raises 503 with Retry-After when this worker has no place left; `close` is then the caller's.
    """
    if not _places.acquire(blocking=False):
        raise UNAVAILABLE("All live connections of this server are taken; pull instead.", retry_after=RETRY_AFTER_S)
    response = Response(_sent(frames), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    # Also when the client is gone before the first frame was asked for.
    response.call_on_close(_once(close, _places.release))
    return response


def _sent(frames: Iterator[str]) -> Iterator[bytes]:
    end = time.monotonic() + config().access_token_ttl
    before = RETRY
    for text in frames:
        yield (before + text).encode()
        before = ""
        if time.monotonic() >= end:
            return


def _once(*deeds: Callable[[], None]) -> Callable[[], None]:
    """Does the deeds the first time that it is called, from whichever thread."""
    first = threading.Lock()

    def run() -> None:
        if first.acquire(blocking=False):
            for deed in deeds:
                deed()

    return run
