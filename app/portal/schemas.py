"""Wire shapes of the customer's pages."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.kernel.http.schemas import Moment, Schema, text


class TrackKeySchema(Schema):
    """What the customer knows besides the code: digits of their phone, or the key of the link that was sent there."""

    digits = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(r"^[0-9]{4}\Z", error="Four digits."),
        metadata={"description": "The last four digits of the phone number that we know."},
    )
    key = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Length(20, 20),
        metadata={"description": "What stands behind `#` in a link that the customer was sent."},
    )

    @validates_schema
    def _one_of_them(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data["digits"] is None) == (data["key"] is None):
            raise ValidationError("The digits or the key, one of them.", "digits")


class TrackAnswerSchema(TrackKeySchema):
    """A customer's word on a visit."""

    visit_id = fields.UUID(required=True)
    to = fields.String(required=True, validate=validate.OneOf(["cancelled", "confirmed", "disputed"]))
    reason = text(2000, allow_none=True, load_default=None)


class LetterSchema(Schema):
    """What the office has to say to a customer."""

    text = fields.String(
        required=True,
        validate=[validate.Length(1, 2000), validate.Regexp(r"(?s).*\S", error="There is nothing in it.")],
    )


class TrackMessageSchema(LetterSchema, TrackKeySchema):
    """What a customer has to say."""


class TrackVisitSchema(TrackKeySchema):
    """Which visit is meant."""

    visit_id = fields.UUID(required=True)


class TrackMoveSchema(TrackVisitSchema):
    """The slot that the customer chose."""

    start = Moment(required=True)


class TrackSlotSchema(Schema):
    """A span in which the visit could begin."""

    start = Moment(required=True)
    end = Moment(required=True)


class TrackSlotsSchema(Schema):
    """All that are open in the next days, the first ones."""

    slots = fields.List(fields.Nested(TrackSlotSchema), required=True)


class TrackLinkSchema(Schema):
    """The address that a customer is given."""

    url = fields.String(required=True)
    code = fields.String(required=True)


class TrackedHappeningSchema(Schema):
    """One thing that happened."""

    status = fields.String(
        required=True, metadata={"description": "What the visit became; `moved` when another time was promised."}
    )
    at = Moment(required=True)
    window_start = Moment(required=True, allow_none=True, metadata={"description": "What was promised, when `moved`."})
    window_end = Moment(required=True, allow_none=True)


class TrackedLiveSchema(Schema):
    """Where somebody on the way was last seen, and when they should arrive."""

    at = Moment(required=True)
    location = fields.Dict(required=True, metadata={"description": "GeoJSON Point"})
    arrives_at = Moment(required=True, allow_none=True)


class TrackedReportSchema(Schema):
    """The sealed report of a visit, and where anybody can check it."""

    number = fields.String(required=True)
    version = fields.Integer(required=True)
    proof = fields.String(required=True)


class TrackedVisitSchema(Schema):
    """One visit."""

    id = fields.UUID(required=True)
    status = fields.String(required=True)
    window_start = Moment(required=True, allow_none=True)
    window_end = Moment(required=True, allow_none=True)
    planned_start = Moment(required=True, allow_none=True)
    engineer = fields.String(required=True, allow_none=True, metadata={"description": "Who comes: a first name."})
    timeline = fields.List(fields.Nested(TrackedHappeningSchema), required=True)
    live = fields.Nested(TrackedLiveSchema, required=True, allow_none=True)
    may_cancel = fields.Boolean(required=True, metadata={"description": "And move to another time."})
    may_answer = fields.Boolean(required=True)
    report = fields.Nested(TrackedReportSchema, required=True, allow_none=True)


class TrackedMessageSchema(Schema):
    """Something that the customer or the office wrote to the other."""

    at = Moment(required=True)
    by = fields.String(required=True, metadata={"enum": ["customer", "office"]})
    text = fields.String(required=True)


class MessagesSchema(Schema):
    """All of a job, oldest first."""

    messages = fields.List(fields.Nested(TrackedMessageSchema), required=True)


class TrackedPlaceSchema(Schema):
    """Where it is."""

    name = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)


class TrackedSchema(Schema):
    """A job as its customer sees it."""

    organisation = fields.String(required=True)
    number = fields.String(required=True)
    summary = fields.String(required=True)
    status = fields.String(required=True)
    site = fields.Nested(TrackedPlaceSchema, required=True)
    time_zone = fields.String(required=True)
    visits = fields.List(fields.Nested(TrackedVisitSchema), required=True)
    messages = fields.List(fields.Nested(TrackedMessageSchema), required=True)
