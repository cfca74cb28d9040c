"""The endpoint of who changed what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Moment, Schema
from app.work.history import changes

blueprint = Blueprint("history", __name__, url_prefix="/api/v1", description="Who changed what")


class HistoryFieldSchema(Schema):
    """One field, as it was and as it became."""

    name = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class HistoryEntrySchema(Schema):
    """One entry of the audit."""

    id = fields.Integer(required=True)
    at = Moment(required=True)
    action = fields.String(required=True, metadata={"description": "Such as `job.updated`."})
    subject_type = fields.String(required=True)
    subject_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Null: Callout itself."})
    role = fields.String(required=True, allow_none=True)
    event_id = fields.UUID(required=True, allow_none=True, metadata={"description": "The visit's step, if it was one."})
    reason = fields.String(required=True, allow_none=True)
    fields_ = fields.List(fields.Nested(HistoryFieldSchema), required=True, data_key="fields", attribute="fields")


class HistorySchema(Schema):
    """Who changed what of a job and its visits, the newest first."""

    items = fields.List(fields.Nested(HistoryEntrySchema), required=True)


@blueprint.endpoint(
    "GET",
    "/jobs/<uuid:job_id>/changes",
    right="audit.read",
    summary="Who changed what of a job and its visits, and when",
    schema=HistorySchema,
)
def read_changes(tx: Tx, job_id: UUID) -> dict[str, Any]:
    return {"items": changes(tx, job_id)}
