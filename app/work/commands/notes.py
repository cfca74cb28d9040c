"""Notes on jobs and visits, internal and public."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.permissions import Role
from app.kernel.problems import FORBIDDEN, invalid
from app.work import access
from app.work.commands.recording import add_fact, given_id, reach
from app.work.commands.times import When, fact, when
from app.work.models import Note


def add_note(
    tx: Tx,
    body: str,
    *,
    job_id: UUID | None = None,
    visit_id: UUID | None = None,
    internal: bool = False,
    id: UUID | None = None,
    at: When | None = None,
    offline: bool = False,
) -> Note:
    """Words on a visit or on a job. A subcontractor cannot write what subcontractors never get to read."""
    if internal and tx.actor.role is Role.SUBCONTRACTOR:
        raise FORBIDDEN("Internal notes are for the organisation's own people.")
    visit, late = reach(tx, visit_id, offline, "notes.write") if visit_id else (None, False)
    job_id = visit.job_id if visit else job_id
    if job_id is None:
        raise invalid("/job_id", "Name the job or the visit.")
    if visit is None:
        access.demand_job(tx, job_id, "notes.write")
    words = {"body": body, "internal": internal, "author_id": tx.actor.user_id}
    given = fact(tx, visit.engineer_id if visit else None, at or when(tx))
    row = Note(job_id=job_id, visit_id=visit_id, **words, **given_id(id), **given)
    if visit is None:
        return _plain_note(tx, row)
    return add_fact(tx, visit, late, row, {"body": body})


def _plain_note(tx: Tx, row: Note) -> Note:
    tx.add(row)
    rows.written(tx, row, "created", {"job_id": row.job_id, "body": row.body, "internal": row.internal})
    return row


def update_note(tx: Tx, row: Note, data: dict[str, Any]) -> Note:
    """Changes one's own words; others' only with the right over all jobs."""
    if row.author_id != tx.actor.user_id and tx.actor.scope("jobs.write") is None:
        raise FORBIDDEN("Only the author or the office changes a note.")
    if data.get("internal") and tx.actor.role is Role.SUBCONTRACTOR:
        raise FORBIDDEN("Internal notes are for the organisation's own people.")
    return rows.update(tx, row, data)
