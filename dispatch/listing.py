"""Plans as lists show them: with who asked for them or, of those that were proposed, because of what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.kernel import rows
from app.people.models import Engineer, User
from app.work.models import Job, Visit
from dispatch.models import Alert, Plan

HEAVY = ("snapshot", "travel", "ground", "answer")


def plans() -> Select[Any]:
    """The wire view of plans, without what is heavy."""
    return select(*rows.wire_columns(Plan, *HEAVY), _author(), _because())


def _author() -> ColumnElement[Any]:
    return select(User.name).where(User.id == Plan.created_by).scalar_subquery().label("created_by_name")


def _because() -> ColumnElement[Any]:
    """The alerts for which a plan was proposed, each with whom or what it is about."""
    one = func.jsonb_build_object(
        *("kind", Alert.kind, "engineer_id", Alert.engineer_id, "engineer_name", Engineer.name),
        *("visit_id", Alert.visit_id, "job_number", Job.number),
    )
    alerts = select(func.jsonb_agg(aggregate_order_by(one, Alert.created_at, Alert.id))).select_from(Alert)
    alerts = alerts.outerjoin(Engineer, Engineer.id == Alert.engineer_id).outerjoin(Visit, Visit.id == Alert.visit_id)
    alerts = alerts.outerjoin(Job, Job.id == Visit.job_id).where(Alert.plan_id == Plan.id)
    return func.coalesce(alerts.correlate(Plan).scalar_subquery(), func.jsonb_build_array()).label("because")
