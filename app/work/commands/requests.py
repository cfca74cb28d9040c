"""Requests: created, turned into jobs without losing anything, merged, closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.kernel import audit, events, rows
from app.kernel.db import Tx
from app.kernel.numbers import next_numbers
from app.kernel.problems import STATE_CONFLICT, invalid
from app.work.commands.deriving import tell
from app.work.commands.jobs import create_job
from app.work.commands.scoring import raised
from app.work.models import Job, JobType, Request

CARRIED = ("account_id", "site_id", "contact_id", "asset_id", "job_type_id", "description", "attachments", "details")


def create_request(tx: Tx, data: dict[str, Any]) -> Request:
    """A request under a fresh number. `data` holds columns of a Request. Raises 409 for a known external id."""
    given = {key: value for key, value in data.items() if value is not None}
    said = {"summary": given.get("subject"), "description": given.get("description"), "priority": given.get("priority")}
    found = raised(tx, said)
    urgent = {"priority": found[0]} if found else {}
    request = rows.create(tx, Request, {**given, **urgent, "number": next_numbers(tx, "R")[0]})
    if found:
        audit.record(tx, "request.raised", "request", request.id, {"words": found[1], "priority": found[0]})
    return request


def update_request(tx: Tx, request: Request, data: dict[str, Any]) -> Request:
    """Changes fields; `status` moves between `new`, `triaged` and `closed` here, the rest has commands of its own."""
    if request.status in ("converted", "merged"):
        raise STATE_CONFLICT(f"The request is {request.status}; its job or its successor goes on.")
    return rows.update(tx, request, data)


def convert_request(tx: Tx, request_id: UUID, data: dict[str, Any]) -> Job:
    """Makes a job of a request; `data` completes or overrides what the request knows (site and job type at least).

    Words, attachments and ids go along; the request stays, points to the job, and so do those merged into it.
    """
    request = tx.get(Request, request_id, lock=True)
    if request.status in ("converted", "merged"):
        raise STATE_CONFLICT(f"The request is {request.status} already.", job_id=_text(request.job_id))
    known = {name: getattr(request, name) for name in CARRIED}
    known |= {"summary": request.subject, "priority": request.priority}
    if request.external_id:
        known |= {"external_id": request.external_id, "source": request.source}
    chosen = {**known, **{key: value for key, value in data.items() if value is not None}}
    for name, model in (("site_id", None), ("job_type_id", JobType)):
        if chosen.get(name) is None:
            raise invalid(f"/{name}", f"The request does not name it, so say which: {name}.")
        if model is not None and tx.find(model, chosen[name]) is None:
            raise invalid(f"/{name}", "There is no such job type.")
    job = create_job(tx, {**chosen, "request_id": request.id})
    tell(tx, job, "converted_from", request_id=request.id, request_number=request.number)
    _point_to(tx, request, job)
    return job


def _point_to(tx: Tx, request: Request, job: Job) -> None:
    rows.update(tx, request, {"status": "converted", "job_id": job.id})
    tx.session.execute(update(Request).where(Request.merged_into == request.id).values(job_id=job.id))
    audit.record(tx, "request.converted", "request", request.id, {"job_id": str(job.id), "number": job.number})
    events.emit(tx, "request.converted", {"id": str(request.id), "rev": request.rev, "job_id": str(job.id)})


def merge_requests(tx: Tx, request_id: UUID, into_id: UUID) -> Request:
    """Merges a request into another: it stays with its words and number, and points to the one that goes on."""
    if request_id == into_id:
        raise invalid("/into", "A request cannot be merged into itself.")
    both = {id: tx.find(Request, id, lock=True) for id in sorted((request_id, into_id))}
    request, into = both[request_id] or tx.get(Request, request_id), both[into_id]
    if into is None or into.status == "merged":
        raise invalid("/into", "There is no such request to merge into.")
    if request.status in ("converted", "merged"):
        raise STATE_CONFLICT(f"The request is {request.status} already.")
    rows.update(tx, request, {"status": "merged", "merged_into": into.id, "job_id": into.job_id})
    followers = select(Request).where(Request.merged_into == request.id, Request.deleted_at.is_(None))
    for follower in tx.session.scalars(followers):
        rows.update(tx, follower, {"merged_into": into.id, "job_id": into.job_id})
    audit.record(tx, "request.merged", "request", request.id, {"into": str(into.id), "number": into.number})
    events.emit(tx, "request.merged", {"id": str(request.id), "rev": request.rev, "into": str(into.id)})
    return request


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
