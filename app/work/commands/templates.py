"""Job types: templates whose references must exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import rows
from app.kernel.db import Row, Tx
from app.kernel.problems import invalid
from app.people.models import Skill
from app.stock.models import Part
from app.work.models import Job, JobType


def create_job_type(tx: Tx, data: dict[str, Any]) -> JobType:
    """A template. Raises 422 for skills and parts that do not exist, and for two checklist items with one key."""
    return rows.create(tx, JobType, _checked(tx, data))


def update_job_type(tx: Tx, row: JobType, data: dict[str, Any]) -> JobType:
    """Changes a template; visits that exist keep the checklist they were made with."""
    return rows.update(tx, row, _checked(tx, data))


def delete_job_type(tx: Tx, row: JobType) -> None:
    """Removes a template; raises 409 while a job that is not over uses it."""
    running = Job.job_type_id == row.id, Job.deleted_at.is_(None), Job.status.not_in(("closed", "cancelled"))
    rows.delete(tx, row, [("jobs that are not over", running[0] & running[1] & running[2])])


def _checked(tx: Tx, data: dict[str, Any]) -> dict[str, Any]:
    _demand_all(tx, Skill, [need["skill_id"] for need in data.get("required_skills", [])], "/required_skills")
    _demand_all(tx, Part, [part["part_id"] for part in data.get("parts", [])], "/parts")
    keys = [item["key"] for item in data.get("checklist", []) if item.get("key")]
    if len(keys) != len(set(keys)):
        raise invalid("/checklist", "Two items have the same key.")
    return {key: rows.plain(value) if isinstance(value, list) else value for key, value in data.items()}


def _demand_all(tx: Tx, model: type[Row], ids: list[UUID], pointer: str) -> None:
    if not ids:
        return
    known = set(tx.session.scalars(select(model.id).where(model.id.in_(ids), model.deleted_at.is_(None))))
    if gone := sorted(str(one) for one in set(ids) - known):
        raise invalid(pointer, f"There is no {rows.noun(model)} {gone[0]}.")
