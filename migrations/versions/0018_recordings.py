"""How long a recording is; files that a scanner has yet to see, or found something in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0018", "0017"


def upgrade() -> None:
    op.add_column("media", sa.Column("duration_s", sa.Float))
    states = "'awaiting', 'complete', 'rejected', 'scan_pending', 'quarantined'"
    # Checked apart from being added: writers wait for the first step only, and that one reads no row.
    op.execute(f"ALTER TABLE media ADD CONSTRAINT ck_media_states CHECK (state IN ({states})) NOT VALID")
    op.execute("ALTER TABLE media VALIDATE CONSTRAINT ck_media_states")
    op.execute("ALTER TABLE media DROP CONSTRAINT ck_media_state")
    op.execute("ALTER TABLE media RENAME CONSTRAINT ck_media_states TO ck_media_state")
