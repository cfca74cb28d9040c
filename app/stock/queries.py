"""Reads of the catalogue and the ledger, shaped for the wire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, Text, Uuid, case, cast, column, func, or_, select, table
from sqlalchemy.orm import aliased

from app.kernel import rows
from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.stock.models import Expense, Part, StockLocation, StockMove

BALANCES = table(
    "stock_balances", column("location_id", Uuid), column("part_id", Uuid), column("quantity", Numeric(14, 3))
)


def parts() -> Select[Any]:
    """The catalogue; the price as `{"amount", "currency"}` or null."""
    price = func.jsonb_build_object("amount", cast(Part.price_amount, Text), "currency", Part.price_currency)
    shown = case((Part.price_amount.is_not(None), price))
    return select(*rows.wire_columns(Part, "price_amount", "price_currency"), shown.label("price"))


def moves() -> Select[Any]:
    """The ledger; quantities as text, since they are exact."""
    return select(*rows.wire_columns(StockMove, "quantity"), cast(StockMove.quantity, Text).label("quantity"))


def expenses() -> Select[Any]:
    """Expenses; the amount as a string beside its currency."""
    return select(*rows.wire_columns(Expense, "amount"), cast(Expense.amount, Text).label("amount"))


def balances(tx: Tx, location_id: UUID) -> list[dict[str, Any]]:
    """What lies at a location: one entry for each part whose sum of moves is not zero, by part number."""
    statement = (
        select(BALANCES.c.part_id, Part.number, Part.name, Part.unit, cast(BALANCES.c.quantity, Text).label("quantity"))
        .join(Part, Part.id == BALANCES.c.part_id)
        .where(BALANCES.c.location_id == location_id, BALANCES.c.quantity != 0)
        .order_by(Part.number)
    )
    return [dict(row) for row in tx.session.execute(statement).mappings()]


def own_van(tx: Tx) -> UUID | None:
    """The location that is the acting engineer's van, if there is one."""
    mine = select(StockLocation.id).where(StockLocation.engineer_id.in_(_oneself(tx.actor)))
    return tx.session.scalar(mine.where(StockLocation.deleted_at.is_(None)))


def own_locations(actor: Actor, _scope: Scope) -> ColumnElement[bool]:
    """The locations an engineer sees: the own van."""
    return StockLocation.engineer_id.in_(_oneself(actor))


def own_moves(actor: Actor, _scope: Scope) -> ColumnElement[bool]:
    """The moves an engineer sees: into and out of the own van."""
    van = aliased(StockLocation)
    vans = select(van.id).where(van.engineer_id.in_(_oneself(actor)))
    return or_(StockMove.from_location_id.in_(vans), StockMove.to_location_id.in_(vans))


def own_expenses(actor: Actor, _scope: Scope) -> ColumnElement[bool]:
    """The expenses an engineer sees: the own ones."""
    return Expense.engineer_id.in_(_oneself(actor))


def _oneself(actor: Actor) -> list[UUID]:
    """Never `= NULL`: a user who is no engineer owns nothing."""
    return [actor.engineer_id] if actor.engineer_id else []
