"""The drainer forgets old mutations, as it forgets old tombstones; held ones wait however long."""

from alembic import op

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    op.execute("GRANT DELETE ON sync_mutations TO callout_drain")
