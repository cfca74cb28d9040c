"""Parts, where they lie, every move of them, and what engineers paid on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Numeric, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk

Quantity = Numeric(14, 3)
Amount = Numeric(14, 2)
LIVE = "deleted_at IS NULL"


class Part(Row, Base):
    """An article of the catalogue. `unit` is what quantities count (`pc`, `m`); the price is for one unit."""

    __tablename__ = "parts"
    __table_args__ = (
        Index("uq_parts_org_id_number", "org_id", "number", unique=True, postgresql_where=LIVE),
        CheckConstraint("(price_amount IS NULL) = (price_currency IS NULL)", name="price"),
        CheckConstraint("price_amount >= 0", name="price_amount"),
        Index("ix_parts_search_trgm", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    number: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str] = mapped_column(server_default="pc")
    price_amount: Mapped[Decimal | None] = mapped_column(Amount)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    serial_tracked: Mapped[bool] = mapped_column(server_default="false")
    search: Mapped[str] = mapped_column(
        Text, Computed("lower(number || ' ' || name)", persisted=True), nullable=True, deferred=True
    )


class StockLocation(Row, Base):
    """A place that holds parts: a warehouse, or the van of one engineer."""

    __tablename__ = "stock_locations"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint("kind IN ('warehouse', 'van')", name="kind"),
        CheckConstraint("kind = 'van' OR engineer_id IS NULL", name="engineer_id"),
        Index("uq_stock_locations_org_id_name", "org_id", "name", unique=True, postgresql_where=LIVE),
        Index("uq_stock_locations_org_id_engineer_id", "org_id", "engineer_id", unique=True, postgresql_where=LIVE),
    )

    kind: Mapped[str]
    name: Mapped[str]
    engineer_id: Mapped[UUID | None]


class StockMove(Row, Base):
    """One line of the ledger, never changed: `quantity` of a part leaves one location and enters another.

    No `from`: it came in from outside (or back from a visit). No `to`: it was used up or lost. What lies where is the
    sum of these lines (`stock_balances`, `stock_balance()`), so a trigger sets `flagged_negative` when this line
    takes more than there was.
    """

    __tablename__ = "stock_moves"
    __table_args__ = (
        tenant_fk("part_id", "parts"),
        tenant_fk("from_location_id", "stock_locations"),
        tenant_fk("to_location_id", "stock_locations"),
        CheckConstraint("kind IN ('receive', 'transfer', 'return', 'adjust', 'use')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "num_nonnulls(from_location_id, to_location_id) >= 1 AND from_location_id IS DISTINCT FROM to_location_id",
            name="locations",
        ),
        Index("ix_stock_moves_from", "org_id", "from_location_id", "part_id", postgresql_include=["quantity"]),
        Index("ix_stock_moves_to", "org_id", "to_location_id", "part_id", postgresql_include=["quantity"]),
        Index("ix_stock_moves_visit", "org_id", "visit_id", postgresql_where="visit_id IS NOT NULL"),
    )

    kind: Mapped[str]
    part_id: Mapped[UUID]
    from_location_id: Mapped[UUID | None]
    to_location_id: Mapped[UUID | None]
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    reason: Mapped[str | None]
    visit_id: Mapped[UUID | None]
    serial: Mapped[str | None]
    flagged_negative: Mapped[bool] = mapped_column(server_default="false")
    device_at: Mapped[Moment | None]
    received_at: Mapped[Moment] = mapped_column(server_default=func.now())
    corrected_at: Mapped[Moment | None]


class StockItem(Row, Base):
    """That a location has (or had) a part; kept by a trigger. Its quantity is not stored: it is the ledger's sum.

    The row gives the pair an id, and a revision that rises with every move: that is what phones sync.
    """

    __tablename__ = "stock_items"
    __table_args__ = (
        tenant_fk("location_id", "stock_locations"),
        tenant_fk("part_id", "parts"),
        Index("uq_stock_items_org_id_location_id_part_id", "org_id", "location_id", "part_id", unique=True),
    )

    location_id: Mapped[UUID]
    part_id: Mapped[UUID]
    moves: Mapped[int] = mapped_column(server_default="1")


class Expense(Row, Base):
    """Money an engineer spent for the work; counts once a manager has approved it."""

    __tablename__ = "expenses"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint("kind IN ('parts', 'parking', 'toll', 'fuel', 'lodging', 'meal', 'other')", name="kind"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('submitted', 'approved', 'rejected')", name="status"),
        CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name="decided_at"),
        Index("ix_expenses_engineer", "org_id", "engineer_id"),
        Index("ix_expenses_visit", "org_id", "visit_id", postgresql_where="visit_id IS NOT NULL"),
    )

    engineer_id: Mapped[UUID]
    visit_id: Mapped[UUID | None]
    kind: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    spent_on: Mapped[date]
    field_revs: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    note: Mapped[str | None]
    receipt_media_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="submitted")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    decision_note: Mapped[str | None]
    device_at: Mapped[Moment | None]
    received_at: Mapped[Moment] = mapped_column(server_default=func.now())
    corrected_at: Mapped[Moment | None]
