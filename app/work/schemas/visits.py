"""Wire shapes of visits, their course, and conflicts."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.kernel.http import GeoJSON, Moment, RowSchema, Schema
from app.kernel.http.schemas import text
from app.work.schemas.jobs import LONG, PlanSchema
from app.work.statuses import DISPATCH_METHODS, RESOLUTIONS, VISIT_STATUSES


class VisitSchema(RowSchema, PlanSchema):
    """One trip by one engineer or crew for a job. Its status moves by transitions, its engineer by assigning."""

    job_id = fields.UUID(required=True)
    territory_id = fields.UUID(allow_none=True, metadata={"description": "Default: the territory of the site."})
    planned_start = Moment(allow_none=True)
    planned_end = Moment(allow_none=True)
    sequence = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 10_000))
    dispatch_method = fields.String(
        allow_none=True,
        validate=validate.OneOf(DISPATCH_METHODS),
        metadata={"description": "How this visit finds its engineer; null: as its territory or its job type says."},
    )
    status = fields.String(dump_only=True, metadata={"enum": [*VISIT_STATUSES]})
    engineer_id = fields.UUID(dump_only=True, allow_none=True)
    crew_id = fields.UUID(dump_only=True, allow_none=True)
    follow_up_of = fields.UUID(dump_only=True, allow_none=True)
    cancel_reason = fields.String(dump_only=True, allow_none=True)
    abort_asked_at = Moment(dump_only=True, allow_none=True)
    abort_reason = fields.String(dump_only=True, allow_none=True)
    offer_expires_at = Moment(
        dump_only=True, allow_none=True, metadata={"description": "Answer by then, or somebody else is asked."}
    )
    job_number = fields.String(dump_only=True)
    summary = fields.String(dump_only=True)
    priority = fields.Integer(dump_only=True)
    score = fields.Float(dump_only=True, allow_none=True, metadata={"description": "The points of the job."})
    job_type_id = fields.UUID(dump_only=True)
    site_id = fields.UUID(dump_only=True)
    site_name = fields.String(dump_only=True)
    location = GeoJSON("Point", dump_only=True, allow_none=True)

    @validates_schema
    def plan_runs_forward(self, data: dict[str, Any], **_: Any) -> None:
        start, end = data.get("planned_start"), data.get("planned_end")
        if start and end and end <= start:
            raise ValidationError("The plan ends after it starts.", "planned_end")


class FollowUpSchema(PlanSchema):
    """How the follow-up differs from the visit before."""


class DeviceTimeSchema(Schema):
    """When the phone's clock says that it was done; now when absent."""

    device_at = Moment(load_default=None)


class TransitionSchema(DeviceTimeSchema):
    """A step of a visit. `to` is a status, or `rescheduled` (back to `scheduled`)."""

    to = fields.String(required=True, validate=validate.OneOf([*VISIT_STATUSES, "rescheduled"]))
    reason = text(2000, load_default=None, allow_none=True)
    location = GeoJSON("Point", load_default=None, allow_none=True)


class VisitEventSchema(RowSchema):
    """One fact of a visit's course, with its three times."""

    seq = fields.Integer()
    visit_id = fields.UUID()
    event = fields.String()
    from_status = fields.String(allow_none=True)
    to_status = fields.String()
    applied = fields.Boolean(metadata={"description": "False for a late fact, kept without moving the visit."})
    visit_rev = fields.Integer()
    engineer_id = fields.UUID(allow_none=True)
    user_id = fields.UUID(allow_none=True)
    device_id = fields.UUID(allow_none=True)
    reason = fields.String(allow_none=True)
    location = GeoJSON("Point", allow_none=True)
    device_at = Moment()
    received_at = Moment()
    corrected_at = Moment()
    flags = fields.List(fields.String())
    data = fields.Dict()


class StepSchema(Schema):
    """One legal pair of the table."""

    from_ = fields.String(data_key="from")
    to = fields.String()
    who = fields.List(fields.String())
    offline = fields.Boolean()
    reason = fields.Boolean()
    guards = fields.List(fields.String())
    event = fields.String()


class VisitTableSchema(Schema):
    """The guarded table of a visit's steps."""

    version = fields.Integer()
    statuses = fields.List(fields.String())
    passing = fields.Dict(keys=fields.String(), values=fields.String())
    steps = fields.List(fields.Nested(StepSchema))


class ConflictSchema(RowSchema):
    """Two truths that met. `mine` is the device's, `theirs` the server's."""

    collection = fields.String()
    row_id = fields.UUID()
    kind = fields.String()
    visit_id = fields.UUID(allow_none=True)
    job_id = fields.UUID(allow_none=True)
    engineer_id = fields.UUID(allow_none=True)
    user_id = fields.UUID(allow_none=True)
    device_id = fields.UUID(allow_none=True)
    mine = fields.Dict(allow_none=True)
    theirs = fields.Dict(allow_none=True)
    base = fields.Dict(allow_none=True)
    flags = fields.List(fields.String())
    status = fields.String(metadata={"enum": ["open", "resolved"]})
    resolution = fields.String(allow_none=True)
    resolved_value = fields.Dict(allow_none=True)
    resolved_by = fields.UUID(allow_none=True)
    resolved_at = Moment(allow_none=True)


class ResolutionSchema(Schema):
    """Which truth shall stand. `value` only with `edit`: the fields as they shall be."""

    resolution = fields.String(required=True, validate=validate.OneOf(RESOLUTIONS))
    value = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class NewNoteSchema(RowSchema):
    """Words on the job or visit that the path names."""

    body = text(LONG, required=True)
    internal = fields.Boolean(metadata={"description": "Not for customers and subcontractors."})
    author_id = fields.UUID(dump_only=True, allow_none=True)
    engineer_id = fields.UUID(dump_only=True, allow_none=True)
    device_id = fields.UUID(dump_only=True, allow_none=True)
    device_at = Moment(metadata={"description": "The phone's clock; now when absent."})
    received_at = Moment(dump_only=True)
    corrected_at = Moment(dump_only=True)
    flags = fields.List(fields.String(), dump_only=True)


class NoteSchema(NewNoteSchema):
    """Words on a job or one of its visits."""

    job_id = fields.UUID()
    visit_id = fields.UUID(allow_none=True)
