"""The transactional outbox: events are rows of the transaction that causes them; handlers run later as tasks.

A lower room never imports a higher one. It emits; the higher room subscribes with `@on("topic")`. Most events mean
nothing to most subscribers: who can tell so from the payload says `when`, and is asked before any task is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from app.kernel import tasks
from app.kernel.behind import behind
from app.kernel.db import Tx
from app.kernel.ids import new_id

Payload = dict[str, Any]
When = Callable[[Payload], object]


def _always(payload: Payload) -> bool:
    return True


_subscribers: dict[str, list[tuple[str, When]]] = defaultdict(list)


def on(topic: str, *, when: When = _always, urgent: bool = False) -> Callable[[tasks.TaskFunction], tasks.TaskFunction]:
    """Subscribes a task to `topic`: it gets `{"event_id": …, **payload}` once for each event, after the commit.

    when: asked of the payload alone, in the transaction that emits; events for which it is not true make no task.
    """

    def subscribe(function: tasks.TaskFunction) -> tasks.TaskFunction:
        name = f"on:{topic}:{function.__module__}.{function.__name__}"
        tasks.task(name, urgent=urgent)(function)
        _subscribers[topic].append((name, when))
        return function

    return subscribe


def emit(tx: Tx, topic: str, payload: Payload) -> None:
    """Adds an event and a task for each subscriber that wants it; written with the commit of `tx`, or not at all."""
    gathered = behind(tx.session)
    for name, when in _subscribers.get(topic, ()):
        if when(payload):
            task = {"id": new_id(), "name": name, "args": payload, "created_by": tx.actor.user_id}
            task["urgent"] = tasks.is_urgent(name)
            gathered.followers.append((len(gathered.events), task))
    gathered.events.append({"topic": topic, "payload": payload})
