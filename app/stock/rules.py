"""Pure decisions about moves: which ends a kind of move has, and what a quantity may be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.kernel.problems import Problem, invalid

MAX_QUANTITY = Decimal("1000000")
OFFICE_KINDS = ("receive", "transfer", "adjust")
STEP = Decimal("0.001")


@dataclass(frozen=True)
class Ends:
    """Where a move leaves and enters; None stands for the world outside the ledger."""

    from_location_id: UUID | None
    to_location_id: UUID | None


def problem_of_move(kind: str, ends: Ends, quantity: Decimal, reason: str | None) -> Problem | None:
    """Why an office move cannot be entered; None when it can. Only visits use parts and give them back."""
    source, target = ends.from_location_id, ends.to_location_id
    if kind not in OFFICE_KINDS:
        return invalid("/kind", f"Enter one of {', '.join(OFFICE_KINDS)}; the others come from visits.")
    if kind == "receive" and (source is not None or target is None):
        return invalid("/to_location_id", "A receipt names where the parts go, and no place where they come from.")
    if kind == "transfer" and (source is None or target is None or source == target):
        return invalid("/to_location_id", "A transfer names two different locations.")
    if kind == "adjust" and (source is None) == (target is None):
        return invalid("/to_location_id", "An adjustment names one location: `to` for found, `from` for missing parts.")
    if kind == "adjust" and not (reason or "").strip():
        return invalid("/reason", "An adjustment needs a reason.")
    return problem_of_quantity(quantity)


def problem_of_quantity(quantity: Decimal) -> Problem | None:
    """Why `quantity` cannot be moved: it is positive, at most a million, and counts thousandths."""
    if not quantity.is_finite() or not 0 < quantity <= MAX_QUANTITY:
        return invalid("/quantity", "A quantity is more than 0 and at most 1000000.")
    if quantity % STEP:
        return invalid("/quantity", "A quantity has at most three decimals.")
    return None


def problem_of_serial(serial_tracked: bool, serial: str | None, quantity: Decimal) -> Problem | None:
    """Why a move of a serial-tracked part cannot be entered: one piece, and its number."""
    if serial_tracked and (not serial or quantity != 1):
        return invalid("/serial", "This part has serial numbers: move one piece at a time and name its number.")
    return None
