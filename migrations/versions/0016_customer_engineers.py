"""Which engineers a customer demands, prefers or does not want."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helpers import tenant

revision, down_revision = "0016", "0015"

TABLE = "customer_engineers"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("org_id", sa.Uuid, server_default=sa.text("current_org()"), nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("wish", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.PrimaryKeyConstraint("org_id", "account_id", "engineer_id", name=op.f(f"pk_{TABLE}")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f(f"fk_{TABLE}_org_id")),
        _reference("account_id", "accounts"),
        _reference("engineer_id", "engineers"),
        sa.CheckConstraint("wish IN ('required', 'preferred', 'excluded')", name=op.f(f"ck_{TABLE}_wish")),
    )
    op.create_index(f"ix_{TABLE}_engineer_id", TABLE, ["org_id", "engineer_id"])
    tenant(TABLE)


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    columns, targets = ["org_id", column], [f"{target}.org_id", f"{target}.id"]
    return sa.ForeignKeyConstraint(columns, targets, name=op.f(f"fk_{TABLE}_{column}"))
