"""What phones get of the stock: the catalogue, what lies in the own van, the own expenses."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from app.kernel.db import Tx
from app.kernel.http.reading import field_errors
from app.kernel.problems import INVALID, not_found
from app.kernel.synced import Collection, FieldMutation, Outcome, Watch, declare, watch
from app.stock import expenses
from app.stock.models import Expense
from app.stock.schemas import ExpenseSchema

declare(
    Collection(
        name="parts",
        body="r.number, r.name, r.unit, r.price_amount::text AS price_amount, r.price_currency, r.serial_tracked",
        buckets="SELECT id, 'parts' FROM parts WHERE id = ANY(:ids) AND deleted_at IS NULL",
    )
)
declare(
    Collection(
        name="van_stock",
        table="stock_items",
        body="r.location_id, r.part_id, stock_balance(r.location_id, r.part_id)::text AS quantity",
        buckets="""
            SELECT i.id, 'user:' || e.user_id FROM stock_items i
            JOIN stock_locations l ON l.org_id = i.org_id AND l.id = i.location_id AND l.deleted_at IS NULL
            JOIN engineers e ON e.org_id = l.org_id AND e.id = l.engineer_id AND e.deleted_at IS NULL
            WHERE i.id = ANY(:ids) AND e.user_id IS NOT NULL
        """,
        follows={
            "engineers": """
                SELECT i.id FROM stock_items i
                JOIN stock_locations l ON l.org_id = i.org_id AND l.id = i.location_id
                WHERE l.engineer_id = ANY(:ids)
            """
        },
    )
)
# A van that changes hands takes its stock along.
watch(
    Watch(
        table="stock_locations",
        touches="SELECT 'van_stock', id FROM stock_items WHERE location_id = ANY(:ids)",
    )
)


EXPENSE = ExpenseSchema(exclude=("id", "device_at"))
EXPENSE_CHANGE = ExpenseSchema(partial=True, exclude=("id", "device_at"))


def _checked(mutation: FieldMutation, *, partial: bool) -> dict[str, Any]:
    try:
        data: dict[str, Any] = (EXPENSE_CHANGE if partial else EXPENSE).load(mutation.data)
    except ValidationError as error:
        raise INVALID("This is not an expense.", errors=field_errors(error)) from None
    return data


def _own(tx: Tx, mutation: FieldMutation) -> Expense:
    row = tx.get(Expense, mutation.row_id, lock=True)
    if not expenses.is_own(tx.actor, row):
        raise not_found("expense")
    return row


def _create(tx: Tx, mutation: FieldMutation) -> Outcome:
    times = {"device_at": mutation.device_at, "corrected_at": mutation.corrected_at}
    expenses.submit(tx, {**_checked(mutation, partial=False), **times, "id": mutation.row_id})
    return Outcome()


def _update(tx: Tx, mutation: FieldMutation) -> Outcome:
    expenses.change(tx, _own(tx, mutation), _checked(mutation, partial=True))
    return Outcome()


def _delete(tx: Tx, mutation: FieldMutation) -> Outcome:
    expenses.withdraw(tx, _own(tx, mutation))
    return Outcome()


declare(
    Collection(
        name="expenses",
        body="""
            r.engineer_id, r.visit_id, r.kind, r.amount::text AS amount, r.currency, r.spent_on, r.note,
            r.receipt_media_id, r.status, r.decided_at, r.decision_note
        """,
        buckets="""
            SELECT x.id, 'user:' || e.user_id FROM expenses x
            JOIN engineers e ON e.org_id = x.org_id AND e.id = x.engineer_id AND e.deleted_at IS NULL
            WHERE x.id = ANY(:ids) AND x.deleted_at IS NULL AND e.user_id IS NOT NULL
        """,
        follows={"engineers": "SELECT id FROM expenses WHERE engineer_id = ANY(:ids)"},
        mutations={"create": _create, "update": _update, "delete": _delete},
        creates=frozenset(EXPENSE.load_fields),
    )
)
