"""RxDB's `pullStream`: Server-Sent Events with documents as they change.

Never the word RESYNC, of which the stock client dies: when documents cannot be sent, the stream is closed, and the
client asks again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response
from redis.exceptions import RedisError

from app.kernel import clock
from app.kernel.db import Tx, enter_organisation, new_session
from app.kernel.http.authentication import actor_of
from app.kernel.http.streams import HEARTBEAT, HEARTBEAT_S, RETRY_AFTER_S, stream
from app.kernel.problems import UNAVAILABLE, Problem
from app.kernel.tasks import redis_connection
from app.kernel.tokens import Claims
from sync import pokes
from sync.faces.rxdb import pull_documents
from sync.protocol.cursor import Cursor
from sync.pull import look
from sync.scope import Scope, scope_of

BATCH = 100


def open_stream(tx: Tx, claims: Claims, name: str) -> Response:
    """A stream of a collection's documents from now on: the client pulls what was before when it opens.

    Raises 503 with Retry-After when this worker serves as many as it can, or Redis is away.
    """
    scope = scope_of(tx.actor)
    horizon = look(tx, scope)
    at = int(Cursor(horizon.gen, horizon.head))
    try:
        subscription = redis_connection().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        subscription.subscribe(pokes.channel(scope.org_id))
    except (RedisError, OSError):
        raise UNAVAILABLE("No live changes at the moment; pulling works as ever.", retry_after=RETRY_AFTER_S) from None
    try:
        return stream(_frames(subscription, scope, claims, name, at), subscription.close)
    except Problem:
        subscription.close()
        raise


def _frames(subscription: Any, scope: Scope, claims: Claims, name: str, at: int) -> Iterator[str]:
    mine = set(scope.buckets)
    yield HEARTBEAT
    quiet_since = time.monotonic()
    while True:
        try:
            message = subscription.get_message(timeout=max(0.0, quiet_since + HEARTBEAT_S - time.monotonic()))
            if message and pokes.concerns(message["data"], mine) is not None:
                for page in _pages(claims, name, at):
                    at = page["checkpoint"]["lwt"]
                    if page["documents"]:
                        yield f"data: {orjson.dumps(page).decode()}\n\n"
                        quiet_since = time.monotonic()
        except (RedisError, OSError, Problem):
            return
        if time.monotonic() - quiet_since >= HEARTBEAT_S:
            yield HEARTBEAT
            quiet_since = time.monotonic()


def _pages(claims: Claims, name: str, at: int) -> Iterator[dict[str, Any]]:
    """What is new, each page in a transaction of its own, with the actor as he is by then."""
    full = True
    while full:
        with new_session() as session, session.begin():
            enter_organisation(session, claims.org_id, claims.user_id)
            tx = Tx(session, actor_of(session, claims), clock.now())
            page = pull_documents(tx, name, at, BATCH)
        yield page
        at, full = page["checkpoint"]["lwt"], len(page["documents"]) == BATCH
