"""Endpoints of decisions by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import select

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Resource, RowSchema, Schema
from app.kernel.http.resources import equals
from app.work import access
from app.work.models import Visit
from dispatch import settings
from dispatch.decisions import keeping
from dispatch.decisions.models import Decision

blueprint = Blueprint("decisions", __name__, url_prefix="/api/v1", description="What dispatchers decide by hand")


class HandDecisionSchema(RowSchema):
    """A visit assigned by hand, beside what the engine would have done."""

    visit_id = fields.UUID()
    engineer_id = fields.UUID()
    proposed_id = fields.UUID(allow_none=True, metadata={"description": "Whom the engine would have sent."})
    followed = fields.Boolean()
    forced = fields.Boolean(metadata={"description": "A rule was broken."})
    reason = fields.String(allow_none=True)
    added_travel_s = fields.Integer(allow_none=True)
    proposed_travel_s = fields.Integer(allow_none=True)
    rules = fields.List(fields.String())
    user_id = fields.UUID(allow_none=True)


class MonthQuery(Schema):
    """A month; the present one when absent."""

    month = fields.String(
        load_default=None, validate=validate.Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z"), metadata={"example": "2026-03"}
    )


class ReasonOfMonthSchema(Schema):
    """How often a reason was given, and what it cost in travel."""

    reason = fields.String(allow_none=True)
    count = fields.Integer()
    extra_travel_s = fields.Integer()


class ComparisonSchema(Schema):
    """A month of decisions by hand, against what the engine had proposed."""

    month = fields.String()
    by_hand = fields.Integer()
    followed = fields.Integer()
    overridden = fields.Integer()
    forced = fields.Integer()
    extra_travel_s = fields.Integer(metadata={"description": "Negative: the dispatchers saved travel."})
    reasons = fields.List(fields.Nested(ReasonOfMonthSchema))


DECISIONS = Resource(
    path="dispatch/decisions",
    model=Decision,
    schema=HandDecisionSchema,
    right="dispatch",
    noun="decision",
    filters={"visit_id": equals(Decision.visit_id), "followed": equals(Decision.followed, fields.Boolean())},
    scope=lambda actor, scope: Decision.visit_id.in_(select(Visit.id).where(access.visits_of(actor, scope))),
    verbs="l",
)
DECISIONS.register(blueprint)


@blueprint.endpoint(
    "GET",
    "/dispatch/comparison",
    right="dispatch.read",
    summary="A month of decisions by hand beside the engine's proposals",
    schema=ComparisonSchema,
    query=MonthQuery,
)
def compare(tx: Tx, query: dict[str, Any]) -> dict[str, Any]:
    asked = query["month"] or tx.now.astimezone(settings.zone(tx)).strftime("%Y-%m")
    year, month = asked.split("-")
    return keeping.month(tx, date(int(year), int(month), 1))
