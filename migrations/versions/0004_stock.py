"""Tables of the room stock: the ledger, and the functions that add it up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import append_only, row_columns, tenant, text_lookup, versioned

revision, down_revision = "0004", "0003"

MOMENT = TIMESTAMP(timezone=True, precision=3)
LIVE = sa.text("deleted_at IS NULL")

LEDGER = [
    """
    CREATE VIEW stock_balances WITH (security_invoker = true) AS
    SELECT org_id, location_id, part_id, sum(quantity) AS quantity FROM (
        SELECT org_id, to_location_id AS location_id, part_id, quantity FROM stock_moves
        WHERE to_location_id IS NOT NULL
        UNION ALL
        SELECT org_id, from_location_id, part_id, -quantity FROM stock_moves WHERE from_location_id IS NOT NULL
    ) AS lines GROUP BY org_id, location_id, part_id
    """,
    "GRANT SELECT ON stock_balances TO callout_app, callout_drain",
    """
    CREATE FUNCTION stock_balance(location uuid, part uuid) RETURNS numeric LANGUAGE sql STABLE
    RETURN coalesce((SELECT quantity FROM stock_balances
                     WHERE org_id = current_org() AND location_id = location AND part_id = part), 0)
    """,
    # Touching the items first takes their locks, in one order: two moves of one part out of one place queue, the
    # second sees the first, and exactly the moves that take too much are flagged. `moves` makes the revision rise.
    """
    CREATE FUNCTION stock_move_entered() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE place uuid;
    BEGIN
        FOR place IN SELECT p FROM unnest(ARRAY[NEW.from_location_id, NEW.to_location_id]) AS p
                     WHERE p IS NOT NULL ORDER BY p LOOP
            INSERT INTO stock_items (org_id, id, location_id, part_id)
            VALUES (NEW.org_id, md5(place::text || NEW.part_id::text)::uuid, place, NEW.part_id)
            ON CONFLICT (org_id, location_id, part_id) DO UPDATE SET moves = stock_items.moves + 1;
        END LOOP;
        NEW.flagged_negative := NEW.from_location_id IS NOT NULL
            AND stock_balance(NEW.from_location_id, NEW.part_id) < NEW.quantity;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER entered BEFORE INSERT ON stock_moves FOR EACH ROW EXECUTE FUNCTION stock_move_entered()",
]


def upgrade() -> None:
    _catalogue()
    _moves()
    _expenses()
    tables = ("parts", "stock_locations", "stock_items", "stock_moves")
    tenant(*tables, "expenses")
    versioned(*tables)
    versioned("expenses", fields=True)
    append_only("stock_moves")
    text_lookup("parts", "number || ' ' || name")
    for statement in LEDGER:
        op.execute(statement)


def _row() -> list[sa.Column[object]]:
    return [
        *row_columns(),
    ]


def _times() -> list[sa.Column[object]]:
    return [
        sa.Column("device_at", MOMENT),
        sa.Column("received_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("corrected_at", MOMENT),
    ]


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _catalogue() -> None:
    op.create_table(
        "parts",
        *_row(),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False, server_default="pc"),
        sa.Column("price_amount", sa.Numeric(14, 2)),
        sa.Column("price_currency", sa.String(3)),
        sa.Column("serial_tracked", sa.Boolean, nullable=False, server_default="false"),
        sa.CheckConstraint("(price_amount IS NULL) = (price_currency IS NULL)", name=op.f("ck_parts_price")),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_parts_price_amount")),
        sa.Index("uq_parts_org_id_number", "org_id", "number", unique=True, postgresql_where=LIVE),
    )
    op.create_table(
        "stock_locations",
        *_row(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("engineer_id", sa.Uuid),
        _to("engineer_id", "engineers"),
        sa.CheckConstraint("kind IN ('warehouse', 'van')", name=op.f("ck_stock_locations_kind")),
        sa.CheckConstraint("kind = 'van' OR engineer_id IS NULL", name=op.f("ck_stock_locations_engineer_id")),
        sa.Index("uq_stock_locations_org_id_name", "org_id", "name", unique=True, postgresql_where=LIVE),
        sa.Index("uq_stock_locations_org_id_engineer_id", "org_id", "engineer_id", unique=True, postgresql_where=LIVE),
    )


def _moves() -> None:
    op.create_table(
        "stock_moves",
        *_row(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("part_id", sa.Uuid, nullable=False),
        sa.Column("from_location_id", sa.Uuid),
        sa.Column("to_location_id", sa.Uuid),
        sa.Column("quantity", sa.Numeric(14, 3), nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("serial", sa.String),
        sa.Column("flagged_negative", sa.Boolean, nullable=False, server_default="false"),
        *_times(),
        _to("part_id", "parts"),
        _to("from_location_id", "stock_locations"),
        _to("to_location_id", "stock_locations"),
        sa.CheckConstraint(
            "kind IN ('receive', 'transfer', 'return', 'adjust', 'use')", name=op.f("ck_stock_moves_kind")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_moves_quantity")),
        sa.CheckConstraint(
            "num_nonnulls(from_location_id, to_location_id) >= 1 AND from_location_id IS DISTINCT FROM to_location_id",
            name=op.f("ck_stock_moves_locations"),
        ),
        sa.Index("ix_stock_moves_from", "org_id", "from_location_id", "part_id", postgresql_include=["quantity"]),
        sa.Index("ix_stock_moves_to", "org_id", "to_location_id", "part_id", postgresql_include=["quantity"]),
        sa.Index("ix_stock_moves_visit", "org_id", "visit_id", postgresql_where=sa.text("visit_id IS NOT NULL")),
    )
    op.create_table(
        "stock_items",
        *_row(),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("part_id", sa.Uuid, nullable=False),
        sa.Column("moves", sa.Integer, nullable=False, server_default="1"),
        _to("location_id", "stock_locations"),
        _to("part_id", "parts"),
        sa.Index("uq_stock_items_org_id_location_id_part_id", "org_id", "location_id", "part_id", unique=True),
    )


def _expenses() -> None:
    op.create_table(
        "expenses",
        *_row(),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("spent_on", sa.Date, nullable=False),
        sa.Column("field_revs", JSONB, nullable=False, server_default="{}"),
        sa.Column("note", sa.String),
        sa.Column("receipt_media_id", sa.Uuid),
        sa.Column("status", sa.String, nullable=False, server_default="submitted"),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision_note", sa.String),
        *_times(),
        _to("engineer_id", "engineers"),
        sa.CheckConstraint(
            "kind IN ('parts', 'parking', 'toll', 'fuel', 'lodging', 'meal', 'other')", name=op.f("ck_expenses_kind")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_expenses_amount")),
        sa.CheckConstraint("status IN ('submitted', 'approved', 'rejected')", name=op.f("ck_expenses_status")),
        sa.CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name=op.f("ck_expenses_decided_at")),
        sa.Index("ix_expenses_engineer", "org_id", "engineer_id"),
        sa.Index("ix_expenses_visit", "org_id", "visit_id", postgresql_where=sa.text("visit_id IS NOT NULL")),
    )
