"""Events become tasks, tasks become RQ jobs, and wiping Redis loses none of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.executions import Execution
from rq.job import Job, JobStatus
from sqlalchemy import select, update

from app.kernel import behind, clock, events, tasks
from app.kernel.actor import Actor, system_actor
from app.kernel.db import Tx, transaction
from app.kernel.ids import new_id
from app.kernel.models import Event, Task
from app.people.models import Organisation

calls: list[dict[str, Any]] = []


@events.on("test.happened")
def remember(tx: Tx, handle: tasks.Handle, **payload: Any) -> dict[str, Any]:
    calls.append(payload)
    return {"seen": len(calls)}


@events.on("test.moved", when=lambda payload: payload["to"] == "here")
def receive(tx: Tx, handle: tasks.Handle, **payload: Any) -> None:
    calls.append(payload)


@events.on("test.burns", urgent=True)
def put_out(tx: Tx, handle: tasks.Handle, **payload: Any) -> None:
    """Nothing: it matters when it comes."""


@tasks.task("test.fails")
def fails(tx: Tx, handle: tasks.Handle) -> None:
    raise RuntimeError("as planned")


@tasks.task("test.lasts")
def lasts(tx: Tx, handle: tasks.Handle) -> None:
    """Goes on until its worker has been heard of twice."""
    for _ in range(2):
        heard = heartbeat(handle)
        while heartbeat(handle) == heard:
            assert tx.now > clock.now() - timedelta(seconds=30)


def heartbeat(handle: tasks.Handle) -> Any:
    with transaction(system_actor(handle.org_id)) as tx:
        return tx.session.scalars(select(Task.heartbeat_at).where(Task.id == handle.task_id)).one()


@pytest.fixture
def actor() -> Actor:
    org_id = new_id()
    with transaction(system_actor(org_id)) as tx:
        tx.session.add(Organisation(id=org_id, name="One"))
    calls.clear()
    return system_actor(org_id)


@pytest.fixture
def redis() -> Iterator[Redis]:
    connection = tasks.redis_connection()
    tasks.queue(connection).empty()
    yield connection
    tasks.queue(connection).empty()


def states(actor: Actor) -> list[tuple[str, int]]:
    with transaction(actor) as tx:
        return [(row.state, row.attempts) for row in tx.session.scalars(select(Task))]


def run_all(actor: Actor) -> None:
    with transaction(actor) as tx:
        waiting = tx.session.scalars(select(Task.id).where(Task.state == "queued")).all()
    for task_id in waiting:
        tasks.run(str(task_id), str(actor.org_id))


def test_an_event_that_its_subscriber_does_not_want_makes_no_task(actor: Actor) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.moved", {"to": "there"})
        events.emit(tx, "test.moved", {"to": "here"})
    with transaction(actor) as tx:
        assert tx.session.scalars(select(Event.payload).order_by(Event.id)).all() == [{"to": "there"}, {"to": "here"}]
    assert states(actor) == [("queued", 0)]
    run_all(actor)
    assert [call["to"] for call in calls] == ["here"]


def test_an_event_runs_its_subscriber_once_after_the_commit(actor: Actor) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {"what": "door"})
        assert calls == []
    run_all(actor)
    run_all(actor)
    with transaction(actor) as tx:
        event_id = tx.session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1)).one()
    assert calls == [{"event_id": event_id, "what": "door"}]
    assert states(actor) == [("done", 1)]


def test_a_rolled_back_event_never_happened(actor: Actor) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {})
        tx.session.rollback()
    assert states(actor) == []


def test_the_same_key_gives_one_task(actor: Actor) -> None:
    with transaction(actor) as tx:
        first = tasks.enqueue(tx, "test.fails", {}, key="k")
        assert tasks.enqueue(tx, "test.fails", {}, key="k") == first


def test_a_failing_task_is_tried_again_later_and_then_gives_up(actor: Actor) -> None:
    with transaction(actor) as tx:
        task_id = tasks.enqueue(tx, "test.fails", {})
    for attempt in range(1, tasks.MAX_ATTEMPTS):
        tasks.run(str(task_id), str(actor.org_id))
        assert states(actor) == [("queued", attempt)]
    tasks.run(str(task_id), str(actor.org_id))
    assert states(actor) == [("failed", tasks.MAX_ATTEMPTS)]
    with transaction(actor) as tx:
        assert "as planned" in (tx.session.scalar(select(Task.message)) or "")


def test_a_finished_task_does_not_run_again(actor: Actor) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {})
    with transaction(actor) as tx:
        task_id = tx.session.scalars(select(Task.id)).one()
    for _ in range(3):
        tasks.run(str(task_id), str(actor.org_id))
    assert len(calls) == 1


def test_wiping_redis_loses_no_task(actor: Actor, redis: Redis) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {})
    with transaction(actor) as tx:
        task_id: UUID = tx.session.scalars(select(Task.id)).one()
    tasks.relay(redis)
    assert pushed(redis, task_id)
    assert tasks.relay(redis) == 0
    redis.flushdb()
    tasks.relay(redis)
    assert pushed(redis, task_id)


def test_what_is_urgent_does_not_stand_in_line(actor: Actor, redis: Redis) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {})
    tasks.relay(redis)
    with mock.patch.object(behind, "HURRY") as hurry, transaction(actor) as tx:
        events.emit(tx, "test.burns", {})
    with transaction(actor) as tx:
        burning = tx.session.scalars(select(Task.id).where(Task.name.like("on:test.burns:%"))).one()
    assert [call.args[1] for call in hurry.run.call_args_list] == [{"id": str(burning)}]
    heard = ["", f"{burning} {actor.org_id}"]
    tasks.relay(redis, heard)
    mine = pushed(redis, *ids_of(actor))
    assert (len(mine), mine[:1]) == (2, pushed(redis, burning))
    assert tasks.relay(redis, heard) == 0


def pushed(redis: Redis, *task_ids: UUID) -> list[str]:
    """The jobs of these tasks that wait, the next first."""
    return [job_id for job_id in tasks.queue(redis).job_ids if UUID(job_id.partition("_")[0]) in task_ids]


def ids_of(actor: Actor) -> list[UUID]:
    with transaction(actor) as tx:
        return list(tx.session.scalars(select(Task.id)))


def test_a_dead_worker_stops_no_relay(actor: Actor, redis: Redis) -> None:
    with transaction(actor) as tx:
        task_id = tasks.enqueue(tx, "test.fails", {})
    tasks.relay(redis)
    (job_id,) = pushed(redis, task_id)
    abandon(redis, job_id)
    tasks.relay(redis)
    assert pushed(redis, task_id)
    assert not redis.exists(Job.key_for(job_id))


def test_a_task_that_two_workers_have_taken_is_done_once_and_ends_well_for_both(
    actor: Actor, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(actor) as tx:
        events.emit(tx, "test.happened", {})
    (task_id,) = ids_of(actor)
    waiting, run = tasks.queue(redis), tasks.run
    taken = []
    for _ in range(2):
        assert tasks.relay(redis) >= 1
        taken += [job for job_id in pushed(redis, task_id) if (job := waiting.fetch_job(job_id))]
        waiting.remove(taken[-1])  # no worker says yet that it has begun

    def work(job: Job) -> None:
        SimpleWorker([waiting], connection=redis).execute_job(job, waiting)

    def overtaken(*args: str) -> None:
        monkeypatch.setattr(tasks, "run", run)
        work(taken[1])
        run(*args)

    monkeypatch.setattr(tasks, "run", overtaken)
    work(taken[0])
    assert len(calls) == 1
    assert [waiting.fetch_job(job.id) for job in taken] == [None, None]


@pytest.mark.committed
def test_a_worker_is_heard_of_while_its_task_lasts(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BEAT_S", 0.01)
    with transaction(actor) as tx:
        task_id = tasks.enqueue(tx, "test.lasts", {})
    tasks.run(str(task_id), str(actor.org_id))
    with transaction(actor) as tx:
        assert tx.session.scalars(select(Task.state).where(Task.id == task_id)).one() == "done"


@pytest.mark.parametrize(("silent_s", "taken_up"), [(55, False), (65, True)])
def test_a_task_is_taken_up_once_its_worker_is_silent(actor: Actor, silent_s: float, taken_up: bool) -> None:
    with transaction(actor) as tx:
        task_id = tasks.enqueue(tx, "test.lasts", {})
        values = {"state": "running", "heartbeat_at": tx.now - timedelta(seconds=silent_s)}
        tx.session.execute(update(Task).where(Task.id == task_id).values(**values))
    assert (task_id in {found for found, _ in tasks.due()}) == taken_up
    assert bool(tasks._claim(tasks.Handle(task_id, actor.org_id))) == taken_up


def abandon(redis: Redis, job_id: str) -> None:
    """A worker took the job and was killed; its execution has just run out, as RQ leaves it in Redis."""
    waiting = tasks.queue(redis)
    job = waiting.fetch_job(job_id)
    assert job
    waiting.remove(job)
    job.set_status(JobStatus.STARTED)
    with redis.pipeline() as pipeline:
        execution = Execution.create(job, ttl=60, pipeline=pipeline)
        pipeline.execute()
    redis.delete(execution.key)
    redis.zadd(waiting.started_job_registry.key, {execution.composite_key: 1})
