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
    found = tx.find(Visit, visit_id)
    if found is None:
        raise not_found("visit")
    job = tx.get(Job, found.job_id, lock=True)
    return tx.get(Visit, visit_id, lock=True), job


def facts_of(tx: Tx, job: Job) -> JobFacts:
    """What the status of a locked `job` hangs on."""
    visits = tx.recall(("visits of", job.id), lambda: visits_of(tx, job))
    return JobFacts(
        visits=tuple(visit.status for visit in visits),
        triaged=job.triaged_at is not None,
        held=job.held_at is not None,
        cancelled=job.cancelled_at is not None,
        closed=job.closed_at is not None,
    )


def visits_of(tx: Tx, job: Job) -> list[Visit]:
    """The live visits of `job`, as they stand now."""
    query = select(Visit).where(Visit.job_id == job.id, Visit.deleted_at.is_(None))
    return list(tx.session.scalars(query.execution_options(populate_existing=True)))


def refresh_job(tx: Tx, job: Job) -> Job:
    """Writes the derived status of a locked job; emits `job.status_changed` when it moved."""
    before, now = job.status, job_status(facts_of(tx, job))
    if now != before:
        payload = {"id": str(job.id), "rev": tx.settle(job, status=now), "from": before, "to": now}
        events.emit(tx, "job.status_changed", payload)
    return job


def tell(tx: Tx, job: Job, event: str, reason: str | None = None, **data: Any) -> None:
    """Adds to the trail of a job, with audit entry and event `job.<event>`."""
    details = rows.plain(data)
    tx.add(
        JobEvent(job_id=job.id, event=event, reason=reason, user_id=tx.actor.user_id, data=details, created_at=tx.now)
    )
    audit.record(tx, f"job.{event}", "job", job.id, {"reason": reason, **details})
    events.emit(tx, f"job.{event}", {"id": str(job.id), "rev": job.rev, **details})
