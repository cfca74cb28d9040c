"""Where phones can be told of new work while nobody looks at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0026", "0025"


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        *row_columns(),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("device_id", sa.Uuid, nullable=False),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("p256dh", sa.LargeBinary, nullable=False),
        sa.Column("auth", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"]),
        sa.ForeignKeyConstraint(["org_id", "device_id"], ["devices.org_id", "devices.id"]),
        sa.UniqueConstraint("org_id", "device_id"),
        sa.Index("ix_push_subscriptions_user_id", "org_id", "user_id"),
    )
    tenant("push_subscriptions")
    versioned("push_subscriptions")
