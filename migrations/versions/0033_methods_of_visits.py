"""A visit may find its engineer in a way of its own: put up to be claimed, though others of its kind are not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0033", "0032"

METHODS = "'manual', 'recommend', 'auto', 'round_robin', 'nearest', 'pool'"


def upgrade() -> None:
    op.add_column("visits", sa.Column("dispatch_method", sa.String))
    rule = f"CHECK (dispatch_method IN ({METHODS}))"
    op.execute(f"ALTER TABLE visits ADD CONSTRAINT ck_visits_method {rule} NOT VALID")
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE visits VALIDATE CONSTRAINT ck_visits_method")
