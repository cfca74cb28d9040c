"""What customers were told, for the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.notices import queries
from app.notices.schemas import NoticesSchema
from app.work import access

blueprint = Blueprint("notices", __name__, url_prefix="/api/v1", description="What customers are told")
BLUEPRINTS = [blueprint]


@blueprint.endpoint(
    "GET",
    "/notices",
    right="notices.read",
    summary="The newest texts and mails to customers, and how far each came",
    schema=NoticesSchema,
)
def list_notices(tx: Tx) -> dict[str, Any]:
    return {"items": queries.listed(tx)}


@blueprint.endpoint(
    "GET",
    "/jobs/<uuid:job_id>/notices",
    right="jobs.read",
    summary="What the customer of a job was told",
    schema=NoticesSchema,
)
def list_of_job(tx: Tx, job_id: UUID) -> dict[str, Any]:
    access.demand_job(tx, job_id, "jobs.read")
    return {"items": queries.listed(tx, job_id)}
