"""Writes about shifts and absences."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.kernel.problems import FORBIDDEN, invalid
from app.people.models import Absence, Engineer, Shift
from app.people.rules import break_problem


def create_shift(tx: Tx, data: dict[str, Any]) -> Shift:
    """A shift. Raises 409 when it overlaps another one of the engineer, 422 when its breaks do not fit."""
    _check_engineer(tx, data["engineer_id"])
    _check_shift(data["starts_at"], data["ends_at"], data.get("breaks", []))
    return rows.create(tx, Shift, _stored(data))


def update_shift(tx: Tx, row: Shift, data: dict[str, Any]) -> None:
    """Changes a shift. The breaks are checked against the new times."""
    if "engineer_id" in data:
        _check_engineer(tx, data["engineer_id"])
    breaks = data.get("breaks", [_loaded(one) for one in row.breaks])
    _check_shift(data.get("starts_at", row.starts_at), data.get("ends_at", row.ends_at), breaks)
    rows.update(tx, row, _stored(data))


def _check_shift(starts_at: Any, ends_at: Any, breaks: list[dict[str, Any]]) -> None:
    _check_order(starts_at, ends_at)
    if problem := break_problem(starts_at, ends_at, breaks):
        raise problem


def _check_order(starts_at: Any, ends_at: Any) -> None:
    if ends_at <= starts_at:
        raise invalid("/ends_at", "Must be later than the start.")


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "breaks": rows.plain(data["breaks"])} if "breaks" in data else data


def _loaded(one: dict[str, Any]) -> dict[str, Any]:
    times = {key: datetime.fromisoformat(one[key]) for key in ("window_start", "window_end")}
    return {**one, **times}


def create_absence(tx: Tx, data: dict[str, Any]) -> Absence:
    """An absence. Engineers enter their own only (403)."""
    _check_engineer(tx, data["engineer_id"])
    _check_own(tx, data["engineer_id"])
    _check_order(data["starts_at"], data["ends_at"])
    return rows.create(tx, Absence, data)


def update_absence(tx: Tx, row: Absence, data: dict[str, Any]) -> None:
    """Changes an absence. Engineers change their own only (403)."""
    if "engineer_id" in data:
        _check_engineer(tx, data["engineer_id"])
        _check_own(tx, data["engineer_id"])
    _check_order(data.get("starts_at", row.starts_at), data.get("ends_at", row.ends_at))
    rows.update(tx, row, data)


def _check_engineer(tx: Tx, engineer_id: UUID) -> None:
    if tx.find(Engineer, engineer_id) is None:
        raise invalid("/engineer_id", "There is no such engineer.")


def _check_own(tx: Tx, engineer_id: UUID) -> None:
    if tx.actor.scope("absences.write") is Scope.OWN and engineer_id != tx.actor.engineer_id:
        raise FORBIDDEN("Engineers enter their own absences only.")
