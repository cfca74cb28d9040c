"""Wire shapes of job types, requests and jobs."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from app.kernel import rows
from app.kernel.http import GeoJSON, Moment, RowSchema, Schema
from app.kernel.http.schemas import Quantity, text
from app.work.statuses import CHANNELS, DISPATCH_METHODS, ITEM_KINDS, ITEM_STATUSES, JOB_STATUSES, REQUEST_STATUSES

MAX_DURATION = 604_800
LONG = 20_000
# Somebody in the office will click on it: it must not run as a script of ours.
WEB_ADDRESS = validate.Regexp(r"^[hH][tT][tT][pP][sS]?://\S+\Z", error="Must begin with http:// or https://.")


def priority(**kwargs: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(1, 4), metadata={"description": "1 is most urgent."}, **kwargs
    )


def duration(**kwargs: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(60, MAX_DURATION), metadata={"description": "Seconds."}, **kwargs
    )


def attachments() -> fields.List[Any]:
    return fields.List(fields.Nested(AttachmentSchema), validate=validate.Length(0, 100))


class Label(fields.Field[Any]):
    """A text, or texts by language: `"Pressure"` or `{"en": "Pressure", "zh": "压力"}`."""

    def __init__(self, **kwargs: Any) -> None:
        shapes = [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]
        super().__init__(metadata={"anyOf": shapes, "example": {"en": "Pressure", "zh": "压力"}}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        texts = list(value.values()) if isinstance(value, dict) else [value]
        if not texts or not all(isinstance(one, str) and 0 < len(one.strip()) <= 500 for one in texts):
            raise ValidationError("A text, or an object with one text for each language.")
        return value


class AttachmentSchema(Schema):
    """Something that came along with a request."""

    id = fields.UUID()
    media_id = fields.UUID()
    name = text(300)
    content_type = text(200)
    url = fields.String(validate=[validate.Length(0, 2000), WEB_ADDRESS])

    @post_load
    def as_json(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        plain: dict[str, Any] = rows.plain(data)
        return plain


class SkillNeedSchema(Schema):
    """A skill that a job demands, at least at this level."""

    skill_id = fields.UUID(required=True)
    level = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 5))


class PlannedPartSchema(Schema):
    """A part that a job usually needs."""

    part_id = fields.UUID(required=True)
    quantity = Quantity(load_default="1")


class ItemTemplateSchema(Schema):
    """One point of a checklist; due before the visit enters `at_status`."""

    key = text(100)
    label = Label(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(ITEM_KINDS))
    required = fields.Boolean(load_default=False)
    at_status = fields.String(load_default="completed", validate=validate.OneOf(ITEM_STATUSES))
    options = fields.List(text(200, required=True), load_default=list, validate=validate.Length(0, 100))

    @validates_schema
    def choices_need_options(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("kind") == "choice" and not data.get("options"):
            raise ValidationError("A choice needs options.", "options")


class JobTypeSchema(RowSchema):
    """Template of a job."""

    code = text(100, required=True, metadata={"example": "boiler-service"})
    name = text(300, required=True)
    description = text(LONG, allow_none=True)
    duration_s = duration()
    required_skills = fields.List(fields.Nested(SkillNeedSchema), validate=validate.Length(0, 50))
    checklist = fields.List(fields.Nested(ItemTemplateSchema), validate=validate.Length(0, 200))
    parts = fields.List(fields.Nested(PlannedPartSchema), validate=validate.Length(0, 100))
    requires_signature = fields.Boolean()
    required_photos = fields.Integer(strict=True, validate=validate.Range(0, 100))
    dispatch_method = fields.String(validate=validate.OneOf(DISPATCH_METHODS))


class RequestSchema(RowSchema):
    """What came in over a channel."""

    number = fields.String(dump_only=True, metadata={"example": "R-2026-000123"})
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    source = text(100)
    external_id = text(200, allow_none=True)
    subject = text(500, required=True)
    description = text(LONG)
    priority = priority(allow_none=True)
    status = fields.String(
        validate=validate.OneOf(["new", "triaged", "closed"]), metadata={"enum": [*REQUEST_STATUSES]}
    )
    reported_at = Moment(allow_none=True)
    contact_id = fields.UUID(allow_none=True)
    account_id = fields.UUID(allow_none=True)
    site_id = fields.UUID(allow_none=True)
    asset_id = fields.UUID(allow_none=True)
    job_type_id = fields.UUID(allow_none=True)
    attachments = attachments()
    details = fields.Dict(keys=fields.String())
    job_id = fields.UUID(dump_only=True, allow_none=True)
    merged_into = fields.UUID(dump_only=True, allow_none=True)
    location = GeoJSON("Point", dump_only=True, allow_none=True)


class PlanSchema(Schema):
    """When a visit should be and how long it takes."""

    window_start = Moment(allow_none=True)
    window_end = Moment(allow_none=True)
    duration_s = duration()
    pinned = fields.Boolean()
    instructions = text(LONG)

    @validates_schema
    def window_runs_forward(self, data: dict[str, Any], **_: Any) -> None:
        start, end = data.get("window_start"), data.get("window_end")
        if start and end and end <= start:
            raise ValidationError("The window ends after it starts.", "window_end")


class JobSchema(RowSchema):
    """The commitment to get something done. `status` is derived from the visits."""

    number = fields.String(dump_only=True, metadata={"example": "J-2026-000123"})
    source = text(100)
    external_id = text(200, allow_none=True)
    job_type_id = fields.UUID(required=True)
    site_id = fields.UUID(required=True)
    account_id = fields.UUID(allow_none=True)
    asset_id = fields.UUID(allow_none=True)
    contact_id = fields.UUID(allow_none=True)
    parent_job_id = fields.UUID(allow_none=True)
    priority = priority()
    importance = fields.Integer(
        strict=True, validate=validate.Range(1, 4), metadata={"description": "How much depends on it; 1 is most."}
    )
    score = fields.Float(dump_only=True, allow_none=True, metadata={"description": "Points; see /jobs/{id}/priority."})
    summary = text(500)
    description = text(LONG)
    attachments = attachments()
    details = fields.Dict(keys=fields.String())
    earliest_start = Moment(allow_none=True)
    due_at = Moment(allow_none=True)
    visits = fields.List(
        fields.Nested(PlanSchema),
        load_only=True,
        validate=validate.Length(0, 50),
        metadata={"description": "On create: the visits to make as drafts; one without a window when absent."},
    )
    triaged = fields.Boolean(load_only=True, metadata={"description": "On create: false leaves the job `new`."})
    request_id = fields.UUID(dump_only=True, allow_none=True)
    status = fields.String(dump_only=True, metadata={"enum": [*JOB_STATUSES]})
    triaged_at = Moment(dump_only=True, allow_none=True)
    held_at = Moment(dump_only=True, allow_none=True)
    hold_reason = fields.String(dump_only=True, allow_none=True)
    hold_until = Moment(dump_only=True, allow_none=True)
    cancelled_at = Moment(dump_only=True, allow_none=True)
    cancel_reason = fields.String(dump_only=True, allow_none=True)
    closed_at = Moment(dump_only=True, allow_none=True)
    location = GeoJSON("Point", dump_only=True, allow_none=True)


class ConversionSchema(JobSchema):
    """What the request does not say itself, or should be said differently."""

    job_type_id = fields.UUID()
    site_id = fields.UUID()


class MergeSchema(Schema):
    """The request that goes on."""

    into = fields.UUID(required=True)


class ReasonSchema(Schema):
    """Why."""

    reason = text(2000, required=True)


class HoldSchema(ReasonSchema):
    """Why, and when it should go on."""

    until = Moment(load_default=None)


class SplitSchema(ReasonSchema):
    """A child job that takes over visits of this one, with what shall differ."""

    visit_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    job_type_id = fields.UUID()
    summary = text(500)
    description = text(LONG)
    priority = priority()
    due_at = Moment()


class JobEventSchema(RowSchema):
    """One entry of a job's trail."""

    job_id = fields.UUID()
    event = fields.String()
    reason = fields.String(allow_none=True)
    user_id = fields.UUID(allow_none=True)
    data = fields.Dict()
