"""Locking a job with its visits, and the one place that writes a job's status."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events, rows
from app.kernel.db import Tx
from app.kernel.problems import not_found
from app.work.models import Job, JobEvent, Visit
from app.work.rules import JobFacts, job_status


def lock_visit(tx: Tx, visit_id: UUID) -> tuple[Visit, Job]:
    """A visit and its job, both locked, the job first (always in this order, so that nobody waits in a circle)."""
    job_id = tx.session.scalar(select(Visit.job_id).where(Visit.id == visit_id, Visit.deleted_at.is_(None)))
    if job_id is None:
        raise not_found("visit")
    job = tx.get(Job, job_id, lock=True)
    return tx.get(Visit, visit_id, lock=True), job


def facts_of(tx: Tx, job: Job) -> JobFacts:
    """What the status of `job` hangs on, read anew."""
    statuses = tx.session.scalars(select(Visit.status).where(Visit.job_id == job.id, Visit.deleted_at.is_(None)))
    return JobFacts(
        visits=tuple(statuses),
        triaged=job.triaged_at is not None,
        held=job.held_at is not None,
        cancelled=job.cancelled_at is not None,
        closed=job.closed_at is not None,
    )


def refresh_job(tx: Tx, job: Job) -> Job:
    """Writes the derived status of a locked job; emits `job.status_changed` when it moved."""
    tx.session.flush()
    before, job.status = job.status, job_status(facts_of(tx, job))
    tx.session.flush()
    if job.status != before:
        payload = {"id": str(job.id), "rev": job.rev, "from": before, "to": job.status}
        events.emit(tx, "job.status_changed", payload)
    return job


def tell(tx: Tx, job: Job, event: str, reason: str | None = None, **data: Any) -> None:
    """Adds to the trail of a job, with audit entry and event `job.<event>`."""
    details = rows.plain(data)
    tx.add(JobEvent(job_id=job.id, event=event, reason=reason, user_id=tx.actor.user_id, data=details))
    audit.record(tx, f"job.{event}", "job", job.id, {"reason": reason, **details})
    events.emit(tx, f"job.{event}", {"id": str(job.id), "rev": job.rev, **details})
