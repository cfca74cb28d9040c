"""Customers are told that the office has written to them."""

from __future__ import annotations

from alembic import op

revision, down_revision = "0028", "0027"


def upgrade() -> None:
    kinds = "'planned', 'on_the_way', 'arrived', 'report', 'answer', 'code'"
    # Checked apart from being added: writers wait for the first step only, and that one reads no row.
    op.execute(f"ALTER TABLE notices ADD CONSTRAINT ck_notices_kinds CHECK (kind IN ({kinds})) NOT VALID")
    op.execute("ALTER TABLE notices VALIDATE CONSTRAINT ck_notices_kinds")
    op.execute("ALTER TABLE notices DROP CONSTRAINT ck_notices_kind")
    op.execute("ALTER TABLE notices RENAME CONSTRAINT ck_notices_kinds TO ck_notices_kind")
