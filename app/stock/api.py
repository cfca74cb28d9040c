"""Endpoints of parts, locations, the ledger and expenses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import func, or_, select

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.http import Blueprint, Filter, Resource
from app.kernel.http.resources import choice, equals, one_of
from app.stock import commands, expenses, queries
from app.stock.models import Expense, Part, StockLocation, StockMove
from app.stock.schemas import (
    BalancesSchema,
    DecisionSchema,
    ExpenseSchema,
    PartSchema,
    StockLocationSchema,
    StockMoveSchema,
)

blueprint = Blueprint("stock", __name__, url_prefix="/api/v1", description="Parts, stock and expenses")
BLUEPRINTS = [blueprint]

PARTS = Resource(
    path="parts",
    model=Part,
    schema=PartSchema,
    right="parts",
    noun="part",
    view=queries.parts,
    filters={"number": equals(Part.number, fields.String(load_default=None))},
    sorts={"number": Part.number, "name": Part.name},
    matching=lambda words: Part.id.in_(select(func.parts_matching(words))),
    create=commands.create_part,
    update=commands.update_part,
    remove=commands.delete_part,
)
LOCATIONS = Resource(
    path="stock-locations",
    model=StockLocation,
    schema=StockLocationSchema,
    right="stock",
    noun="stock location",
    filters={
        "kind": one_of(StockLocation.kind, choice(["warehouse", "van"])),
        "engineer_id": equals(StockLocation.engineer_id),
    },
    sorts={"name": StockLocation.name},
    scope=queries.own_locations,
    remove=commands.delete_location,
)
MOVES = Resource(
    path="stock-moves",
    model=StockMove,
    schema=StockMoveSchema,
    right="stock",
    noun="stock move",
    view=queries.moves,
    filters={
        "part_id": equals(StockMove.part_id),
        "visit_id": equals(StockMove.visit_id),
        "location_id": Filter(
            fields.UUID(load_default=None),
            lambda place: or_(StockMove.from_location_id == place, StockMove.to_location_id == place),
        ),
        "kind": one_of(StockMove.kind),
        "flagged_negative": equals(StockMove.flagged_negative, fields.Boolean(load_default=None)),
    },
    sorts={"received_at": StockMove.received_at},
    scope=queries.own_moves,
    create=commands.move,
    verbs="lcr",
)
EXPENSES = Resource(
    path="expenses",
    model=Expense,
    schema=ExpenseSchema,
    right="expenses",
    noun="expense",
    view=queries.expenses,
    filters={
        "engineer_id": equals(Expense.engineer_id),
        "visit_id": equals(Expense.visit_id),
        "status": one_of(Expense.status, choice(["submitted", "approved", "rejected"])),
    },
    sorts={"spent_on": Expense.spent_on},
    scope=queries.own_expenses,
    create=expenses.submit,
    update=expenses.change,
    remove=expenses.withdraw,
)
for resource in (PARTS, LOCATIONS, MOVES, EXPENSES):
    resource.register(blueprint)


@blueprint.endpoint(
    "GET",
    "/stock-locations/<uuid:location_id>/balances",
    right="stock.read",
    summary="What lies at a location",
    schema=BalancesSchema,
)
def read_balances(tx: Tx, location_id: UUID) -> dict[str, Any]:
    LOCATIONS.one(tx, location_id)
    return {"items": queries.balances(tx, location_id)}


@blueprint.endpoint(
    "POST",
    "/expenses/<uuid:expense_id>/decision",
    right="expenses.review",
    summary="Approve or reject an expense",
    schema=ExpenseSchema,
    body=DecisionSchema,
)
def decide_expense(tx: Tx, body: dict[str, Any], expense_id: UUID) -> dict[str, Any]:
    expenses.decide(tx, expense_id, **body)
    return rows.one(tx, queries.expenses(), Expense, expense_id)
