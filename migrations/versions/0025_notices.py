"""Messages to customers, waiting until a gateway has taken them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.helpers import row_columns, tenant, versioned

revision, down_revision = "0025", "0024"

MOMENT = TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "notices",
        *row_columns(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("body", sa.String),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("job_id", sa.Uuid),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("state", sa.String, nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("fault", sa.String),
        sa.Column("good_until", MOMENT),
        sa.Column("sent_at", MOMENT),
        _to("job_id", "jobs"),
        _to("visit_id", "visits"),
        sa.UniqueConstraint("org_id", "key"),
        _check("kind", "kind IN ('planned', 'on_the_way', 'arrived', 'report', 'code')"),
        _check("channel", "channel IN ('sms', 'email')"),
        _check("state", "state IN ('waiting', 'sent', 'shown', 'failed', 'withdrawn')"),
        sa.Index("ix_notices_job", "org_id", "job_id", "created_at"),
        sa.Index("ix_notices_visit", "org_id", "visit_id"),
        sa.Index("ix_notices_recent", "org_id", "created_at", "id"),
    )
    tenant("notices")
    versioned("notices")


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_notices_{name}"))
