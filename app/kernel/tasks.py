"""Background tasks on RQ, derived from rows: Redis may be wiped at any time and nothing is lost.

A task is written by the transaction that wants it (`schedule`, `enqueue`). The relay pushes the ids of due rows to RQ
(again after a while, if nobody took them); a worker claims the row, runs the function in one transaction and marks it
done. A task may run twice after a crash, so every task is idempotent.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any, Protocol
from uuid import UUID

import structlog
from redis import Redis
from rq import Queue
from rq.job import Job
from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.behind import TASK_CHANNEL, behind
from app.kernel.config import config
from app.kernel.db import Tx, new_session, transaction
from app.kernel.ids import new_id
from app.kernel.models import Task

QUEUE = "callout"
MAX_ATTEMPTS = 5
RETRY_BASE = timedelta(seconds=10)
BEAT_S = 10.0
CLAIM_TTL = timedelta(minutes=1)
"""Who has not been heard of for so long is dead, and somebody else takes the task up; `tasks_due` knows it, too."""

log = structlog.get_logger()


@dataclass
class Handle:
    """What a running task is given besides its arguments: its row's id, and a way to report progress."""

    task_id: UUID
    org_id: UUID

    def progress(self, fraction: float, message: str = "") -> None:
        """Publishes progress 0..1 at once, outside the task's own transaction."""
        with transaction(system_actor(self.org_id)) as tx:
            values = {"progress": fraction, "message": message, "heartbeat_at": tx.now}
            tx.session.execute(update(Task).where(Task.id == self.task_id).values(**values))


class Later(Exception):
    """Raised by a task that was told when to come again, by whomever it needs: not before `after` has passed."""

    def __init__(self, reason: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.after = after


class TaskFunction(Protocol):
    """A task: takes the transaction, its handle and its JSON arguments; returns a JSON result or None."""

    __name__: str

    def __call__(self, tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None: ...


_registry: dict[str, TaskFunction] = {}
_urgent: set[str] = set()
beginnings: list[Callable[[], None]] = []
"""What a worker does beside its first tasks, so that none of them has to wait for it later."""


def task(name: str, *, urgent: bool = False) -> Callable[[TaskFunction], TaskFunction]:
    """Registers a function under `name`, the word by which rows refer to it; `urgent` ones do not stand in line."""

    def register(function: TaskFunction) -> TaskFunction:
        if _registry.setdefault(name, function) is not function:
            raise ValueError(f"two tasks are called {name!r}")
        if urgent:
            _urgent.add(name)
        return function

    return register


def enqueue(tx: Tx, name: str, args: dict[str, Any], *, key: str | None = None) -> UUID:
    """Adds a task now, for a caller who tells its id. The same `key` twice gives one task."""
    row = _row(tx, name, args, key)
    statement = insert(Task).values(row).on_conflict_do_nothing(constraint="uq_tasks_org_id_name_key")
    task_id = tx.session.scalars(statement.returning(Task.id)).one_or_none()
    if task_id is None:
        return tx.session.scalars(select(Task.id).where(Task.name == name, Task.key == key)).one()
    tx.session.execute(select(func.pg_notify(TASK_CHANNEL, hurried(name, task_id, tx.actor.org_id))))
    return task_id


def hurried(name: str, task_id: UUID, org_id: UUID) -> str:
    """What the relay is told of a new task: which one must not stand in line, or nothing."""
    return f"{task_id} {org_id}" if is_urgent(name) else ""


def is_urgent(name: str) -> bool:
    """Whether tasks of this name go ahead of all others."""
    return name in _urgent


def schedule(tx: Tx, name: str, args: dict[str, Any], *, key: str, delay: timedelta | None = None) -> None:
    """Adds a task with the commit, together with all others of `tx`. The same `key` twice gives one task."""
    row = _row(tx, name, args, key)
    behind(tx.session).tasks.append({**row, "run_after": tx.now + delay} if delay else row)


def _row(tx: Tx, name: str, args: dict[str, Any], key: str | None) -> dict[str, Any]:
    if name not in _registry:
        raise KeyError(f"no task is called {name!r}")
    return {"id": new_id(), "name": name, "args": args, "key": key, "created_by": tx.actor.user_id}


def due(limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(task, organisation) of all rows that should be in the queue now, over all organisations."""
    with new_session() as session, session.begin():
        rows = session.execute(text("SELECT task_id, org_id FROM tasks_due(:limit)"), {"limit": limit})
        return [(row.task_id, row.org_id) for row in rows]


def queue(connection: Redis) -> Queue:
    """The one RQ queue."""
    return Queue(QUEUE, connection=connection)


def relay(connection: Redis, heard: Iterable[str] = ()) -> int:
    """Pushes every due row to RQ that is not there yet, those of which it `heard` ahead of all others.

    Returns how many were pushed.
    """
    waiting = queue(connection)
    known = _in_queue(waiting)
    ahead = [(UUID(task_id), UUID(org_id)) for task_id, org_id in (words.split() for words in heard if words)]
    pushed = 0
    for task_id, org_id in dict.fromkeys((*ahead, *due())):
        if str(task_id) not in known:
            told: dict[str, Any] = {"job_id": f"{task_id}_{token_hex(4)}", "result_ttl": 0, "failure_ttl": 0}
            waiting.enqueue(run, str(task_id), str(org_id), at_front=(task_id, org_id) in ahead, **told)
            pushed += 1
    return pushed


def _in_queue(waiting: Queue) -> set[str]:
    """The tasks that wait. What dead workers left is dropped here, since RQ's own clean-up can fail on it.

    What a worker has just taken waits no longer: until the worker claims it, it may be pushed again, as a job of its
    own. The second finds nothing to claim, and neither ends the other's.
    """
    started = waiting.started_job_registry
    left: list[Any] = waiting.connection.zrangebyscore(started.key, 0, clock.now().timestamp())
    if left:
        waiting.connection.zrem(started.key, *left)
        waiting.connection.delete(*(Job.key_for(one.decode().partition(":")[0]) for one in left))
    return {job_id.partition("_")[0] for job_id in waiting.job_ids}


def run(task_id: str, org_id: str) -> None:
    """What RQ calls in a worker: claims the row, runs its function, writes the outcome. Never raises for a bad task."""
    handle = Handle(UUID(task_id), UUID(org_id))
    claimed = _claim(handle)
    if claimed is None:
        return
    name, args, attempts = claimed
    try:
        with _beating(handle), transaction(system_actor(handle.org_id)) as tx:
            result = _registry[name](tx, handle, **args)
            _finish(tx, handle, state="done", progress=1, result=result)
    except Later as later:
        log.info("task is to come later", task=name, task_id=task_id, attempts=attempts, reason=str(later))
        _fail(handle, attempts, later, later.after)
    except Exception as error:
        log.exception("task failed", task=name, task_id=task_id, attempts=attempts)
        _fail(handle, attempts, error)


@contextmanager
def _beating(handle: Handle) -> Iterator[None]:
    """Says every few seconds that the task is being worked on."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            try:
                with transaction(system_actor(handle.org_id)) as tx:
                    mine = (Task.id == handle.task_id) & (Task.state == "running")
                    tx.session.execute(update(Task).where(mine).values(heartbeat_at=tx.now))
            except DBAPIError as gone:
                log.warning("a task cannot say that it goes on", task_id=handle.task_id, reason=str(gone.orig))

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _claim(handle: Handle) -> tuple[str, dict[str, Any], int] | None:
    with transaction(system_actor(handle.org_id)) as tx:
        abandoned = tx.now - CLAIM_TTL
        statement = (
            update(Task)
            .where(
                Task.id == handle.task_id,
                or_(Task.state == "queued", (Task.state == "running") & (Task.heartbeat_at < abandoned)),
            )
            .values(state="running", attempts=Task.attempts + 1, heartbeat_at=tx.now)
            .returning(Task.name, Task.args, Task.attempts)
        )
        row = tx.session.execute(statement).one_or_none()
        return (row.name, row.args, row.attempts) if row else None


def _finish(tx: Tx, handle: Handle, **values: Any) -> None:
    statement = update(Task).where(Task.id == handle.task_id).values(finished_at=clock.now(), **values)
    tx.session.execute(statement)


def _fail(handle: Handle, attempts: int, error: Exception, after: timedelta = timedelta(0)) -> None:
    last_line = traceback.format_exception_only(error)[-1].strip()[:500]
    with transaction(system_actor(handle.org_id)) as tx:
        if attempts >= MAX_ATTEMPTS:
            _finish(tx, handle, state="failed", message=last_line)
            return
        again = tx.now + max(RETRY_BASE * 2 ** (attempts - 1), after)
        values = {"state": "queued", "run_after": again, "message": last_line}
        tx.session.execute(update(Task).where(Task.id == handle.task_id).values(**values))


def redis_connection() -> Redis:
    """A connection to the Redis of this installation; short time-outs, since Redis is never worth waiting for."""
    return Redis.from_url(config().redis_url, socket_connect_timeout=2, socket_timeout=30)
