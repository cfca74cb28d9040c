"""Endpoints of visits, their steps, and conflicts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.http import Blueprint, Filter, Moment, Resource
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import choice, equals, one_of
from app.work import access, commands, queries, transitions
from app.work.models import Conflict, Job, JobScore, Visit, VisitEvent
from app.work.schemas.jobs import ReasonSchema
from app.work.schemas.visits import (
    ConflictSchema,
    FollowUpSchema,
    ResolutionSchema,
    TransitionSchema,
    VisitEventSchema,
    VisitSchema,
    VisitTableSchema,
)
from app.work.statuses import UNPUBLISHED, VISIT_STATUSES

blueprint = Blueprint("visits", __name__, url_prefix="/api/v1", description="Visits, their steps, and conflicts")
Body = dict[str, Any]


def _unassigned(wanted: bool) -> Any:
    waiting = Visit.engineer_id.is_(None) & Visit.crew_id.is_(None) & Visit.status.in_(UNPUBLISHED)
    return waiting if wanted else ~waiting


VISITS = Resource(
    path="visits",
    model=Visit,
    schema=VisitSchema,
    right="visits",
    noun="visit",
    view=queries.visits,
    filters={
        "status": one_of(Visit.status, choice(VISIT_STATUSES)),
        "job_id": equals(Visit.job_id),
        "engineer_id": Filter(fields.UUID(), access.held_by),
        "crew_id": equals(Visit.crew_id),
        "territory_id": equals(Visit.territory_id),
        "site_id": equals(Job.site_id),
        "priority": one_of(Job.priority, fields.Integer()),
        "unassigned": Filter(fields.Boolean(), _unassigned),
        "from": Filter(Moment(), lambda moment: moment <= queries.VISIT_ENDS),
        "to": Filter(Moment(), lambda moment: moment > queries.VISIT_STARTS),
    },
    sorts={
        "planned_start": Visit.planned_start,
        "window_start": Visit.window_start,
        "sequence": Visit.sequence,
        "priority": Job.priority,
        "score": JobScore.score,
    },
    scope=access.visits_of,
    in_bbox=queries.at_sites_in,
    geometry="location",
    create=commands.create_visit,
    update=commands.update_visit,
    remove=commands.remove_visit,
)
VISIT_EVENTS = Resource(
    path="visit-events",
    model=VisitEvent,
    schema=VisitEventSchema,
    right="visits",
    noun="visit event",
    filters={
        "visit_id": equals(VisitEvent.visit_id),
        "engineer_id": equals(VisitEvent.engineer_id),
        "applied": equals(VisitEvent.applied, fields.Boolean()),
    },
    sorts={"seq": VisitEvent.seq, "corrected_at": VisitEvent.corrected_at},
    scope=queries.of_visits(VisitEvent),
    verbs="lr",
)
CONFLICTS = Resource(
    path="conflicts",
    model=Conflict,
    schema=ConflictSchema,
    right="conflicts",
    noun="conflict",
    filters={
        "status": one_of(Conflict.status, choice(["open", "resolved"])),
        "kind": one_of(Conflict.kind),
        "collection": one_of(Conflict.collection),
        "visit_id": equals(Conflict.visit_id),
        "row_id": equals(Conflict.row_id),
        "engineer_id": equals(Conflict.engineer_id),
    },
    scope=queries.conflicts_of,
    verbs="lr",
)
for resource in (VISITS, VISIT_EVENTS, CONFLICTS):
    resource.register(blueprint)


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/transitions",
    right="visits.transition",
    summary="Take a step of the visit table",
    schema=VisitSchema,
    body=TransitionSchema,
    example={"to": "en_route", "device_at": "2026-03-02T08:15:00Z"},
)
def take_step(tx: Tx, body: Body, visit_id: UUID) -> Body:
    commands.transition(tx, visit_id, body.pop("to"), **body)
    return rows.one(tx, queries.visits(), Visit, visit_id)


@blueprint.endpoint(
    "GET", "/visit-table", right="self.use", summary="The guarded table of a visit's steps", schema=VisitTableSchema
)
def visit_table(tx: Tx) -> Body:
    return transitions.document()


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/abort-request",
    right="visits.write",
    summary="Ask the engineer to stop working",
    schema=VisitSchema,
    body=ReasonSchema,
)
def ask_abort(tx: Tx, body: Body, visit_id: UUID) -> Body:
    return VISITS.one(tx, commands.ask_abort(tx, visit_id, body["reason"]).id)


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/follow-up",
    right="visits.write",
    status=201,
    summary="Draft a further visit after one that ended",
    schema=VisitSchema,
    body=FollowUpSchema,
)
def follow_up(tx: Tx, body: Body, visit_id: UUID) -> Response:
    visit = VISITS.one(tx, commands.follow_up(tx, visit_id, body).id)
    return json_response(visit, 201, {"Location": f"/api/v1/visits/{visit['id']}"})


@blueprint.endpoint(
    "POST",
    "/conflicts/<uuid:conflict_id>/resolve",
    right="conflicts.resolve",
    summary="Decide between two truths",
    schema=ConflictSchema,
    body=ResolutionSchema,
)
def resolve(tx: Tx, body: Body, conflict_id: UUID) -> Body:
    return CONFLICTS.one(tx, commands.resolve_conflict(tx, conflict_id, body["resolution"], body["value"]).id)
