"""Endpoints of alerts and of a day as it will be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import ColumnElement, or_, select

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.http import Blueprint, Filter, Resource
from app.kernel.http.resources import choice, equals, one_of
from app.kernel.permissions import Scope
from app.kernel.problems import not_found
from app.people.models import Engineer
from app.positions import queries as positions
from app.work import access
from app.work.models import Visit
from dispatch.schemas import DayQuery
from dispatch.watching import alerting, days, hours
from dispatch.watching.models import KINDS, Alert
from dispatch.watching.schemas import AlertSchema, DayOfEngineerQuery, DayOfEngineerSchema, HoursSchema

blueprint = Blueprint("watching", __name__, url_prefix="/api/v1", description="Alerts, and the day as it will be")
Body = dict[str, Any]


def _seen(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Alerts about the visits or the engineers of the territories."""
    people = select(Engineer.id).where(positions.visible(actor, scope))
    visits = select(Visit.id).where(access.visits_of(actor, scope))
    return or_(Alert.engineer_id.in_(people), Alert.visit_id.in_(visits))


ALERTS = Resource(
    path="alerts",
    model=Alert,
    schema=AlertSchema,
    right="dispatch",
    noun="alert",
    filters={
        "kind": one_of(Alert.kind, choice(KINDS)),
        "engineer_id": equals(Alert.engineer_id),
        "visit_id": equals(Alert.visit_id),
        "open": Filter(fields.Boolean(), lambda wanted: Alert.closed_at.is_(None) == wanted),
    },
    scope=_seen,
    verbs="lr",
)
ALERTS.register(blueprint)


@blueprint.endpoint(
    "POST", "/alerts/<uuid:alert_id>/close", right="dispatch.assign", summary="Close an alert", schema=AlertSchema
)
def close_alert(tx: Tx, alert_id: UUID) -> Body:
    ALERTS.one(tx, alert_id)
    alerting.close(tx, tx.get(Alert, alert_id, lock=True))
    return ALERTS.one(tx, alert_id)


@blueprint.endpoint(
    "GET",
    "/engineers/<uuid:engineer_id>/day",
    right="visits.read",
    summary="An engineer's day as it will be: the visits with their times of arrival",
    schema=DayOfEngineerSchema,
    query=DayOfEngineerQuery,
)
def read_day(tx: Tx, query: Body, engineer_id: UUID) -> Body:
    allowed = positions.visible(tx.actor, tx.actor.demand("visits.read"))
    if tx.session.scalar(select(Engineer.id).where(Engineer.id == engineer_id, allowed)) is None:
        raise not_found("engineer")
    return days.shown(tx, engineer_id, query["date"])


@blueprint.endpoint(
    "GET",
    "/dispatch/hours",
    right="dispatch.read",
    summary="When the visits of a day really began and ended, and when the others are expected to",
    schema=HoursSchema,
    query=DayQuery,
)
def read_hours(tx: Tx, query: Body) -> Body:
    return hours.hours(tx, query["date"], query.get("engineer_id"))
