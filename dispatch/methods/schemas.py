"""Wire shapes of offers and the pool."""

from __future__ import annotations

from marshmallow import fields, validate

from app.kernel.http import GeoJSON, Moment, RowSchema, Schema
from app.work.schemas.jobs import SkillNeedSchema
from app.work.statuses import DISPATCH_METHODS
from dispatch.methods.models import ANSWERS

ASKING = ("auto", "round_robin", "nearest")


class OfferSchema(RowSchema):
    """One engineer asked for one visit."""

    visit_id = fields.UUID()
    engineer_id = fields.UUID()
    method = fields.String(metadata={"enum": [*DISPATCH_METHODS]})
    answer = fields.String(metadata={"enum": [*ANSWERS]})
    expires_at = Moment(allow_none=True, metadata={"description": "Then the next one is asked."})
    answered_at = Moment(allow_none=True)
    reason = fields.String(allow_none=True)


class NewOfferSchema(Schema):
    """Whom to ask: a named engineer, or everybody who can go, one after the other."""

    engineer_id = fields.UUID(load_default=None, allow_none=True)
    method = fields.String(load_default="auto", validate=validate.OneOf(ASKING))
    seconds = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(60, 86_400))


class OpenWorkSchema(Schema):
    """A visit that can be claimed; it names nobody."""

    id = fields.UUID()
    rev = fields.Integer()
    territory_id = fields.UUID(allow_none=True)
    job_type_id = fields.UUID()
    job_type = fields.String()
    priority = fields.Integer()
    window_start = Moment(allow_none=True)
    window_end = Moment(allow_none=True)
    due_at = Moment(allow_none=True)
    duration_s = fields.Integer()
    required_skills = fields.List(fields.Nested(SkillNeedSchema))
    location = GeoJSON("Point", allow_none=True)


class PoolSchema(Schema):
    """Open work, the most urgent first."""

    items = fields.List(fields.Nested(OpenWorkSchema))
