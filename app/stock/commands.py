"""Writes to the ledger. Office moves are checked; what happened at a visit is a fact and is kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel import events, rows
from app.kernel.db import R, Row, Tx
from app.kernel.problems import invalid
from app.stock import foreseeing, rules
from app.stock.models import Part, StockLocation, StockMove
from app.stock.queries import BALANCES


def create_part(tx: Tx, data: dict[str, Any]) -> Part:
    """Adds a part to the catalogue; `price` is `{"amount", "currency"}` or None."""
    return rows.create(tx, Part, _with_price(data))


def update_part(tx: Tx, row: Part, data: dict[str, Any]) -> None:
    """Changes fields of a part."""
    rows.update(tx, row, _with_price(data))


def _with_price(data: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in data.items() if key != "price"}
    if "price" not in data:
        return rest
    price = data["price"] or {"amount": None, "currency": None}
    return {**rest, "price_amount": price["amount"], "price_currency": price["currency"]}


def move(tx: Tx, data: dict[str, Any]) -> StockMove:
    """Enters a `receive`, `transfer` or `adjust` of the office. `data` holds the columns of a StockMove.

    Raises 422 for ends, quantity, reason or serial that do not fit, and for parts or locations that are gone.
    """
    ends = rules.Ends(data.get("from_location_id"), data.get("to_location_id"))
    serial, quantity = data.get("serial"), data["quantity"]
    part = _live(tx, Part, data["part_id"], "/part_id")
    for pointer, location_id in (
        ("/from_location_id", ends.from_location_id),
        ("/to_location_id", ends.to_location_id),
    ):
        if location_id is not None:
            _live(tx, StockLocation, location_id, pointer)
    problem = rules.problem_of_move(data["kind"], ends, quantity, data.get("reason")) or rules.problem_of_serial(
        part.serial_tracked, serial, quantity
    )
    if problem:
        raise problem
    return _enter(tx, data)


def receive(tx: Tx, part_id: UUID, quantity: Decimal, to_location_id: UUID, **more: Any) -> StockMove:
    """Parts come in from outside. `more` are further columns, such as `reason` and `serial`."""
    return move(
        tx, {"kind": "receive", "part_id": part_id, "quantity": quantity, "to_location_id": to_location_id, **more}
    )


def transfer(
    tx: Tx, part_id: UUID, quantity: Decimal, from_location_id: UUID, to_location_id: UUID, **more: Any
) -> StockMove:
    """Parts go from one location to another."""
    ends = {"from_location_id": from_location_id, "to_location_id": to_location_id}
    return move(tx, {"kind": "transfer", "part_id": part_id, "quantity": quantity, **ends, **more})


def adjust(tx: Tx, part_id: UUID, difference: Decimal, location_id: UUID, reason: str, **more: Any) -> StockMove:
    """A count found more (`difference` > 0) or fewer parts than the ledger said."""
    end = "to_location_id" if difference > 0 else "from_location_id"
    data = {"kind": "adjust", "part_id": part_id, "quantity": abs(difference), end: location_id, "reason": reason}
    return move(tx, {**data, **more})


def use(
    tx: Tx,
    visit_id: UUID,
    part_id: UUID,
    quantity: Decimal,
    location_id: UUID,
    *,
    serial: str | None = None,
    device_at: datetime | None = None,
    corrected_at: datetime | None = None,
    move_id: UUID | None = None,
) -> StockMove:
    """Parts were used at a visit. Never refused for want of stock: the balance goes negative and the move is flagged.

    Emits `stock.negative` when it does. Raises 422 for a quantity that is none, and for parts and locations that
    never existed (a deleted one is taken: the phone could not know).
    """
    ends = {"from_location_id": location_id}
    times = {"device_at": device_at, "corrected_at": corrected_at}
    return _at_visit(tx, "use", visit_id, part_id, quantity, ends, {**times, "serial": serial, "id": move_id})


def return_part(
    tx: Tx,
    visit_id: UUID,
    part_id: UUID,
    quantity: Decimal,
    location_id: UUID,
    *,
    serial: str | None = None,
    device_at: datetime | None = None,
    corrected_at: datetime | None = None,
    move_id: UUID | None = None,
) -> StockMove:
    """Parts that a visit had used come back to a location; the opposite of `use`, with the same rules."""
    ends = {"to_location_id": location_id}
    times = {"device_at": device_at, "corrected_at": corrected_at}
    return _at_visit(tx, "return", visit_id, part_id, quantity, ends, {**times, "serial": serial, "id": move_id})


def _at_visit(
    tx: Tx, kind: str, visit_id: UUID, part_id: UUID, quantity: Decimal, ends: dict[str, UUID], more: dict[str, Any]
) -> StockMove:
    if problem := rules.problem_of_quantity(quantity):
        raise problem
    _ever(tx, Part, part_id, "/part_id")
    for location_id in ends.values():
        _ever(tx, StockLocation, location_id, "/location_id")
    given = {key: value for key, value in more.items() if value is not None}
    return _enter(tx, {"kind": kind, "visit_id": visit_id, "part_id": part_id, "quantity": quantity, **ends, **given})


def _enter(tx: Tx, data: dict[str, Any]) -> StockMove:
    """Writes the line, or has it written with others; it is flagged when it took more than there was."""
    row = foreseeing.enter(tx, data) or rows.create(tx, StockMove, data, alone=True)
    if row.flagged_negative:
        balance = foreseeing.balance_of(tx, row.from_location_id, row.part_id)
        if balance is None:
            balance = tx.session.scalar(select(func.stock_balance(row.from_location_id, row.part_id)))
        payload = {
            "move_id": row.id,
            "visit_id": row.visit_id,
            "location_id": row.from_location_id,
            "part_id": row.part_id,
            "balance": balance,
        }
        events.emit(tx, "stock.negative", rows.plain(payload))
    return row


def delete_location(tx: Tx, row: StockLocation) -> None:
    """Removes an empty location; raises 409 while something lies there or is owed to it."""
    rows.delete(tx, row, [("parts", (BALANCES.c.location_id == row.id) & (BALANCES.c.quantity != 0))])


def delete_part(tx: Tx, row: Part) -> None:
    """Removes a part from the catalogue; raises 409 while any location has a balance of it."""
    rows.delete(tx, row, [("stock", (BALANCES.c.part_id == row.id) & (BALANCES.c.quantity != 0))])


def _live(tx: Tx, model: type[R], row_id: UUID, pointer: str) -> R:
    row = tx.find(model, row_id)
    if row is None:
        raise invalid(pointer, f"There is no such {rows.noun(model).replace('_', ' ')}.")
    return row


def _ever(tx: Tx, model: type[Row], row_id: UUID, pointer: str) -> None:
    def ask() -> UUID | None:
        return tx.session.scalar(select(model.id).where(model.id == row_id).execution_options(autoflush=False))

    if tx.recall(("ever", model, row_id), ask) is None:
        raise invalid(pointer, f"There is no such {rows.noun(model).replace('_', ' ')}.")
