"""Server-Sent Events: `event: poke` with the newest cursor, a heartbeat, never data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Response
from redis.exceptions import RedisError

from app.kernel.http.streams import HEARTBEAT, HEARTBEAT_S, RETRY_AFTER_S, frame, stream
from app.kernel.problems import UNAVAILABLE, Problem
from app.kernel.tasks import redis_connection
from sync import pokes
from sync.protocol.cursor import Cursor
from sync.scope import Scope


def open_stream(scope: Scope, at: Cursor) -> Response:
    """A stream for one client, beginning with where the feed stands.

    Raises 503 with Retry-After when this worker serves as many as it can, or Redis is away.
    """
    try:
        subscription = redis_connection().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        subscription.subscribe(pokes.channel(scope.org_id))
    except (RedisError, OSError):
        raise UNAVAILABLE("No pokes at the moment; pulling works as ever.", retry_after=RETRY_AFTER_S) from None
    try:
        return stream(_events(subscription, scope, at), subscription.close)
    except Problem:
        subscription.close()
        raise


def _events(subscription: Any, scope: Scope, at: Cursor) -> Iterator[str]:
    mine = set(scope.buckets)
    yield _poke(at)
    quiet_since = time.monotonic()
    while True:
        try:
            message = subscription.get_message(timeout=max(0.0, quiet_since + HEARTBEAT_S - time.monotonic()))
        except (RedisError, OSError):
            return
        pos = pokes.concerns(message["data"], mine) if message else None
        if pos is not None:
            yield _poke(Cursor(at.gen, pos))
        elif time.monotonic() - quiet_since >= HEARTBEAT_S:
            yield HEARTBEAT
        else:
            continue
        quiet_since = time.monotonic()


def _poke(cursor: Cursor) -> str:
    return frame(str(int(cursor)), event="poke")
