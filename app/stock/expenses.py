"""Writes of expenses: engineers submit their own, a manager decides, and what is decided stays as it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import rows
from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.kernel.problems import FORBIDDEN, STATE_CONFLICT, invalid
from app.people.models import Engineer
from app.stock.models import Expense


def submit(tx: Tx, data: dict[str, Any]) -> Expense:
    """A new expense, of the acting engineer unless the actor may write everybody's and names another."""
    engineer_id = data.get("engineer_id") or tx.actor.engineer_id
    if tx.actor.demand("expenses.write") is Scope.OWN and (not engineer_id or engineer_id != tx.actor.engineer_id):
        raise FORBIDDEN("You can submit expenses of your own only.")
    if engineer_id is None or tx.find(Engineer, engineer_id) is None:
        raise invalid("/engineer_id", "Name the engineer who spent the money.")
    return rows.create(tx, Expense, {**data, "engineer_id": engineer_id})


def change(tx: Tx, row: Expense, data: dict[str, Any]) -> None:
    """Changes fields of an expense that nobody has decided yet; raises 409 afterwards."""
    _undecided(row)
    if data.get("engineer_id", row.engineer_id) != row.engineer_id:
        raise invalid("/engineer_id", "An expense stays with the engineer who spent the money.")
    rows.update(tx, row, data)


def withdraw(tx: Tx, row: Expense) -> None:
    """Takes back an expense that nobody has decided yet; raises 409 afterwards."""
    _undecided(row)
    rows.delete(tx, row)


def decide(tx: Tx, expense_id: UUID, approved: bool, note: str | None) -> Expense:
    """Approves or rejects a submitted expense. Nobody decides the own one, and a rejection says why."""
    row = tx.get(Expense, expense_id, lock=True)
    _undecided(row)
    if is_own(tx.actor, row):
        raise FORBIDDEN("Somebody else has to decide about your own expense.")
    if not approved and not (note or "").strip():
        raise invalid("/note", "Say why the expense is rejected.")
    status = "approved" if approved else "rejected"
    decision = {"status": status, "decided_by": tx.actor.user_id, "decided_at": tx.now, "decision_note": note}
    return rows.update(tx, row, decision)


def is_own(actor: Actor, row: Expense) -> bool:
    """Whether the acting engineer is the one who spent the money."""
    return actor.engineer_id is not None and actor.engineer_id == row.engineer_id


def _undecided(row: Expense) -> None:
    if row.status != "submitted":
        raise STATE_CONFLICT(f"This expense is {row.status} already.", status=row.status)
