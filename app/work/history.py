"""Who changed what of a job and its visits: the audit of one job, as those read it who may."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.kernel.db import Tx
from app.kernel.models import AuditEntry
from app.work import access
from app.work.models import Visit

MOST = 500
SILENT = ("created_by", "field_revs", "rev")
"""Fields that say nothing to a person."""


def changes(tx: Tx, job_id: UUID) -> list[dict[str, Any]]:
    """The audit entries of a job and its visits, the newest first. Raises 404 outside the actor's scope."""
    access.demand_job(tx, job_id, "audit.read")
    visits = select(Visit.id).where(Visit.job_id == job_id)
    of_job = and_(AuditEntry.subject_type == "job", AuditEntry.subject_id == job_id)
    of_visits = and_(AuditEntry.subject_type == "visit", AuditEntry.subject_id.in_(visits))
    query = select(AuditEntry).where(or_(of_job, of_visits)).order_by(AuditEntry.id.desc()).limit(MOST)
    return [_told(entry) for entry in tx.session.scalars(query)]


def _told(entry: AuditEntry) -> dict[str, Any]:
    who, data = entry.actor, entry.data
    return {
        "id": entry.id,
        "at": entry.at,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "user_id": who.get("user_id"),
        "name": who.get("name") or None,
        "role": who.get("role"),
        "event_id": data.get("event_id"),
        "reason": data.get("reason"),
        "fields": _fields(data),
    }


def _fields(data: dict[str, Any]) -> list[dict[str, Any]]:
    """What was written, field by field, with what stood there before."""
    before, after = data.get("before"), data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    changed = {name: value for name, value in after.items() if name not in SILENT and before.get(name) != value}
    return [{"name": name, "before": before.get(name), "after": value} for name, value in changed.items()]
