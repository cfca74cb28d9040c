"""How many rows a device's scope had at its last handshake: the office is warned of phones that hold too much."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013", "0012"


def upgrade() -> None:
    op.add_column("sync_clients", sa.Column("scope_rows", sa.Integer))
