"""Writes a day's work through the commands of the house, as agent, dispatcher and engineers would have done it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.demo import day as days
from app.demo.catalogue import KINDS
from app.demo.chance import Chance
from app.demo.day import Day, Task
from app.demo.doing import acting, carry, hand, remembering
from app.demo.pace import Turn
from app.demo.world import SOURCE, World, external_id
from app.kernel.db import Row, Tx
from app.people.models import Engineer
from app.places.models import Site
from app.work import commands as work
from app.work.models import Job, Visit

HISTORY_DAYS = 3
MOST_HISTORY = 40
APPROVED = 0.7


def write_day(
    tx: Tx, world: World, day: Day, tell: Callable[[int], None] = lambda done: None, planned_at: datetime | None = None
) -> int:
    """The day's jobs: planned ones dispatched, the others waiting. Returns how many; 0 when the day is there.

    `planned_at`: when the office did it; now unless told.
    """
    if tx.session.scalar(
        select(Job.id).where(Job.source == SOURCE, Job.external_id == external_id(world.scale, day.on, 1))
    ):
        return 0
    office = acting(tx, world, world.office["dispatcher"], tx.now)
    early = acting(tx, world, world.office["dispatcher"], planned_at or tx.now)
    written = 0
    for task in _possible(tx, day.tasks):
        _job(early if task.technician else office, world, day, task)
        if task.technician:
            _dispatch(early, task)
        written += 1
        tell(written)
    _new_requests(office, world, day)
    return written


def accept_first(tx: Tx, world: World, day: Day) -> None:
    """Everybody but the first engineer, who is left to the visitor, takes the first visit of the day."""
    for technician in world.technicians[1:]:
        opening = next((task for task in day.tasks if task.technician == technician and task.sequence == 1), None)
        if opening and tx.find(Visit, opening.visit_id):
            work.transition(acting(tx, world, technician.user, tx.now, technician.id), opening.visit_id, "accepted")


def _possible(tx: Tx, tasks: tuple[Task, ...]) -> list[Task]:
    """The tasks whose site and engineer somebody has not deleted since."""
    sites = _live(tx, Site, {task.site.id for task in tasks})
    engineers = _live(tx, Engineer, {task.technician.id for task in tasks if task.technician})
    return [t for t in tasks if t.site.id in sites and (t.technician is None or t.technician.id in engineers)]


def _live(tx: Tx, model: type[Row], ids: set[UUID]) -> set[UUID]:
    return set(tx.session.scalars(select(model.id).where(model.id.in_(ids), model.deleted_at.is_(None))))


def _about(world: World, task: Task) -> dict[str, Any]:
    return {
        "site_id": task.site.id,
        "asset_id": task.site.asset_id,
        "account_id": task.site.customer.id,
        "contact_id": task.site.customer.contact_id,
        "job_type_id": world.kinds[task.kind.code],
        "priority": task.priority,
        "description": task.complaint,
        "source": SOURCE,
    }


def _job(office: Tx, world: World, day: Day, task: Task) -> None:
    """A job with its visit, every third one out of a request."""
    opens, closes = task.window
    visit = {"id": task.visit_id, "window_start": opens, "window_end": closes}
    data = {
        **_about(world, task),
        "id": task.id,
        "external_id": external_id(world.scale, day.on, task.number),
        "summary": f"{task.kind.name} · {task.site.asset}",
        "earliest_start": days.at(world, day.on, 6),
        "due_at": max(task.due_at, closes),
        "visits": [visit],
    }
    if task.request_id is None:
        work.create_job(office, data)
        return
    _request(office, world, day, task, task.request_id)
    work.convert_request(office, task.request_id, data)


def _request(office: Tx, world: World, day: Day, task: Task, request_id: UUID) -> None:
    channel = ("phone", "web", "mail", "chat")[task.number % 4]
    own = {"id": request_id, "external_id": f"{external_id(world.scale, day.on, task.number)}/r", "channel": channel}
    about = _about(world, task)
    work.create_request(office, {**about, **own, "subject": task.complaint, "reported_at": days.at(world, day.on, 7)})


def _dispatch(office: Tx, task: Task) -> None:
    assert task.technician
    planned = {"planned_start": task.start, "sequence": task.sequence}
    work.assign(office, task.visit_id, task.technician.id, **planned)  # type: ignore[arg-type]


def _new_requests(office: Tx, world: World, day: Day) -> None:
    """What came in this morning and nobody has looked at."""
    chance = Chance(world.org_id, day.on, world.scale.jobs, "requests")
    for number in range(1, world.scale.jobs // 10 + 1):
        site = chance.choice(world.sites)
        kind = chance.choice([kind for kind in KINDS if kind.code in site.kinds])
        words = chance.choice(kind.complaints)[site.customer.chinese]
        own = {"id": chance.id(days.at(world, day.on, 7)), "external_id": f"{day.on}/new/{world.scale.jobs}/{number}"}
        about = {"site_id": site.id, "account_id": site.customer.id, "contact_id": site.customer.contact_id}
        told = {"channel": "web", "subject": words, "source": SOURCE, "reported_at": office.now}
        work.create_request(office, {**about, **own, **told})


def write_history(tx: Tx, world: World, before: Day) -> int:
    """Visits that were finished on the days before. Returns how many."""
    most, written = min(MOST_HISTORY, max(6, world.scale.jobs // 5)), 0
    for back in range(HISTORY_DAYS, 0, -1):
        past = days.make(world, before.on - timedelta(days=back))
        done = [task for task in past.tasks if task.technician and not task.kind.photos]
        for task in done[: most // HISTORY_DAYS]:
            _finished(tx, world, past, task)
            written += 1
    return written


def _finished(tx: Tx, world: World, day: Day, task: Task) -> None:
    technician, start = task.technician, task.start
    assert technician
    assert start
    morning = days.at(world, day.on, 6)
    office = acting(tx, world, world.office["dispatcher"], morning)
    _job(office, world, day, task)
    _dispatch(office, task)
    left, end = start - timedelta(minutes=25), start + task.duration
    turn = Turn(task, technician, technician.home, left, start, end)
    many = remembering(tx, [task.visit_id])
    work.transition(hand(many, world, turn, morning), task.visit_id, "accepted")
    carry(many, world, turn, end)
    if tx.get(Visit, task.visit_id).status == "completed" and Chance(task.id, "approved").random() < APPROVED:
        manager = acting(tx, world, world.office["manager"], end + timedelta(hours=1))
        work.transition(manager, task.visit_id, "approved")
        work.close_job(manager, task.id)
