"""Server-Sent Events: `event: poke` with the newest cursor, a heartbeat, never data."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from flask import Response
from redis.exceptions import RedisError

from app.kernel.config import config
from app.kernel.problems import UNAVAILABLE
from app.kernel.tasks import redis_connection
from sync import pokes
from sync.protocol.cursor import Cursor
from sync.scope import Scope

MAX_STREAMS = 16
HEARTBEAT_S = 20.0
RETRY_AFTER_S = 30

_places = threading.BoundedSemaphore(MAX_STREAMS)


def open_stream(scope: Scope, at: Cursor) -> Response:
    """A stream for one client, beginning with where the feed stands. It ends with the access token's time.

    Raises 503 with Retry-After when this worker serves as many as it can, or Redis is away.
    """
    if not _places.acquire(blocking=False):
        raise UNAVAILABLE("Too many streams are open here; pulling works as ever.", retry_after=RETRY_AFTER_S)
    try:
        subscription = redis_connection().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        subscription.subscribe(pokes.channel(scope.org_id))
    except Exception as error:
        _places.release()
        if not isinstance(error, RedisError | OSError):
            raise
        raise UNAVAILABLE("No pokes at the moment; pulling works as ever.", retry_after=RETRY_AFTER_S) from None
    response = Response(_events(subscription, scope, at), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(_closing(subscription))
    return response


def _closing(subscription: Any) -> Any:
    once = threading.Lock()

    def close() -> None:
        if once.acquire(blocking=False):
            subscription.close()
            _places.release()

    return close


def _events(subscription: Any, scope: Scope, at: Cursor) -> Iterator[bytes]:
    mine = set(scope.buckets)
    end = time.monotonic() + config().access_token_ttl
    yield f"retry: {RETRY_AFTER_S * 1000}\n\n".encode() + _poke(at)
    quiet_since = time.monotonic()
    while (now := time.monotonic()) < end:
        try:
            message = subscription.get_message(timeout=max(0.0, quiet_since + HEARTBEAT_S - now))
        except (RedisError, OSError):
            return
        pos = pokes.concerns(message["data"], mine) if message else None
        if pos is not None:
            yield _poke(Cursor(at.gen, pos))
        elif time.monotonic() - quiet_since >= HEARTBEAT_S:
            yield b": heartbeat\n\n"
        else:
            continue
        quiet_since = time.monotonic()


def _poke(cursor: Cursor) -> bytes:
    return b"event: poke\ndata: %d\n\n" % int(cursor)
