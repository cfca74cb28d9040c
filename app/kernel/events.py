"""The transactional outbox: events are rows of the transaction that causes them; handlers run later as tasks.

A lower room never imports a higher one. It emits; the higher room subscribes with `@on("topic")`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, insert

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.models import Event

_subscribers: dict[str, list[str]] = defaultdict(list)


def on(topic: str) -> Callable[[tasks.TaskFunction], tasks.TaskFunction]:
    """Subscribes a task to `topic`: it gets `{"event_id": …, **payload}` once for each event, after the commit."""

    def subscribe(function: tasks.TaskFunction) -> tasks.TaskFunction:
        name = f"on:{topic}:{function.__module__}.{function.__name__}"
        tasks.task(name)(function)
        _subscribers[topic].append(name)
        return function

    return subscribe


def emit(tx: Tx, topic: str, payload: dict[str, Any]) -> int:
    """Writes an event and a task for each subscriber; both exist only if `tx` commits. Returns the event's id."""
    # Listeners hear of it at the commit; telling them costs no statement of its own.
    bell = func.pg_notify("callout_events", str(tx.actor.org_id))
    statement = insert(Event).values(topic=topic, payload=payload).returning(Event.id, bell)
    event_id: int = tx.session.execute(statement).one().id
    for name in _subscribers[topic]:
        tasks.enqueue(tx, name, {"event_id": event_id, **payload}, key=str(event_id))
    return event_id
