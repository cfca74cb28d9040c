"""What somebody should look at: people who run late, promises that will break, trackers that are silent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0022", "0021"

MOMENT = TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "alerts",
        *row_columns(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("engineer_id", sa.Uuid),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("plan_id", sa.Uuid),
        sa.Column("data", JSONB, nullable=False, server_default="{}"),
        sa.Column("closed_at", MOMENT),
        sa.ForeignKeyConstraint(["org_id", "engineer_id"], ["engineers.org_id", "engineers.id"]),
        sa.ForeignKeyConstraint(["org_id", "visit_id"], ["visits.org_id", "visits.id"]),
        sa.ForeignKeyConstraint(["org_id", "plan_id"], ["plans.org_id", "plans.id"]),
        sa.Index("ix_alerts_recent", "org_id", "created_at", "id"),
        sa.Index("ix_alerts_engineer", "org_id", "engineer_id"),
        sa.Index("ix_alerts_visit", "org_id", "visit_id"),
        sa.Index("uq_alerts_open", "org_id", "key", unique=True, postgresql_where=sa.text("closed_at IS NULL")),
    )
    tenant("alerts")
    versioned("alerts")
