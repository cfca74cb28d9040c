"""Visits as plans: made, changed, assigned, followed up, asked to be aborted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events, rows
from app.kernel.db import Tx
from app.kernel.problems import STATE_CONFLICT, invalid
from app.people.models import Crew, Engineer
from app.places.models import Site, Territory
from app.work import access, transitions
from app.work.commands.deriving import lock_visit, refresh_job, visits_of
from app.work.commands.moving import Deed, record, take
from app.work.commands.times import when
from app.work.models import ChecklistItem, Job, JobType, Visit
from app.work.statuses import BEFORE_WORK, ENDED, UNPUBLISHED
from app.work.transitions import Step


def create_visit(tx: Tx, data: dict[str, Any]) -> Visit:
    """A draft visit of `data["job_id"]`; `data` holds columns of a Visit. Copies the checklist of the job type.

    Raises 409 when the job is closed or cancelled, 422 for a job that does not exist.
    """
    job = tx.find(Job, data["job_id"], lock=True)
    if job is None:
        raise invalid("/job_id", "There is no such job.")
    with access.named_by("/job_id"):
        access.demand_job(tx, job.id, "jobs.write")
    return add_visit(tx, job, data)


def add_visit(tx: Tx, job: Job, data: dict[str, Any]) -> Visit:
    """Like `create_visit`, for a job that is locked already and whose rights were checked."""
    if job.closed_at or job.cancelled_at:
        raise STATE_CONFLICT(f"The job is {job.status}; reopen it first.", job_status=job.status)
    job_type = tx.session.scalars(select(JobType).where(JobType.id == job.job_type_id)).one()
    territory = tx.session.scalar(select(Site.territory_id).where(Site.id == job.site_id))
    given = {key: value for key, value in data.items() if value is not None}
    defaults = {"duration_s": job_type.duration_s, "territory_id": territory}
    visit = rows.create(tx, Visit, {**defaults, **given, "job_id": job.id, "status": "draft"})
    tx.learn(("visits of", job.id), visits_of(tx, job))
    record(tx, visit, Step("draft", "draft", (), event="created"), Deed(when(tx)), None)
    tx.session.add_all(
        ChecklistItem(visit_id=visit.id, position=i, **item) for i, item in enumerate(job_type.checklist)
    )
    refresh_job(tx, job)
    tell_waiting(tx, visit, job, job_type.dispatch_method)
    return visit


def tell_waiting(tx: Tx, visit: Visit, job: Job, of_job_type: str) -> None:
    """Emits `visit.waiting` when somebody other than a patient dispatcher has to know: by method, or because it burns.

    The visit's own method counts; where it has none, the territory's; else the job type's.
    """
    if job.triaged_at is None or visit.status not in UNPUBLISHED or visit.engineer_id or visit.crew_id:
        return
    of_territory = select(Territory.dispatch_method).where(Territory.id == visit.territory_id)
    method = visit.dispatch_method or (visit.territory_id and tx.session.scalar(of_territory)) or of_job_type
    if method != "manual" or job.priority == 1:
        ids = {"id": str(visit.id), "rev": visit.rev, "visit_id": str(visit.id), "job_id": str(job.id)}
        events.emit(tx, "visit.waiting", {**ids, "method": method, "priority": job.priority})


def update_visit(tx: Tx, visit: Visit, data: dict[str, Any]) -> Visit:
    """Changes a visit's plan: window, planned times, sequence, duration, pin, instructions, how it finds somebody."""
    if visit.status in ENDED and set(data) - {"instructions"}:
        raise STATE_CONFLICT(f"The visit is {visit.status}; its plan is past.")
    before = {key: getattr(visit, key) for key in data}
    rows.update(tx, visit, data)
    changed = {key: [old, getattr(visit, key)] for key, old in before.items() if old != getattr(visit, key)}
    if changed:
        _note_plan(tx, visit, "replanned", None, rows.plain(changed))
    if "dispatch_method" in changed and visit.dispatch_method:
        tell_waiting(tx, visit, tx.get(Job, visit.job_id), visit.dispatch_method)
    return visit


def _note_plan(tx: Tx, visit: Visit, event: str, reason: str | None, data: dict[str, Any]) -> None:
    step = Step(visit.status, visit.status, (), event=event)
    record(tx, visit, step, Deed(when(tx), reason), visit.engineer_id, **data)


def assign(
    tx: Tx,
    visit_id: UUID,
    engineer_id: UUID | None,
    *,
    crew_id: UUID | None = None,
    planned_start: datetime | None = None,
    planned_end: datetime | None = None,
    sequence: int | None = None,
    reason: str | None = None,
    dispatch: bool = True,
    offer_expires_at: datetime | None = None,
) -> Visit:
    """Gives a visit to an engineer or a crew, or takes it back (both None). Judges no dispatch rule.

    A new holder begins at `scheduled`, and at `dispatched` with `dispatch`; the same holder keeps the status and
    only the plan moves. planned_end defaults to the visit's duration after planned_start. `offer_expires_at`: until
    when a new holder may answer.
    Raises 409 once work has begun or when the job is over, 422 for an engineer or crew that is gone.
    """
    visit, job = lock_visit(tx, visit_id)
    access.demand_visit(tx, visit, "dispatch.assign")
    if visit.status not in BEFORE_WORK or job.closed_at or job.cancelled_at:
        state = visit.status if visit.status not in BEFORE_WORK else f"part of a job that is {job.status}"
        raise STATE_CONFLICT(f"The visit is {state}; it cannot be assigned.", status_now=visit.status)
    _demand_live(tx, engineer_id, crew_id)
    before = (visit.engineer_id, visit.crew_id)
    changes: dict[str, Any] = {"engineer_id": engineer_id, "crew_id": crew_id}
    changes |= _plan(visit, changes, planned_start, planned_end, sequence)
    if before != (engineer_id, crew_id):
        changes["offer_expires_at"] = offer_expires_at
    rev = _settle(tx, visit, job, changes, reason, dispatch)
    refresh_job(tx, job)
    _announce(tx, visit, before, reason, rev)
    return visit


def _demand_live(tx: Tx, engineer_id: UUID | None, crew_id: UUID | None) -> None:
    if engineer_id is not None:
        engineer = tx.find(Engineer, engineer_id)
        if engineer is None or not engineer.active:
            raise invalid("/engineer_id", "There is no such engineer at work.")
    if crew_id is not None and tx.find(Crew, crew_id) is None:
        raise invalid("/crew_id", "There is no such crew.")


def _plan(
    visit: Visit, holder: dict[str, Any], start: datetime | None, end: datetime | None, sequence: int | None
) -> dict[str, Any]:
    """The hours and the place in the day that come with a holder."""
    if not any(holder.values()):
        return dict.fromkeys(("planned_start", "planned_end", "sequence"))
    plan: dict[str, Any] = {} if sequence is None else {"sequence": sequence}
    if start is not None:
        plan |= {"planned_start": start, "planned_end": end or start + timedelta(seconds=visit.duration_s)}
    return plan


def _settle(tx: Tx, visit: Visit, job: Job, changes: dict[str, Any], reason: str | None, dispatch: bool) -> int:
    """Writes an assignment and brings the status in line with it, one event a step. Returns the visit's revision."""
    before, now = (visit.engineer_id, visit.crew_id), (changes["engineer_id"], changes["crew_id"])
    held, changed, source = any(now), before != now, visit.status
    if (held and source == "draft") or (changed and source not in ("draft", "scheduled")):
        changes = {**changes, "status": "scheduled"}
    rev = tx.settle(visit, **changes)
    word = "replanned" if not changed else "unassigned" if not held else "reassigned" if any(before) else "assigned"
    step = Step(source, visit.status, (), event=word)
    names = {"from_engineer_id": before[0], "to_engineer_id": visit.engineer_id, "crew_id": visit.crew_id}
    record(tx, visit, step, Deed(when(tx), reason), visit.engineer_id, rev=rev, **rows.plain(names))
    if held and dispatch and visit.status == "scheduled":
        publish = transitions.step("scheduled", "dispatched")
        assert publish is not None
        return take(tx, visit, job, publish, Deed(when(tx), reason)).visit_rev
    return rev


def _announce(tx: Tx, visit: Visit, before: tuple[UUID | None, UUID | None], reason: str | None, rev: int) -> None:
    ids = {"job_id": visit.job_id, "engineer_id": visit.engineer_id, "previous_engineer_id": before[0]}
    payload = {"id": str(visit.id), "rev": rev, "visit_id": str(visit.id), **rows.plain(ids)}
    audit.record(tx, "visit.assigned", "visit", visit.id, {**payload, "reason": reason})
    events.emit(tx, "visit.assigned", {**payload, "status": visit.status})


def ask_abort(tx: Tx, visit_id: UUID, reason: str) -> Visit:
    """The dispatcher asks the engineer to stop working; `aborted` is the engineer's acknowledgement."""
    visit, _ = lock_visit(tx, visit_id)
    access.demand_visit(tx, visit, "visits.write")
    if visit.status != "working":
        raise STATE_CONFLICT(f"The visit is {visit.status}; only work under way is aborted.", status_now=visit.status)
    rows.update(tx, visit, {"abort_asked_at": tx.now, "abort_reason": reason})
    _note_plan(tx, visit, "abort_asked", reason, {})
    return visit


def follow_up(tx: Tx, visit_id: UUID, data: dict[str, Any]) -> Visit:
    """A further visit of the same job after one that ended without a good end; raises 409 before that."""
    visit, job = lock_visit(tx, visit_id)
    access.demand_visit(tx, visit, "visits.write")
    if visit.status not in ENDED:
        raise STATE_CONFLICT(f"The visit is {visit.status}; a follow-up comes after its end.", status_now=visit.status)
    return _follow(tx, visit, job, data)


def follow_up_after(tx: Tx, visit: Visit, job: Job, reason: str | None) -> Visit | None:
    """The draft that waits for the dispatcher after a visit that could not be completed."""
    if visit.status != "cannot_complete" or job.closed_at or job.cancelled_at:
        return None
    return _follow(tx, visit, job, {"instructions": reason or ""})


def _follow(tx: Tx, visit: Visit, job: Job, data: dict[str, Any]) -> Visit:
    same = {"duration_s": visit.duration_s, "territory_id": visit.territory_id, "instructions": visit.instructions}
    return add_visit(tx, job, {**same, **data, "follow_up_of": visit.id})
