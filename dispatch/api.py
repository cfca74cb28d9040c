"""Endpoints of dispatch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Day, Resource
from app.kernel.http.reading import expected_revision
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import equals, one_of
from app.places.models import Account
from dispatch import assigning, legs, listing, naming, plans, proposal, recommending, settings, wishes
from dispatch.applying import apply_plan
from dispatch.decisions import api as decisions_api
from dispatch.engine.wording import LANGUAGES
from dispatch.methods import api as methods_api
from dispatch.models import Plan
from dispatch.saying import Voice
from dispatch.schemas import (
    ApplySchema,
    AssignedSchema,
    AssignSchema,
    ConsequencesSchema,
    DayPlanSchema,
    DayQuery,
    FullDayPlanSchema,
    LegsSchema,
    NewDayPlanSchema,
    QuestionSchema,
    RecommendationSchema,
    SettingsSchema,
    UnassignSchema,
    UndoSchema,
    WhatIfSchema,
    WishesSchema,
)
from dispatch.undoing import undo_plan
from dispatch.watching import api as watching_api
from dispatch.what_if import what_if

blueprint = Blueprint("dispatch", __name__, url_prefix="/api/v1", description="Who should go, and why")
BLUEPRINTS = [blueprint, methods_api.blueprint, watching_api.blueprint, decisions_api.blueprint]
Body = dict[str, Any]
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag of the revision that you saw; 412 when the visit has changed since, forced or not.",
    "schema": {"type": "string"},
}
NOT_YET = (
    *("routes", "unassigned", "totals", "before", "elsewhere", "difference"),
    *("visits", "method", "rounds", "notes"),
)
PLANS = Resource(
    path="dispatch/plans",
    model=Plan,
    schema=DayPlanSchema,
    right="dispatch",
    noun="plan",
    view=listing.plans,
    filters={"status": one_of(Plan.status), "date": equals(Plan.date, Day())},
    sorts={"date": Plan.date},
    scope=plans.visible,
    verbs="l",
)
PLANS.register(blueprint)


def voice(tx: Tx) -> Voice:
    """The reader's language, and the organisation's hours."""
    return Voice(request.accept_languages.best_match(LANGUAGES, "en"), settings.zone(tx))


@blueprint.endpoint(
    "POST",
    "/dispatch/recommendations",
    right="dispatch.read",
    summary="Who should go to a visit, and why not the others",
    schema=RecommendationSchema,
    body=QuestionSchema,
    problems=(404,),
)
def recommendations(tx: Tx, body: Body) -> Body:
    if "visit_id" in body:
        return recommending.for_visit(tx, body["visit_id"], body["limit"], voice(tx))
    return recommending.for_job(tx, body["job"], body["limit"], voice(tx))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/assign",
    right="dispatch.assign",
    summary="Give a visit to an engineer by hand",
    schema=AssignedSchema,
    body=AssignSchema,
    problems=(412,),
    documented={"parameters": [IF_MATCH]},
)
def assign(tx: Tx, body: Body, visit_id: UUID) -> Body:
    seen = expected_revision()
    return assigning.assign(tx, visit_id, body.pop("engineer_id"), **body, revision=seen, voice=voice(tx))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/unassign",
    right="dispatch.assign",
    summary="Take a visit back: it waits for an engineer again",
    schema=AssignedSchema,
    body=UnassignSchema,
    problems=(412,),
    documented={"parameters": [IF_MATCH]},
)
def unassign(tx: Tx, body: Body, visit_id: UUID) -> Body:
    return assigning.unassign(tx, visit_id, body["reason"], expected_revision())


@blueprint.endpoint(
    "GET",
    "/dispatch/legs",
    right="dispatch.read",
    summary="The drives between the visits of a day",
    schema=LegsSchema,
    query=DayQuery,
)
def read_legs(tx: Tx, query: Body) -> Body:
    return legs.legs(tx, query["date"], query.get("engineer_id"))


@blueprint.endpoint(
    "POST",
    "/dispatch/plans",
    right="dispatch.plan",
    status=202,
    summary="Plan a day in the background",
    schema=FullDayPlanSchema,
    body=NewDayPlanSchema,
)
def create_plan(tx: Tx, body: Body) -> Response:
    plan = plans.create_plan(tx, body)
    return json_response(shown(tx, plan.id, "dispatch.plan"), 202, {"Location": f"/api/v1/dispatch/plans/{plan.id}"})


@blueprint.endpoint(
    "GET", "/dispatch/plans/<uuid:plan_id>", right="dispatch.read", summary="Read a plan", schema=FullDayPlanSchema
)
def read_plan(tx: Tx, plan_id: UUID) -> Body:
    return shown(tx, plan_id, "dispatch.read")


@blueprint.endpoint(
    "POST",
    "/dispatch/plans/<uuid:plan_id>/stop",
    right="dispatch.plan",
    summary="End a running plan with the best so far",
    schema=FullDayPlanSchema,
)
def stop_plan(tx: Tx, plan_id: UUID) -> Body:
    plans.stop_plan(tx, _locked(tx, plan_id))
    return shown(tx, plan_id, "dispatch.plan")


@blueprint.endpoint(
    "POST",
    "/dispatch/plans/<uuid:plan_id>/apply",
    right="dispatch.plan",
    summary="Make a proposal the plan, all of it or chosen routes",
    schema=FullDayPlanSchema,
    body=ApplySchema,
)
def apply(tx: Tx, body: Body, plan_id: UUID) -> Body:
    apply_plan(tx, _locked(tx, plan_id), body["engineer_ids"], body["publish"])
    return shown(tx, plan_id, "dispatch.plan")


@blueprint.endpoint(
    "POST",
    "/dispatch/plans/<uuid:plan_id>/undo",
    right="dispatch.plan",
    summary="Take an applied plan back, all of it or chosen routes, while nothing of it has begun",
    schema=FullDayPlanSchema,
    body=UndoSchema,
)
def undo(tx: Tx, body: Body, plan_id: UUID) -> Body:
    undo_plan(tx, _locked(tx, plan_id), body["engineer_ids"])
    return shown(tx, plan_id, "dispatch.plan")


@blueprint.endpoint(
    "POST",
    "/dispatch/what-if",
    right="dispatch.read",
    summary="What would happen if; nothing is changed",
    schema=ConsequencesSchema,
    body=WhatIfSchema,
    problems=(404,),
)
def consequences(tx: Tx, body: Body) -> Body:
    return what_if(tx, body["changes"], voice(tx))


@blueprint.endpoint(
    "GET",
    "/dispatch/settings",
    right="dispatch.read",
    summary="How wishes are weighed",
    schema=SettingsSchema,
)
def read_settings(tx: Tx) -> Body:
    return settings.shown(settings.current(tx))


@blueprint.endpoint(
    "PUT",
    "/dispatch/settings",
    right="organisation.write",
    summary="Change how wishes are weighed",
    schema=SettingsSchema,
    body=SettingsSchema,
)
def change_settings(tx: Tx, body: Body) -> Body:
    return settings.shown(settings.change(tx, body))


@blueprint.endpoint(
    "GET",
    "/accounts/<uuid:row_id>/engineers",
    right="places.write",
    summary="Which engineers a customer demands, prefers or does not want",
    schema=WishesSchema,
)
def read_wishes(tx: Tx, row_id: UUID) -> Body:
    return {"engineers": wishes.listed(tx, tx.get(Account, row_id))}


@blueprint.endpoint(
    "PUT",
    "/accounts/<uuid:row_id>/engineers",
    right="places.write",
    summary="Replace which engineers a customer demands, prefers or does not want",
    schema=WishesSchema,
    body=WishesSchema,
)
def replace_wishes(tx: Tx, body: Body, row_id: UUID) -> Body:
    return {"engineers": wishes.replace(tx, tx.get(Account, row_id, lock=True), body["engineers"])}


def shown(tx: Tx, plan_id: UUID, right: str) -> Body:
    """A plan as on the wire, with its answer in the reader's words."""
    row = PLANS.one(tx, plan_id, right)
    answer = tx.session.scalar(select(Plan.answer).where(Plan.id == plan_id))
    if answer is None:
        return {**row, "applied": [], **dict.fromkeys(NOT_YET)}
    told = proposal.shown(answer, naming.named(tx, voice(tx), *proposal.mentioned(answer)))
    return {**row, "applied": [], **told, "visits": naming.visits_told(tx, proposal.visits_of(answer))}


def _locked(tx: Tx, plan_id: UUID) -> Plan:
    """The plan, locked, with its heavy columns; 404 when it is not the actor's."""
    PLANS.one(tx, plan_id, "dispatch.plan")
    query = select(Plan).where(Plan.id == plan_id).options(*(undefer(getattr(Plan, name)) for name in listing.HEAVY))
    return tx.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
