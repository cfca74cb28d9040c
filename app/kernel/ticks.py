"""What happens by itself as time passes: once a minute for each organisation that is at work.

The relay asks the database for one task `tick` a minute and organisation; it adds a task for each subscriber, so that
one that fails holds up no other. All are idempotent; a minute that was missed is made up for by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from app.kernel import clock, tasks
from app.kernel.db import Tx, new_session

_subscribers: list[str] = []


def every_minute(name: str) -> Callable[[tasks.TaskFunction], tasks.TaskFunction]:
    """Registers a task that runs once a minute for each organisation at work."""

    def subscribe(function: tasks.TaskFunction) -> tasks.TaskFunction:
        tasks.task(name)(function)
        _subscribers.append(name)
        return function

    return subscribe


@tasks.task("tick")
def tick(tx: Tx, handle: tasks.Handle, **args: Any) -> None:
    """One minute of one organisation."""
    slot = slot_now()
    for name in _subscribers:
        tasks.schedule(tx, name, {}, key=slot)
    old = "DELETE FROM tasks WHERE name = ANY(:names) AND state = 'done' AND created_at < now() - interval '1 hour'"
    tx.session.execute(text(old), {"names": _subscribers})


def slot_now() -> str:
    """The present minute, as the key of its tasks."""
    return clock.now().strftime("%Y-%m-%dT%H:%M")


def start_minute() -> int:
    """Asks for this minute's ticks of all organisations. Returns how many were new; asking again is harmless."""
    with new_session() as session, session.begin():
        return session.scalar(text("SELECT tick_organisations(:slot)"), {"slot": slot_now()}) or 0
