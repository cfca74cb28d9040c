"""Offers with a timer, and the method by which visits of a territory find their engineer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0017", "0016"

MOMENT = TIMESTAMP(timezone=True, precision=3)
METHODS = "'manual', 'recommend', 'auto', 'round_robin', 'nearest', 'pool'"


def upgrade() -> None:
    op.add_column("visits", sa.Column("offer_expires_at", MOMENT))
    _methods()
    op.add_column("dispatch_settings", sa.Column("offer_s", sa.Integer, nullable=False, server_default="900"))
    patience = "offer_s = 0 OR offer_s BETWEEN 60 AND 86400"
    op.create_check_constraint("ck_dispatch_settings_offer_s", "dispatch_settings", patience)
    _offers()


def _methods() -> None:
    """A wider check is added unproved and proved afterwards, which lets writes go on meanwhile."""
    op.add_column("territories", sa.Column("dispatch_method", sa.String))
    op.execute("ALTER TABLE job_types DROP CONSTRAINT ck_job_types_method")
    for table in ("job_types", "territories"):
        check = f"ck_{table}_method"
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK (dispatch_method IN ({METHODS})) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")


def _offers() -> None:
    op.create_table(
        "offers",
        *row_columns(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("answer", sa.String, nullable=False, server_default="open"),
        sa.Column("expires_at", MOMENT),
        sa.Column("answered_at", MOMENT),
        sa.Column("reason", sa.String),
        sa.ForeignKeyConstraint(["org_id", "visit_id"], ["visits.org_id", "visits.id"]),
        sa.ForeignKeyConstraint(["org_id", "engineer_id"], ["engineers.org_id", "engineers.id"]),
        sa.CheckConstraint(f"method IN ({METHODS})", name=op.f("ck_offers_method")),
        sa.CheckConstraint(
            "answer IN ('open', 'assigned', 'accepted', 'declined', 'expired', 'withdrawn', 'claimed')",
            name=op.f("ck_offers_answer"),
        ),
        sa.CheckConstraint("answer <> 'open' OR expires_at IS NOT NULL", name=op.f("ck_offers_expires_at")),
        sa.Index("ix_offers_visit", "org_id", "visit_id", "created_at"),
        sa.Index("ix_offers_engineer", "org_id", "engineer_id", "created_at"),
        sa.Index("uq_offers_open", "org_id", "visit_id", unique=True, postgresql_where=sa.text("answer = 'open'")),
    )
    tenant("offers")
    versioned("offers")
