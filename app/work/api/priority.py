"""Endpoints of priority: a job's points with their reasons, and how they are counted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.work import access
from app.work.commands import scoring
from app.work.priority_words import LANGUAGES
from app.work.schemas.priority import PrioritySchema, PrioritySettingsSchema

blueprint = Blueprint("priority", __name__, url_prefix="/api/v1", description="How urgent jobs are, and why")


@blueprint.endpoint(
    "GET",
    "/jobs/<uuid:job_id>/priority",
    right="jobs.read",
    summary="The points of a job, and why",
    schema=PrioritySchema,
)
def read_priority(tx: Tx, job_id: UUID) -> dict[str, Any]:
    access.demand_job(tx, job_id, "jobs.read")
    return scoring.shown(tx, job_id, request.accept_languages.best_match(LANGUAGES, "en"))


@blueprint.endpoint(
    "GET",
    "/priority/settings",
    right="job_types.read",
    summary="How points are counted",
    schema=PrioritySettingsSchema,
)
def read_settings(tx: Tx) -> dict[str, Any]:
    return _shown(tx)


@blueprint.endpoint(
    "PUT",
    "/priority/settings",
    right="organisation.write",
    summary="Change how points are counted",
    schema=PrioritySettingsSchema,
    body=PrioritySettingsSchema,
)
def change_settings(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    weights = body.pop("weights", {})
    scoring.change_rules(tx, {**weights, **body})
    return _shown(tx)


def _shown(tx: Tx) -> dict[str, Any]:
    rules = scoring.rules(tx)
    weights = {name: getattr(rules, name) for name in ("urgency", "importance", "tier", "deadline")}
    age = {name: getattr(rules, name) for name in ("age_after_s", "age_points", "age_most")}
    return {"weights": weights, **age, "urgent_words": [dict(entry) for entry in rules.words]}
