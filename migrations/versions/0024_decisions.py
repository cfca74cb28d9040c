"""What dispatchers decided by hand, beside what the engine would have done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0024", "0023"


def upgrade() -> None:
    op.create_table(
        "decisions",
        *row_columns(),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("proposed_id", sa.Uuid),
        sa.Column("followed", sa.Boolean, nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("added_travel_s", sa.Integer),
        sa.Column("proposed_travel_s", sa.Integer),
        sa.Column("rules", JSONB, nullable=False, server_default="[]"),
        sa.Column("user_id", sa.Uuid),
        *(
            sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])
            for column, table in (("visit_id", "visits"), ("engineer_id", "engineers"), ("proposed_id", "engineers"))
        ),
        sa.Index("ix_decisions_recent", "org_id", "created_at", "id"),
        sa.Index("ix_decisions_visit", "org_id", "visit_id"),
    )
    tenant("decisions")
    versioned("decisions")
