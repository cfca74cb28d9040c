"""Further clients of sync: which revision of a row stood where in the feed, and what a WatermelonDB device was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import tenant

revision, down_revision = "0015", "0014"

MOMENT = TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "sync_revisions",
        sa.Column("org_id", sa.Uuid, nullable=False, server_default=sa.func.current_org()),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("row_id", sa.Uuid, nullable=False),
        sa.Column("pos", sa.BigInteger, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("stamped_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("org_id", "collection", "row_id", "pos"),
        sa.Index("ix_sync_revisions_stamped_at", "org_id", "stamped_at"),
    )
    tenant("sync_revisions")
    op.execute("GRANT INSERT, DELETE ON sync_revisions TO callout_drain")
    op.add_column("sync_clients", sa.Column("watermelon", JSONB))
