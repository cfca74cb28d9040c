"""Wire shapes of alerts and of a day as it will be."""

from __future__ import annotations

from marshmallow import fields

from app.kernel.http import Day, Moment, RowSchema, Schema
from dispatch.watching.models import KINDS


class AlertSchema(RowSchema):
    """One thing noticed; open until `closed_at`."""

    kind = fields.String(metadata={"enum": [*KINDS]})
    engineer_id = fields.UUID(allow_none=True)
    visit_id = fields.UUID(allow_none=True)
    plan_id = fields.UUID(allow_none=True, metadata={"description": "The plan proposed because of it."})
    data = fields.Dict(metadata={"description": "Its numbers, such as `minutes`."})
    closed_at = Moment(allow_none=True)


class DayOfEngineerQuery(Schema):
    """The organisation's local day; today when absent."""

    date = Day(load_default=None)


class EtaSchema(Schema):
    """A visit as planned and, until it is over, as it will be."""

    visit_id = fields.UUID()
    status = fields.String()
    planned_start = Moment(allow_none=True)
    planned_end = Moment(allow_none=True)
    window_end = Moment(allow_none=True)
    travel_s = fields.Integer()
    proposal = fields.String(
        allow_none=True,
        metadata={"description": "What the newest fixes speak for: `on_site`, or `left` while work is under way."},
    )
    eta = Moment(allow_none=True)
    start = Moment(allow_none=True)
    end = Moment(allow_none=True)
    late_s = fields.Integer(allow_none=True)
    promise_broken_s = fields.Integer(allow_none=True, metadata={"description": "0: what was promised will be kept."})


class DayOfEngineerSchema(Schema):
    """An engineer's day, in order."""

    engineer_id = fields.UUID()
    date = fields.Date()
    as_of = Moment()
    visits = fields.List(fields.Nested(EtaSchema))


class HourSchema(Schema):
    """When a visit really is. Once `begun`, `start` is a fact; of what is over `end` is, too. The rest is expected."""

    visit_id = fields.UUID()
    engineer_id = fields.UUID()
    begun = fields.Boolean()
    start = Moment()
    end = Moment()


class HoursSchema(Schema):
    """The visits of a day, as far as somebody on shift holds them."""

    as_of = Moment()
    visits = fields.List(fields.Nested(HourSchema))
