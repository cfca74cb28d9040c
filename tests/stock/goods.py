"""A part, a warehouse and a van, for the tests of this room."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.stock.models import Part, StockLocation
from tests import factories


@dataclass
class Goods:
    """Ids of one organisation's small stock."""

    org_id: UUID
    part_id: UUID
    warehouse_id: UUID
    van_id: UUID


def goods(org_id: UUID | None = None, engineer_id: UUID | None = None) -> Goods:
    """An organisation (unless given) with one part, one warehouse and one van."""
    org = org_id or factories.organisation().id
    with factories.within(org) as tx:
        part = tx.add(Part(number=f"P-{new_id()}", name="Air filter 过滤器"))
        warehouse = tx.add(StockLocation(kind="warehouse", name=f"Store {new_id()}"))
        van = tx.add(StockLocation(kind="van", name=f"Van {new_id()}", engineer_id=engineer_id))
        return Goods(org, part.id, warehouse.id, van.id)


def balance(tx: Tx, location_id: UUID, part_id: UUID) -> Decimal:
    """The ledger's sum."""
    value: Decimal = tx.session.scalar(select(func.stock_balance(location_id, part_id)))
    return value
