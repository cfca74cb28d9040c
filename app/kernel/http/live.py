"""`GET /events`: what happens in the organisation, live. `Last-Event-ID` resumes; repeats may occur."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from flask import Response, request
from sqlalchemy import func, select

from app.kernel.actor import Actor
from app.kernel.behind import EVENT_CHANNEL
from app.kernel.config import config
from app.kernel.db import Tx, transaction
from app.kernel.http.blueprint import Blueprint
from app.kernel.http.rendering import dumps
from app.kernel.http.streams import HEARTBEAT, HEARTBEAT_S, frame, stream
from app.kernel.listening import AWAY, listening
from app.kernel.models import Event

# A transaction that took its event id early may commit late; ids this far back are looked at again.
LOOK_BACK = 500
MAX_BATCH = 200

blueprint = Blueprint("live", __name__, url_prefix="/api/v1", description="Live changes for the console")
log = structlog.get_logger()


@blueprint.endpoint(
    "GET",
    "/events",
    right="events.read",
    summary="Live changes (Server-Sent Events)",
    responses={200: {"content_type": "text/event-stream", "schema": {"type": "string"}}},
)
def events(tx: Tx) -> Response:
    given = request.headers.get("Last-Event-ID", "")
    newest = tx.session.scalar(select(func.coalesce(func.max(Event.id), 0))) or 0
    since = min(int(given), newest) if given.isdigit() and len(given) < 19 else newest
    return stream(_follow(tx.actor, since))


def _follow(actor: Actor, since: int) -> Iterator[str]:
    """Frames for every event after `since`, as they commit; a heartbeat when nothing happens."""
    seen: deque[int] = deque(maxlen=4 * LOOK_BACK)
    newest = since
    bell = hub().bell(actor.org_id)
    yield HEARTBEAT
    while True:
        rung = bell.count
        rows = _after(actor, since, newest, seen)
        for row in rows:
            seen.append(row.id)
            newest = max(newest, row.id)
            yield frame(dumps({"topic": row.topic, **row.payload}).decode(), event=row.topic, event_id=str(row.id))
        if not rows and not bell.wait(rung, HEARTBEAT_S):
            yield HEARTBEAT


def _after(actor: Actor, since: int, newest: int, seen: deque[int]) -> list[Any]:
    with transaction(actor) as tx:
        floor = max(since, newest - LOOK_BACK)
        query = select(Event.id, Event.topic, Event.payload).where(Event.id > floor, Event.id.not_in(list(seen)))
        return list(tx.session.execute(query.order_by(Event.id).limit(MAX_BATCH)))


class Bell:
    """Rings when the organisation has new events; waiters compare counts, so that no ring is missed."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def ring(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> bool:
        """True when it rang since `heard`, False after `seconds` of silence."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count != heard, seconds)


class Hub(threading.Thread):
    """One connection per process that listens to PostgreSQL and rings the bells."""

    def __init__(self) -> None:
        super().__init__(name="events", daemon=True)
        self._bells: dict[UUID, Bell] = defaultdict(Bell)

    def bell(self, org_id: UUID) -> Bell:
        return self._bells[org_id]

    def run(self) -> None:
        while True:
            try:
                self._listen()
            except AWAY as gone:
                log.warning("events wait for the database", reason=str(gone).splitlines()[0])
                time.sleep(2)
                for bell in list(self._bells.values()):
                    bell.ring()

    def _listen(self) -> None:
        with listening(config().database_url, EVENT_CHANNEL) as wait:
            while True:
                for org in {UUID(payload) for payload in wait(60)}:
                    self._bells[org].ring()


@lru_cache(maxsize=1)
def hub() -> Hub:
    """The hub of this process, listening from the first use."""
    listening = Hub()
    listening.start()
    return listening
