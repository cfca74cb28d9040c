"""What every recording of a fact does: reach the visit, keep the row, show it when it comes too late."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events, rows
from app.kernel.db import Tx
from app.kernel.problems import DUPLICATE
from app.work import access
from app.work.commands.late import record_late_fact
from app.work.models import Visit
from app.work.models.facts import Fact

F = TypeVar("F", bound=Fact)


def reach(tx: Tx, visit_id: UUID, offline: bool, right: str = "visits.work") -> tuple[Visit, bool]:
    """The visit, and whether a fact about it comes too late: it was cancelled or given to somebody else meanwhile."""
    visit = tx.get(Visit, visit_id)
    mine = access.holds(tx, visit)
    if offline and tx.actor.engineer_id and tx.actor.scope(right) and (mine or access.held_once(tx, visit_id)):
        return visit, not mine or visit.status in ("cancelled", "draft", "scheduled")
    access.demand_visit(tx, visit, right)
    return visit, False


def add_fact(tx: Tx, visit: Visit, late: bool, row: F, shown: dict[str, Any]) -> F:
    """Inserts a fact with audit and event; a late one joins the open Conflict of its engineer and visit."""
    if late:
        row.flags = sorted({*row.flags, "late"})
    if row.id is not None:
        taken = tx.recall(("taken", type(row), row.id), lambda: _taken(tx, row))
        if taken:
            raise DUPLICATE(f"A {rows.noun(type(row))} with this id exists already.")
    tx.append(row)
    tx.learn(("taken", type(row), row.id), True)
    noun = rows.noun(type(row))
    audit.record(tx, f"{noun}.created", noun, row.id, rows.plain({"visit_id": visit.id, **shown}))
    events.emit(tx, f"{noun}.created", {"id": str(row.id), "rev": row.rev, "visit_id": str(visit.id)})
    if late:
        record_late_fact(tx, visit, _collection(row), row.id, {**shown, "corrected_at": row.corrected_at})
    return row


def _taken(tx: Tx, row: Fact) -> bool:
    return tx.session.scalar(select(type(row).id).where(type(row).id == row.id)) is not None


def _collection(row: Fact) -> str:
    return str(row.__tablename__)  # type: ignore[attr-defined]


def given_id(given: UUID | None) -> dict[str, UUID]:
    return {"id": given} if given else {}
