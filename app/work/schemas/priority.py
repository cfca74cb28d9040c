"""Wire shapes of priority."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.kernel.http import Schema
from app.kernel.http.schemas import text

TOTAL = 100


def _weight(description: str) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(0, TOTAL), metadata={"description": description}
    )


class PriorityWeightsSchema(Schema):
    """The most points that each reason gives; together 100."""

    urgency = _weight("The job's priority")
    importance = _weight("How much depends on it")
    tier = _weight("The customer's tier")
    deadline = _weight("How near the deadline is")

    @validates_schema
    def total(self, data: dict[str, Any], **_: Any) -> None:
        if sum(data.values()) != TOTAL:
            raise ValidationError(f"The weights total {sum(data.values())}; they must total {TOTAL}.", "urgency")


class UrgentWordsSchema(Schema):
    """Words that make a job at least as urgent as `priority`."""

    words = text(100, required=True)
    priority = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 4))


class PrioritySettingsSchema(Schema):
    """How points are counted. What is not given stays."""

    weights = fields.Nested(PriorityWeightsSchema)
    age_after_s = fields.Integer(
        strict=True, validate=validate.Range(0, 31_536_000), metadata={"description": "Waiting so long is normal."}
    )
    age_points = fields.Integer(
        strict=True, validate=validate.Range(0, 100), metadata={"description": "Points for each hour after that."}
    )
    age_most = fields.Integer(strict=True, validate=validate.Range(0, 100))
    urgent_words = fields.List(fields.Nested(UrgentWordsSchema), validate=validate.Length(0, 500))


class PriorityTermSchema(Schema):
    """Points for one reason."""

    name = fields.String(metadata={"example": "deadline"})
    points = fields.Float()
    most = fields.Integer()
    numbers = fields.Dict()
    detail = fields.String(metadata={"example": "due in 3 h"})


class UrgentWordSchema(UrgentWordsSchema):
    """Words found in a job."""

    detail = fields.String(metadata={"example": "it says “gas smell”"})


class PrioritySchema(Schema):
    """The points of a job as of the last minute, and why."""

    job_id = fields.UUID()
    priority = fields.Integer()
    score = fields.Float(allow_none=True)
    terms = fields.List(fields.Nested(PriorityTermSchema))
    urgent_words = fields.List(fields.Nested(UrgentWordSchema))
