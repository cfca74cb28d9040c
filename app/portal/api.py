"""Following a job without an account. A wrong code and wrong digits are answered alike, and soon not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Response, request

from app.kernel import ratelimit
from app.kernel.actor import system_actor
from app.kernel.config import config
from app.kernel.db import Tx, transaction
from app.kernel.http import Blueprint
from app.kernel.problems import NOT_FOUND
from app.notices.codes import code_of, opened
from app.portal import commands, queries
from app.portal.schemas import (
    LetterSchema,
    MessagesSchema,
    TrackAnswerSchema,
    TrackedSchema,
    TrackKeySchema,
    TrackLinkSchema,
    TrackMessageSchema,
    TrackMoveSchema,
    TrackSlotsSchema,
    TrackVisitSchema,
)
from app.work import access
from app.work import commands as work
from app.work.models import Job
from media import serving
from media.store import BlobKey

blueprint = Blueprint("portal", __name__, url_prefix="/api/v1", description="The customer's side, without an account")
BLUEPRINTS = [blueprint]

LOOKS, MISSES, SEARCHES, LETTERS = "60 per minute", "5 per 15 minutes", "20 per 5 minutes", "10 per hour"


@blueprint.endpoint(
    "GET",
    "/jobs/<uuid:job_id>/track-link",
    right="jobs.read",
    summary="The address at which the customer follows the job",
    schema=TrackLinkSchema,
)
def read_link(tx: Tx, job_id: UUID) -> dict[str, Any]:
    access.demand_job(tx, job_id, "jobs.read")
    code = code_of(tx.actor.org_id, job_id)
    return {"url": f"{config().public_url.rstrip('/')}/track/{code}", "code": code}


@blueprint.endpoint(
    "GET",
    "/jobs/<uuid:job_id>/messages",
    right="jobs.read",
    summary="What the customer and the office have written to each other",
    schema=MessagesSchema,
)
def read_messages(tx: Tx, job_id: UUID) -> dict[str, Any]:
    access.demand_job(tx, job_id, "jobs.read")
    return {"messages": queries.messages(tx, job_id)}


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/messages",
    right="jobs.write",
    status=201,
    summary="Write to the job's customer, who reads it on their page; it stands on the job's trail",
    schema=MessagesSchema,
    body=LetterSchema,
    problems=(409,),
)
def answer_customer(tx: Tx, body: dict[str, Any], job_id: UUID) -> dict[str, Any]:
    work.answer_customer(tx, job_id, body["text"])
    return {"messages": queries.messages(tx, job_id)}


@blueprint.endpoint(
    "POST",
    "/track/<code>",
    right=None,
    summary="How a job stands, for its customer",
    schema=TrackedSchema,
    body=TrackKeySchema,
)
def look(body: dict[str, Any], code: str) -> dict[str, Any]:
    with _known(code, body) as (tx, job):
        return queries.tracked(tx, job)


@blueprint.endpoint(
    "POST",
    "/track/<code>/answers",
    right=None,
    summary="Call a visit off, confirm it, or say what was wrong",
    schema=TrackedSchema,
    body=TrackAnswerSchema,
    problems=(403, 409),
)
def answer(body: dict[str, Any], code: str) -> dict[str, Any]:
    with _known(code, body) as (tx, job):
        acting = Tx(tx.session, commands.customer(tx.actor), tx.now)
        commands.answer(acting, job.id, body["visit_id"], body["to"], body["reason"])
        return queries.tracked(tx, job)


@blueprint.endpoint(
    "POST",
    "/track/<code>/messages",
    right=None,
    status=201,
    summary="Write to the office; it stands on the job's trail",
    schema=TrackedSchema,
    body=TrackMessageSchema,
    problems=(429,),
)
def write(body: dict[str, Any], code: str) -> dict[str, Any]:
    with _known(code, body) as (tx, job):
        ratelimit.hit(LETTERS, "track-letters", str(job.id))
        commands.write(tx, job.id, body["text"])
        return queries.tracked(tx, job)


@blueprint.endpoint(
    "POST",
    "/track/<code>/slots",
    right=None,
    summary="The times to which a visit could be moved",
    schema=TrackSlotsSchema,
    body=TrackVisitSchema,
    problems=(409,),
)
def slots(body: dict[str, Any], code: str) -> dict[str, Any]:
    with _known(code, body) as (tx, job):
        ratelimit.hit(SEARCHES, "track-slots", str(job.id))
        found = commands.open_slots(tx, job.id, body["visit_id"])
    return {"slots": [{"start": start, "end": end} for start, end in found]}


@blueprint.endpoint(
    "POST",
    "/track/<code>/reschedule",
    right=None,
    summary="Move a visit to one of the times that are open",
    schema=TrackedSchema,
    body=TrackMoveSchema,
    problems=(409,),
)
def reschedule(body: dict[str, Any], code: str) -> dict[str, Any]:
    with _known(code, body) as (tx, job):
        ratelimit.hit(SEARCHES, "track-slots", str(job.id))
        commands.reschedule(tx, job.id, body["visit_id"], body["start"])
        return queries.tracked(tx, job)


@blueprint.endpoint(
    "POST",
    "/track/<code>/report",
    right=None,
    summary="The sealed report of a visit, as a file",
    body=TrackVisitSchema,
    responses={200: {"content_type": "application/pdf", "description": "The newest version"}},
    problems=(404,),
)
def report(body: dict[str, Any], code: str) -> Response:
    with _known(code, body) as (tx, job):
        found = queries.report_of(tx, job, body["visit_id"])
    key, name = BlobKey(found.org_id, found.sha256), f"{found.number}.pdf"
    response = serving.send(key, found.size, "application/pdf", name, inline=False)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@contextmanager
def _known(code: str, told: dict[str, Any]) -> Iterator[tuple[Tx, Job]]:
    """The job of a code, for whoever also knows digits or key. Each miss counts against the code and the address."""
    address, name = request.remote_addr or "", hashlib.sha256(code.encode()).hexdigest()
    ratelimit.hit(LOOKS, "track", address)
    ratelimit.check(MISSES, "track-code", name)
    found = opened(code)
    if found is None:
        raise _miss(name)
    with transaction(system_actor(found[0])) as tx:
        job = tx.find(Job, found[1])
        if job is None or not queries.is_theirs(tx, job, told["digits"], told["key"]):
            raise _miss(name)
        yield tx, job


def _miss(name: str) -> Exception:
    ratelimit.hit(MISSES, "track-code", name)
    return NOT_FOUND("This code and what you know do not belong together.")
