"""Alive, ready, metrics, and the state of background tasks."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.db import Tx, new_session
from app.kernel.http.blueprint import Blueprint
from app.kernel.http.rendering import json_response
from app.kernel.http.schemas import Moment, Schema
from app.kernel.models import Task
from app.kernel.permissions import Scope
from app.kernel.problems import not_found
from app.kernel.tasks import redis_connection

DRAIN_LAG = Gauge("callout_sync_drain_lag_seconds", "Age of the oldest change that is not in the synchronisation feed")
LATE_DRAIN_S = 30

blueprint = Blueprint("system", __name__, description="Health, metrics and background work")


class HealthSchema(Schema):
    """What the server can reach."""

    status = fields.String(required=True, metadata={"example": "ok"})
    checks = fields.Dict(keys=fields.String(), values=fields.String())


class TaskSchema(Schema):
    """One background task."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, metadata={"example": "running"})
    progress = fields.Float(required=True, metadata={"description": "0 to 1"})
    message = fields.String(required=True, allow_none=True)
    result = fields.Dict(required=True, allow_none=True, metadata={"description": "What came out, links included."})
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


@blueprint.endpoint("GET", "/healthz", right=None, summary="Is the process alive", schema=HealthSchema)
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@blueprint.endpoint(
    "GET", "/readyz", right=None, summary="Can it serve: database, Redis, drain lag", schema=HealthSchema
)
def readyz() -> Response:
    checks = {"database": _database(), "redis": _redis(), "drain": _drain()}
    # Redis is disposable: without it the API serves and work waits in the database. A late drain costs phones nothing
    # but time: their own pulls drain.
    ready = checks["database"] == "ok"
    return json_response({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


@blueprint.endpoint(
    "GET",
    "/metrics",
    right=None,
    summary="Prometheus metrics of this process",
    responses={200: {"content_type": "text/plain", "schema": {"type": "string"}}},
)
def metrics() -> Response:
    DRAIN_LAG.set(_drain_lag())
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@blueprint.endpoint(
    "GET", "/api/v1/tasks/<uuid:task_id>", right="tasks.read", summary="State of a background task", schema=TaskSchema
)
def read_task(tx: Tx, task_id: UUID) -> dict[str, Any]:
    query = select(*(getattr(Task, name) for name in TaskSchema._declared_fields)).where(Task.id == task_id)
    if tx.actor.scope("tasks.read") is Scope.OWN:  # what nobody asked for (a report being sealed) is nobody's secret
        query = query.where(or_(Task.created_by == tx.actor.user_id, Task.created_by.is_(None)))
    row = tx.session.execute(query).mappings().one_or_none()
    if row is None:
        raise not_found("task")
    return dict(row)


def _database() -> str:
    try:
        with new_session() as session, session.begin():
            session.execute(text("SELECT 1 FROM organisations LIMIT 0"))
        return "ok"
    except SQLAlchemyError as error:
        return f"down: {type(error).__name__}"


def _drain_lag() -> float:
    """Seconds; NaN when the database does not answer."""
    try:
        with new_session() as session, session.begin():
            return float(session.execute(text("SELECT sync_lag_seconds()")).scalar_one())
    except SQLAlchemyError:
        return math.nan


def _drain() -> str:
    lag = _drain_lag()
    return "ok" if lag < LATE_DRAIN_S else f"late: {lag:.0f} s"


def _redis() -> str:
    try:
        redis_connection().ping()
        return "ok"
    except RedisError as error:
        return f"down: {type(error).__name__}"
