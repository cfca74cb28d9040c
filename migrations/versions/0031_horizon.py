"""A plan may span several days, and an organisation may keep a share of the days ahead free."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0031", "0030"

CHECKS = (
    ("plans", "days", "days BETWEEN 1 AND 14"),
    ("dispatch_settings", "slack_percent", "slack_percent BETWEEN 0 AND 50"),
)


def upgrade() -> None:
    op.add_column("plans", sa.Column("days", sa.Integer, nullable=False, server_default="1"))
    op.add_column("dispatch_settings", sa.Column("slack_percent", sa.Integer, nullable=False, server_default="0"))
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
    with op.get_context().autocommit_block():
        for table, name, _ in CHECKS:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
