"""Plans and the settings of dispatch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from migrations.helpers import tenant, versioned

revision, down_revision = "0008", "0007"

MOMENT = TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    _plans()
    _settings()
    tenant("plans", "dispatch_settings")
    versioned("plans", "dispatch_settings")


def _row(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("org_id", sa.Uuid, server_default=sa.text("current_org()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("rev", sa.Integer, server_default="1", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", MOMENT),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f(f"fk_{table}_org_id")),
    ]


def _plans() -> None:
    op.create_table(
        "plans",
        *_row("plans"),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("status", sa.String, server_default="queued", nullable=False),
        sa.Column("progress", sa.Float, server_default="0", nullable=False),
        sa.Column("message", sa.String),
        sa.Column("territory_ids", ARRAY(sa.Uuid)),
        sa.Column("engineer_ids", ARRAY(sa.Uuid)),
        sa.Column("visit_ids", ARRAY(sa.Uuid)),
        sa.Column("lock", sa.String, server_default="dispatched", nullable=False),
        sa.Column("stability", sa.Float, server_default="0.5", nullable=False),
        sa.Column("time_limit_s", sa.Integer, server_default="10", nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("task_id", sa.Uuid),
        sa.Column("stop_asked_at", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("applied_at", MOMENT),
        sa.Column("source", sa.String),
        sa.Column("snapshot", JSONB),
        sa.Column("travel", sa.LargeBinary),
        sa.Column("ground", JSONB),
        sa.Column("answer", JSONB),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'stopped', 'failed', 'applied')", name=op.f("ck_plans_status")
        ),
        sa.CheckConstraint("lock IN ('started', 'dispatched', 'none')", name=op.f("ck_plans_lock")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_plans_progress")),
        sa.CheckConstraint("stability BETWEEN 0 AND 1", name=op.f("ck_plans_stability")),
    )
    op.create_index("ix_plans_recent", "plans", ["org_id", "created_at", "id"])
    op.create_index("ix_plans_date", "plans", ["org_id", "date"])


def _settings() -> None:
    op.create_table(
        "dispatch_settings",
        *_row("dispatch_settings"),
        sa.Column("weights", JSONB, server_default="{}", nullable=False),
        sa.Column("max_travel_s", sa.Integer),
        sa.Column("require_parts", sa.Boolean, server_default="true", nullable=False),
        sa.CheckConstraint("max_travel_s BETWEEN 60 AND 86400", name=op.f("ck_dispatch_settings_max_travel_s")),
        sa.UniqueConstraint("org_id", name=op.f("uq_dispatch_settings_org_id")),
    )
