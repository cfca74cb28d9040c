"""Jobs: made with their visits, held, resumed, cancelled, closed, reopened, split, given children."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.numbers import next_numbers
from app.kernel.problems import STATE_CONFLICT, invalid
from app.places.models import Contact, Site
from app.work import access, transitions
from app.work.commands.deriving import refresh_job, tell
from app.work.commands.moving import Deed, take
from app.work.commands.scoring import raised, score_job, tell_raised
from app.work.commands.times import when
from app.work.commands.visits import add_visit, tell_waiting
from app.work.models import Job, JobType, Visit
from app.work.statuses import BEFORE_WORK, ENDED, UNDER_WAY


def create_job(tx: Tx, data: dict[str, Any]) -> Job:
    """A job with its draft visits. `data` holds columns of a Job, `visits` (default: one) and `triaged` (default true).

    Raises 422 for a job type or site that does not exist; account and contact default to the site's account.
    """
    data = dict(data)
    visits = data.pop("visits", None)
    triaged = data.pop("triaged", True)
    site = tx.find(Site, data["site_id"])
    if site is None:
        raise invalid("/site_id", "There is no such site.")
    job_type = tx.find(JobType, data["job_type_id"])
    if job_type is None:
        raise invalid("/job_type_id", "There is no such job type.")
    given = {key: value for key, value in data.items() if value is not None}
    defaults = {"account_id": site.account_id, "summary": job_type.name, "triaged_at": tx.now if triaged else None}
    chosen = {**defaults, **given, "number": next_numbers(tx, "J")[0]}
    found = raised(tx, chosen)
    job = rows.create(tx, Job, {**chosen, "priority": found[0]} if found else chosen)
    if found:
        tell_raised(tx, job, found[1], chosen.get("priority", 3))
    for visit in [{}] if visits is None else visits:
        add_visit(tx, job, visit)
    refresh_job(tx, job)
    score_job(tx, job)
    return job


def update_job(tx: Tx, job: Job, data: dict[str, Any]) -> Job:
    """Changes fields of a job that is not over."""
    if job.closed_at or job.cancelled_at:
        raise STATE_CONFLICT(f"The job is {job.status}; reopen it first.", job_status=job.status)
    words, before = {"summary": job.summary, "description": job.description}, job.priority
    told = {**words, **{name: data[name] for name in words if name in data}}
    found = raised(tx, {**told, "priority": data.get("priority")}, before) if told != words else None
    rows.update(tx, job, {**data, "priority": found[0]} if found else data)
    if found:
        tell_raised(tx, job, found[1], before)
    score_job(tx, job)
    return job


def _locked(tx: Tx, job_id: UUID) -> Job:
    access.demand_job(tx, job_id, "jobs.write")
    return tx.get(Job, job_id, lock=True)


def _demand_running(job: Job) -> None:
    if job.closed_at or job.cancelled_at:
        raise STATE_CONFLICT(f"The job is {job.status} already.", job_status=job.status)


def triage_job(tx: Tx, job_id: UUID) -> Job:
    """Marks that somebody has looked at the job and means to do it."""
    job = _locked(tx, job_id)
    _demand_running(job)
    if job.triaged_at is None:
        job.triaged_at = tx.now
        tell(tx, job, "triaged")
        job_type = tx.session.scalars(select(JobType).where(JobType.id == job.job_type_id)).one()
        for visit in _visits(tx, job):
            tell_waiting(tx, visit, job, job_type.dispatch_method)
    return refresh_job(tx, job)


def hear_customer(tx: Tx, job_id: UUID, words: str) -> Job:
    """Adds what the job's customer wrote to its trail, whatever its state: nobody is told that it is too late."""
    job = _locked(tx, job_id)
    tell(tx, job, "customer_wrote", words)
    return job


def answer_customer(tx: Tx, job_id: UUID, words: str) -> Job:
    """Adds what the office writes to the job's customer to its trail. Raises 409 when there is nobody to read it."""
    job = _locked(tx, job_id)
    if job.contact_id is None or tx.find(Contact, job.contact_id) is None:
        raise STATE_CONFLICT("The job names no contact who could read it.", job_status=job.status)
    tell(tx, job, "office_wrote", words, message_id=new_id(), at=tx.now)
    return job


def hold_job(tx: Tx, job_id: UUID, reason: str, until: datetime | None = None) -> Job:
    """Puts a job on hold (waiting for customer, parts, access …), with the date on which it should go on."""
    job = _locked(tx, job_id)
    _demand_running(job)
    if job.held_at:
        raise STATE_CONFLICT("The job is on hold already.", job_status=job.status)
    if until is not None and until <= tx.now:
        raise invalid("/until", "The day to go on lies in the past.")
    job.held_at, job.hold_reason, job.hold_until = tx.now, reason, until
    tell(tx, job, "held", reason, until=until)
    return refresh_job(tx, job)


def resume_job(tx: Tx, job_id: UUID) -> Job:
    """Takes a job off hold; the stretch stays in its trail."""
    job = _locked(tx, job_id)
    if job.held_at is None:
        raise STATE_CONFLICT("The job is not on hold.", job_status=job.status)
    stretch: dict[str, Any] = {"held_at": job.held_at, "hold_reason": job.hold_reason}
    job.held_at = job.hold_reason = job.hold_until = None
    tell(tx, job, "resumed", **stretch)
    return refresh_job(tx, job)


def cancel_job(tx: Tx, job_id: UUID, reason: str) -> Job:
    """Cancels a job and all its visits that have not begun. Raises 409 while somebody is working on it."""
    job = _locked(tx, job_id)
    _demand_running(job)
    visits = _visits(tx, job)
    if any(visit.status in ("working", "paused") for visit in visits):
        raise STATE_CONFLICT("Somebody is working on it; ask for the visit to be aborted first.")
    for visit in visits:
        if visit.status in BEFORE_WORK:
            step = transitions.step(visit.status, "cancelled")
            assert step is not None
            take(tx, visit, job, step, Deed(when(tx), reason))
    job.cancelled_at, job.cancel_reason = tx.now, reason
    tell(tx, job, "cancelled", reason)
    return refresh_job(tx, job)


def close_job(tx: Tx, job_id: UUID) -> Job:
    """Closes a job whose visits have all ended, at least one of them done."""
    job = _locked(tx, job_id)
    _demand_running(job)
    visits = _visits(tx, job)
    if job.status != "completed" or any(visit.status not in ENDED for visit in visits):
        raise STATE_CONFLICT("A job is closed when all its visits have ended.", job_status=job.status)
    job.closed_at = tx.now
    tell(tx, job, "closed")
    return refresh_job(tx, job)


def reopen_job(tx: Tx, job_id: UUID, reason: str) -> Job:
    """Opens a closed or cancelled job again; the event counts as a repeat."""
    job = _locked(tx, job_id)
    if not (job.closed_at or job.cancelled_at):
        raise STATE_CONFLICT("The job is neither closed nor cancelled.", job_status=job.status)
    before: dict[str, Any] = {
        "closed_at": job.closed_at,
        "cancelled_at": job.cancelled_at,
        "cancel_reason": job.cancel_reason,
    }
    job.closed_at = job.cancelled_at = job.cancel_reason = None
    tell(tx, job, "reopened", reason, **before)
    return refresh_job(tx, job)


def split_job(tx: Tx, job_id: UUID, reason: str, data: dict[str, Any], visit_ids: list[UUID]) -> Job:
    """A child job that takes over some of the work; visits that have not begun are cancelled here and made anew there.

    Both trails name the other job. Without `visit_ids` it is simply a child with one draft visit.
    """
    parent = _locked(tx, job_id)
    _demand_running(parent)
    moved = [visit for visit in _visits(tx, parent) if visit.id in set(visit_ids)]
    if len(moved) != len(set(visit_ids)):
        raise invalid("/visit_ids", "These are not all visits of this job.")
    if any(visit.status in UNDER_WAY or visit.status not in BEFORE_WORK for visit in moved):
        raise STATE_CONFLICT("Only visits that nobody has set out for can move to another job.")
    kept = ("job_type_id", "account_id", "site_id", "asset_id", "contact_id", "priority", "request_id", "due_at")
    inherited = {name: getattr(parent, name) for name in (*kept, "description", "summary")}
    plans = [_plan_of(visit) for visit in moved] or None
    child = create_job(tx, {**inherited, **data, "parent_job_id": parent.id, "visits": plans})
    for visit in moved:
        step = transitions.step(visit.status, "cancelled")
        assert step is not None
        take(tx, visit, parent, step, Deed(when(tx), reason))
    tell(tx, parent, "split", reason, child_job_id=child.id, child_number=child.number, visit_ids=visit_ids)
    tell(tx, child, "split_from", reason, parent_job_id=parent.id, parent_number=parent.number)
    return child


def _plan_of(visit: Visit) -> dict[str, Any]:
    names = ("window_start", "window_end", "duration_s", "instructions", "pinned")
    return {name: getattr(visit, name) for name in names}


def _visits(tx: Tx, job: Job) -> list[Visit]:
    query = select(Visit).where(Visit.job_id == job.id, Visit.deleted_at.is_(None))
    return list(tx.session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)))


def remove_job(tx: Tx, job: Job) -> None:
    """Deletes a job made by mistake; raises 409 when a visit was published or work was recorded."""
    live = (Visit.job_id == job.id) & Visit.deleted_at.is_(None)
    rows.delete(tx, job, [("visits that went out", live & Visit.status.not_in(("draft", "scheduled", "cancelled")))])
    for visit in tx.session.scalars(select(Visit).where(live)):
        rows.delete(tx, visit)


def remove_visit(tx: Tx, visit: Visit) -> None:
    """Deletes a visit that was never published; others are cancelled. Keeps the job's status true."""
    if visit.status not in ("draft", "scheduled"):
        raise STATE_CONFLICT(f"The visit is {visit.status}; cancel it instead.", status_now=visit.status)
    job = tx.get(Job, visit.job_id, lock=True)
    rows.delete(tx, visit)
    refresh_job(tx, job)
