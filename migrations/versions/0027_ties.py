"""The outbox says of a changed row whether what hangs on it is concerned; so far everything was looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0027", "0026"


def upgrade() -> None:
    # Triggers and drainers of the version before do not know it: then everything is looked at, as before.
    op.add_column("sync_outbox", sa.Column("ties", sa.Boolean, nullable=False, server_default=sa.true()))
