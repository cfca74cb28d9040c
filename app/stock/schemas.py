"""Wire shapes of parts, locations, moves and expenses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.kernel.http import Moment, RowSchema, Schema
from app.kernel.http.schemas import Quantity, text

EXPENSE_KINDS = ["parts", "parking", "toll", "fuel", "lodging", "meal", "other"]


class Amount(fields.Field[Decimal]):
    """Money as text with at most two decimals; the currency stands beside it."""

    PATTERN = r"^\d{1,12}(\.\d{1,2})?$"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": self.PATTERN, "example": "12.30"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or not value.isascii() or not re.fullmatch(self.PATTERN, value):
            raise ValidationError('An amount is text such as "12.30".')
        return Decimal(value)


class Currency(fields.String):
    """A currency of ISO 4217."""

    def __init__(self, **kwargs: Any) -> None:
        capitals = validate.Regexp(r"^[A-Z]{3}$(?!\n)", error="Three capital letters of ISO 4217.")
        super().__init__(validate=capitals, metadata={"pattern": "^[A-Z]{3}$", "example": "EUR"}, **kwargs)


class MoneySchema(Schema):
    """An amount of money."""

    amount = Amount(required=True)
    currency = Currency(required=True)


class PartSchema(RowSchema):
    """An article of the catalogue."""

    number = text(100, required=True, metadata={"example": "FLT-0040"})
    name = text(300, required=True, metadata={"example": "Air filter 400 × 400"})
    unit = text(20, metadata={"description": "What quantities count.", "example": "pc"})
    price = fields.Nested(MoneySchema, allow_none=True, metadata={"description": "For one unit."})
    serial_tracked = fields.Boolean(metadata={"description": "Every piece has a number of its own."})


class StockLocationSchema(RowSchema):
    """A warehouse, or an engineer's van."""

    kind = fields.String(required=True, validate=validate.OneOf(["warehouse", "van"]))
    name = text(200, required=True)
    engineer_id = fields.UUID(allow_none=True, metadata={"description": "Whose van it is."})


class BalanceSchema(Schema):
    """The sum of all moves of one part at one location. Negative: more was used than the ledger knew of."""

    part_id = fields.UUID(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    quantity = fields.String(required=True, metadata={"example": "4.000"})


class BalancesSchema(Schema):
    """What lies at one location."""

    items = fields.List(fields.Nested(BalanceSchema), required=True)


class StockMoveSchema(RowSchema):
    """One line of the ledger."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(["receive", "transfer", "adjust", "use", "return"]),
        metadata={"description": "`use` and `return` come from visits and cannot be entered here."},
    )
    part_id = fields.UUID(required=True)
    from_location_id = fields.UUID(allow_none=True)
    to_location_id = fields.UUID(allow_none=True)
    quantity = Quantity(required=True)
    reason = text(500, allow_none=True)
    serial = text(100, allow_none=True)
    visit_id = fields.UUID(dump_only=True, allow_none=True)
    flagged_negative = fields.Boolean(dump_only=True, metadata={"description": "It took more than there was."})
    device_at = Moment(dump_only=True, allow_none=True)
    received_at = Moment(dump_only=True)
    corrected_at = Moment(dump_only=True, allow_none=True)


class ExpenseSchema(RowSchema):
    """Money an engineer spent for the work."""

    engineer_id = fields.UUID(metadata={"description": "The acting engineer unless said otherwise."})
    visit_id = fields.UUID(allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(EXPENSE_KINDS))
    amount = Amount(required=True)
    currency = Currency(required=True)
    spent_on = fields.Date(required=True)
    note = text(2_000, allow_none=True)
    receipt_media_id = fields.UUID(allow_none=True)
    status = fields.String(dump_only=True, metadata={"example": "submitted"})
    decided_by = fields.UUID(dump_only=True, allow_none=True)
    decided_at = Moment(dump_only=True, allow_none=True)
    decision_note = fields.String(dump_only=True, allow_none=True)
    device_at = Moment(allow_none=True)
    received_at = Moment(dump_only=True)
    corrected_at = Moment(dump_only=True, allow_none=True)


class DecisionSchema(Schema):
    """What a manager says to an expense."""

    approved = fields.Boolean(required=True)
    note = text(2_000, load_default=None, allow_none=True, metadata={"description": "Needed when it is rejected."})
