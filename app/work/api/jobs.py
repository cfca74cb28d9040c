"""Endpoints of job types, requests and jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields
from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Resource
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import choice, equals, one_of
from app.places.models import Site
from app.work import access, commands, queries
from app.work.commands import templates
from app.work.models import Job, JobEvent, JobScore, JobType, Request
from app.work.schemas.jobs import (
    ConversionSchema,
    HoldSchema,
    JobEventSchema,
    JobSchema,
    JobTypeSchema,
    MergeSchema,
    ReasonSchema,
    RequestSchema,
    SplitSchema,
)
from app.work.statuses import CHANNELS, JOB_STATUSES, REQUEST_STATUSES

blueprint = Blueprint("jobs", __name__, url_prefix="/api/v1", description="Requests, job types and jobs")
Body = dict[str, Any]

JOB_TYPES = Resource(
    path="job-types",
    model=JobType,
    schema=JobTypeSchema,
    right="job_types",
    noun="job type",
    filters={"code": equals(JobType.code, fields.String())},
    sorts={"code": JobType.code, "name": JobType.name},
    create=templates.create_job_type,
    update=templates.update_job_type,
    remove=templates.delete_job_type,
)
REQUESTS = Resource(
    path="requests",
    model=Request,
    schema=RequestSchema,
    right="requests",
    noun="request",
    view=queries.requests,
    filters={
        "status": one_of(Request.status, choice(REQUEST_STATUSES)),
        "channel": one_of(Request.channel, choice(CHANNELS)),
        "account_id": equals(Request.account_id),
        "contact_id": equals(Request.contact_id),
        "site_id": equals(Request.site_id),
        "job_id": equals(Request.job_id),
        "external_id": equals(Request.external_id, fields.String()),
        "number": equals(Request.number, fields.String()),
    },
    sorts={"number": Request.number, "reported_at": Request.reported_at},
    in_bbox=queries.at_sites_in,
    matching=lambda words: Request.id.in_(select(func.requests_matching(words))),
    geometry="location",
    create=commands.create_request,
    update=commands.update_request,
)
JOBS = Resource(
    path="jobs",
    model=Job,
    schema=JobSchema,
    right="jobs",
    noun="job",
    view=queries.jobs,
    filters={
        "status": one_of(Job.status, choice(JOB_STATUSES)),
        "priority": one_of(Job.priority, fields.Integer()),
        "job_type_id": equals(Job.job_type_id),
        "account_id": equals(Job.account_id),
        "site_id": equals(Job.site_id),
        "asset_id": equals(Job.asset_id),
        "territory_id": equals(Site.territory_id),
        "request_id": equals(Job.request_id),
        "parent_job_id": equals(Job.parent_job_id),
        "external_id": equals(Job.external_id, fields.String()),
        "number": equals(Job.number, fields.String()),
    },
    sorts={"number": Job.number, "priority": Job.priority, "due_at": Job.due_at, "score": JobScore.score},
    scope=access.jobs_of,
    in_bbox=queries.at_sites_in,
    matching=lambda words: Job.id.in_(select(func.jobs_matching(words))),
    geometry="location",
    create=commands.create_job,
    create_only=("visits", "triaged"),
    update=commands.update_job,
    remove=commands.remove_job,
)
JOB_EVENTS = Resource(
    path="job-events",
    model=JobEvent,
    schema=JobEventSchema,
    right="jobs",
    noun="job event",
    filters={"job_id": equals(JobEvent.job_id), "event": one_of(JobEvent.event)},
    scope=queries.of_jobs,
    verbs="lr",
)
for resource in (JOB_TYPES, REQUESTS, JOBS, JOB_EVENTS):
    resource.register(blueprint)


def created(job: Body) -> Response:
    return json_response(job, 201, {"Location": f"/api/v1/jobs/{job['id']}"})


@blueprint.endpoint(
    "POST",
    "/requests/<uuid:request_id>/convert",
    right="jobs.write",
    status=201,
    summary="Make a job of a request",
    schema=JobSchema,
    body=ConversionSchema,
)
def convert_request(tx: Tx, body: Body, request_id: UUID) -> Response:
    return created(JOBS.one(tx, commands.convert_request(tx, request_id, body).id))


@blueprint.endpoint(
    "POST",
    "/requests/<uuid:request_id>/merge",
    right="requests.write",
    summary="Merge a request into another",
    schema=RequestSchema,
    body=MergeSchema,
)
def merge_request(tx: Tx, body: Body, request_id: UUID) -> Body:
    commands.merge_requests(tx, request_id, body["into"])
    return REQUESTS.one(tx, request_id)


@blueprint.endpoint(
    "POST", "/jobs/<uuid:job_id>/triage", right="jobs.write", summary="Accept a new job as work to do", schema=JobSchema
)
def triage_job(tx: Tx, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.triage_job(tx, job_id).id)


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/hold",
    right="jobs.write",
    summary="Put a job on hold, with reason and resume date",
    schema=JobSchema,
    body=HoldSchema,
)
def hold_job(tx: Tx, body: Body, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.hold_job(tx, job_id, body["reason"], body["until"]).id)


@blueprint.endpoint(
    "POST", "/jobs/<uuid:job_id>/resume", right="jobs.write", summary="Take a job off hold", schema=JobSchema
)
def resume_job(tx: Tx, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.resume_job(tx, job_id).id)


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/cancel",
    right="jobs.write",
    summary="Cancel a job and its visits",
    schema=JobSchema,
    body=ReasonSchema,
)
def cancel_job(tx: Tx, body: Body, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.cancel_job(tx, job_id, body["reason"]).id)


@blueprint.endpoint(
    "POST", "/jobs/<uuid:job_id>/close", right="jobs.write", summary="Close a completed job", schema=JobSchema
)
def close_job(tx: Tx, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.close_job(tx, job_id).id)


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/reopen",
    right="jobs.write",
    summary="Open a closed or cancelled job again",
    schema=JobSchema,
    body=ReasonSchema,
)
def reopen_job(tx: Tx, body: Body, job_id: UUID) -> Body:
    return JOBS.one(tx, commands.reopen_job(tx, job_id, body["reason"]).id)


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/split",
    right="jobs.write",
    status=201,
    summary="Give part of a job to a child job",
    schema=JobSchema,
    body=SplitSchema,
)
def split_job(tx: Tx, body: Body, job_id: UUID) -> Response:
    differs = {key: value for key, value in body.items() if key not in ("reason", "visit_ids")}
    return created(JOBS.one(tx, commands.split_job(tx, job_id, body["reason"], differs, body["visit_ids"]).id))
