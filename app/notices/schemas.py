"""Wire shapes of notices."""

from __future__ import annotations

from marshmallow import fields

from app.kernel.http import Moment, RowSchema, Schema
from app.notices.models import KINDS


class NoticeSchema(RowSchema):
    """One message to a customer, and how far it came."""

    kind = fields.String(dump_only=True, metadata={"description": ", ".join(KINDS)})
    channel = fields.String(dump_only=True, metadata={"description": "sms or email"})
    address = fields.String(dump_only=True)
    language = fields.String(dump_only=True)
    subject = fields.String(dump_only=True)
    body = fields.String(
        dump_only=True,
        allow_none=True,
        metadata={"description": "Null for a one-time code, but in a demo that only shows it."},
    )
    job_id = fields.UUID(dump_only=True, allow_none=True)
    visit_id = fields.UUID(dump_only=True, allow_none=True)
    state = fields.String(dump_only=True, metadata={"description": "waiting, sent, shown, failed or withdrawn"})
    attempts = fields.Integer(dump_only=True)
    fault = fields.String(dump_only=True, allow_none=True, metadata={"description": "Why it was not taken."})
    good_until = Moment(dump_only=True, allow_none=True)
    sent_at = Moment(dump_only=True, allow_none=True)


class NoticesSchema(Schema):
    """The newest hundred, newest first."""

    items = fields.List(fields.Nested(NoticeSchema), required=True)
