"""How urgent jobs are, in points; and the minute in which things happen by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.helpers import tenant, versioned

revision, down_revision = "0019", "0018"

MOMENT = TIMESTAMP(timezone=True, precision=3)

# One task a minute for each organisation that has work or people on duty, however many relays ask.
TICK = """
    CREATE FUNCTION tick_organisations(slot text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE made integer;
    BEGIN
        DELETE FROM tasks WHERE name = 'tick' AND state = 'done' AND created_at < now() - interval '1 hour';
        INSERT INTO tasks (org_id, id, name, key, args)
        SELECT o.id, gen_random_uuid(), 'tick', slot, '{}' FROM organisations o
        WHERE EXISTS (SELECT FROM jobs j WHERE j.org_id = o.id AND j.deleted_at IS NULL
                      AND j.status IN ('new', 'open', 'scheduled', 'in_progress'))
           OR EXISTS (SELECT FROM shifts s WHERE s.org_id = o.id AND s.deleted_at IS NULL
                      AND s.starts_at < now() + interval '1 hour' AND s.ends_at > now() - interval '4 hours')
        ON CONFLICT (org_id, name, key) DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made > 0 THEN
            PERFORM pg_notify('callout_tasks', '');
        END IF;
        RETURN made;
    END $$
"""


def upgrade() -> None:
    op.add_column("jobs", sa.Column("importance", sa.Integer, nullable=False, server_default="3"))
    op.execute("ALTER TABLE jobs ADD CONSTRAINT ck_jobs_importance CHECK (importance BETWEEN 1 AND 4) NOT VALID")
    op.execute("ALTER TABLE jobs VALIDATE CONSTRAINT ck_jobs_importance")
    _scores()
    _settings()
    op.execute(TICK)


def _org(**options: object) -> sa.Column[object]:
    return sa.Column(
        "org_id", sa.Uuid, sa.ForeignKey("organisations.id"), server_default=sa.func.current_org(), **options
    )  # type: ignore[arg-type]


def _scores() -> None:
    op.create_table(
        "job_scores",
        _org(nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("terms", JSONB, nullable=False, server_default="[]"),
        sa.Column("aged", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("org_id", "job_id"),
        sa.ForeignKeyConstraint(["org_id", "job_id"], ["jobs.org_id", "jobs.id"]),
        sa.Index("ix_job_scores_score", "org_id", "score"),
    )
    tenant("job_scores")


def _settings() -> None:
    weights = [
        sa.Column(name, sa.Integer, nullable=False, server_default=default)
        for name, default in (("urgency", "40"), ("importance", "30"), ("tier", "20"), ("deadline", "10"))
    ]
    op.create_table(
        "priority_settings",
        _org(primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", MOMENT),
        *weights,
        sa.Column("age_after_s", sa.Integer, nullable=False, server_default="14400"),
        sa.Column("age_points", sa.Integer, nullable=False, server_default="2"),
        sa.Column("age_most", sa.Integer, nullable=False, server_default="20"),
        sa.Column("urgent_words", JSONB),
        sa.UniqueConstraint("org_id"),
        sa.CheckConstraint("urgency + importance + tier + deadline = 100", name=op.f("ck_priority_settings_total")),
        sa.CheckConstraint(
            "least(urgency, importance, tier, deadline) >= 0", name=op.f("ck_priority_settings_weights")
        ),
        sa.CheckConstraint(
            "age_after_s BETWEEN 0 AND 31536000 AND age_points BETWEEN 0 AND 100 AND age_most BETWEEN 0 AND 100",
            name=op.f("ck_priority_settings_age"),
        ),
    )
    tenant("priority_settings")
    versioned("priority_settings")
