"""Wire shapes of what is recorded at a visit."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from app.kernel.http import Moment, RowSchema
from app.kernel.http.schemas import Quantity, text
from app.work.schemas.jobs import Label
from app.work.schemas.visits import DeviceTimeSchema
from app.work.statuses import EVIDENCE_KINDS, ITEM_KINDS, ITEM_STATUSES, TIME_KINDS


class FactSchema(RowSchema):
    """What every fact carries. `device_at` may be said; the server knows the rest."""

    visit_id = fields.UUID(dump_only=True)
    engineer_id = fields.UUID(dump_only=True, allow_none=True)
    device_id = fields.UUID(dump_only=True, allow_none=True)
    device_at = Moment(metadata={"description": "The phone's clock; now when absent."})
    received_at = Moment(dump_only=True)
    corrected_at = Moment(dump_only=True)
    flags = fields.List(fields.String(), dump_only=True)


class ChecklistItemSchema(RowSchema):
    """One point of a visit's checklist."""

    visit_id = fields.UUID()
    position = fields.Integer()
    key = fields.String(allow_none=True)
    label = Label()
    kind = fields.String(metadata={"enum": [*ITEM_KINDS]})
    required = fields.Boolean()
    at_status = fields.String(metadata={"enum": [*ITEM_STATUSES]})
    options = fields.List(fields.String())


class Value(fields.Field[Any]):
    """The answer, in the shape of the item's kind."""

    def __init__(self, **kwargs: Any) -> None:
        kinds = ["boolean", "number", "string", "array"]
        super().__init__(metadata={"type": kinds, "items": {"type": "string"}, "example": True}, **kwargs)


class AnswerSchema(FactSchema):
    """An answer to a checklist item; the latest stands."""

    item_id = fields.UUID(required=True)
    value = Value(required=True)
    comment = text(2000, allow_none=True)


class TimeEntrySchema(FactSchema):
    """A stretch of travel, work or pause, by the device's clock and corrected."""

    kind = fields.String(required=True, validate=validate.OneOf(TIME_KINDS))
    started_at = Moment(required=True)
    ended_at = Moment(allow_none=True)
    note = text(2000, allow_none=True)
    started_corrected_at = Moment(dump_only=True)
    ended_corrected_at = Moment(dump_only=True, allow_none=True)


class EndSchema(DeviceTimeSchema):
    """When it ended; now when absent."""

    ended_at = Moment(load_default=None)


class PartUseSchema(FactSchema):
    """A part used at a visit."""

    part_id = fields.UUID(required=True)
    quantity = Quantity(required=True)
    location_id = fields.UUID(metadata={"description": "Default: the engineer's van."})
    serial = text(200, allow_none=True)
    stock_move_id = fields.UUID(dump_only=True, allow_none=True)


class EvidenceSchema(FactSchema):
    """That a photo, a signature or a refusal to sign exists for a visit."""

    kind = fields.String(metadata={"enum": [*EVIDENCE_KINDS]})
    ref_id = fields.UUID()
    item_id = fields.UUID(allow_none=True)
    reason = fields.String(allow_none=True)
