"""The transactional outbox: events are rows of the transaction that causes them; handlers run later as tasks.

A lower room never imports a higher one. It emits; the higher room subscribes with `@on("topic")`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from app.kernel import tasks
from app.kernel.behind import behind
from app.kernel.db import Tx
from app.kernel.ids import new_id

_subscribers: dict[str, list[str]] = defaultdict(list)


def on(topic: str, *, urgent: bool = False) -> Callable[[tasks.TaskFunction], tasks.TaskFunction]:
    """Subscribes a task to `topic`: it gets `{"event_id": …, **payload}` once for each event, after the commit."""

    def subscribe(function: tasks.TaskFunction) -> tasks.TaskFunction:
        name = f"on:{topic}:{function.__module__}.{function.__name__}"
        tasks.task(name, urgent=urgent)(function)
        _subscribers[topic].append(name)
        return function

    return subscribe


def emit(tx: Tx, topic: str, payload: dict[str, Any]) -> None:
    """Adds an event and a task for each subscriber; both are written with the commit of `tx`, or not at all."""
    gathered = behind(tx.session)
    for name in _subscribers.get(topic, ()):
        task = {"id": new_id(), "name": name, "args": payload, "created_by": tx.actor.user_id}
        task["urgent"] = tasks.is_urgent(name)
        gathered.followers.append((len(gathered.events), task))
    gathered.events.append({"topic": topic, "payload": payload})
