"""Tables of the room people: users and credentials, devices, engineers, skills, shifts, absences, crews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT, JSONB, TIMESTAMP

from migrations.helpers import tenant, versioned

revision, down_revision = "0002", "0001"

MOMENT = TIMESTAMP(timezone=True, precision=3)
LIVE = sa.text("deleted_at IS NULL")

FUNCTIONS = [
    # Before the organisation is known: nothing but the two ids leaves it, the hash is read under row-level security.
    """
    CREATE FUNCTION sign_in_lookup(address citext) RETURNS TABLE (org_id uuid, user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT users.org_id, users.id FROM users WHERE users.email = address AND users.deleted_at IS NULL;
    END
    """,
]


def upgrade() -> None:
    _users()
    _devices()
    _engineers()
    _calendar()
    rows = ("users", "devices", "refresh_tokens", "api_keys", "engineers", "skills", "shifts", "absences", "crews")
    tenant(*rows, "engineer_skills", "crew_members")
    versioned(*rows)
    for statement in FUNCTIONS:
        op.execute(statement)


def _org(primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(
        "org_id",
        sa.Uuid,
        sa.ForeignKey("organisations.id"),
        nullable=False,
        primary_key=primary_key,
        server_default=sa.func.current_org(),
    )


def _row() -> list[sa.Column[object]]:
    return [
        _org(primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", MOMENT),
    ]


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _users() -> None:
    roles = (
        "'admin', 'manager', 'dispatcher', 'agent', 'engineer', 'subcontractor', 'storekeeper', 'customer', 'auditor'"
    )
    op.create_table(
        "users",
        *_row(),
        sa.Column("email", CITEXT, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password_hash", sa.String),
        sa.Column("totp_secret", sa.String),
        sa.Column("totp_confirmed_at", MOMENT),
        sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("locale", sa.String, nullable=False, server_default="en"),
        sa.Column("timezone", sa.String),
        sa.Column("active", sa.Boolean, nullable=False, server_default="true"),
        sa.CheckConstraint(f"role IN ({roles})", name=op.f("ck_users_role")),
        sa.CheckConstraint("locale IN ('en', 'zh-CN')", name=op.f("ck_users_locale")),
        sa.Index("uq_users_email", "email", unique=True, postgresql_where=LIVE),
    )


def _devices() -> None:
    op.create_table(
        "devices",
        *_row(),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("platform", sa.String),
        sa.Column("app_version", sa.String),
        sa.Column("push_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("public_key", JSONB),
        sa.Column("clock_offset_ms", sa.BigInteger),
        sa.Column("last_seen_at", MOMENT),
        sa.Column("pending_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("pending_oldest_at", MOMENT),
        sa.Column("cursor", sa.BigInteger),
        sa.Column("schema_versions", JSONB, nullable=False, server_default="{}"),
        sa.Column("revoked_at", MOMENT),
        sa.Column("erased_at", MOMENT),
        _to("user_id", "users"),
        sa.Index("ix_devices_user_id", "org_id", "user_id"),
    )
    op.create_table(
        "refresh_tokens",
        *_row(),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("device_id", sa.Uuid),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        _to("user_id", "users"),
        _to("device_id", "devices"),
        sa.Index("ix_refresh_tokens_user_id", "org_id", "user_id"),
        sa.Index("ix_refresh_tokens_device_id", "org_id", "device_id"),
    )
    op.create_table(
        "api_keys",
        *_row(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("rights", ARRAY(sa.Text), nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("expires_at", MOMENT),
        _to("created_by", "users"),
    )


def _engineers() -> None:
    op.create_table(
        "engineers",
        *_row(),
        sa.Column("user_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("home", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("max_jobs_per_day", sa.Integer),
        sa.Column("overtime_limit_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("active", sa.Boolean, nullable=False, server_default="true"),
        sa.Column("employment", sa.String, nullable=False, server_default="employee"),
        sa.Column("timezone", sa.String),
        sa.Column("consent_tracking", sa.Boolean, nullable=False, server_default="false"),
        _to("user_id", "users"),
        sa.CheckConstraint("employment IN ('employee', 'subcontractor')", name=op.f("ck_engineers_employment")),
        sa.CheckConstraint("max_jobs_per_day BETWEEN 0 AND 1000", name=op.f("ck_engineers_max_jobs_per_day")),
        sa.CheckConstraint("overtime_limit_s BETWEEN 0 AND 86400", name=op.f("ck_engineers_overtime_limit_s")),
        sa.Index("uq_engineers_org_id_user_id", "org_id", "user_id", unique=True, postgresql_where=LIVE),
    )
    op.create_table(
        "skills",
        *_row(),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Index("uq_skills_org_id_code", "org_id", "code", unique=True, postgresql_where=LIVE),
    )
    op.create_table(
        "engineer_skills",
        _org(),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("skill_id", sa.Uuid, nullable=False),
        sa.Column("level", sa.Integer, nullable=False, server_default="3"),
        sa.Column("expires_on", sa.Date),
        sa.PrimaryKeyConstraint("org_id", "engineer_id", "skill_id"),
        _to("engineer_id", "engineers"),
        _to("skill_id", "skills"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_engineer_skills_level")),
        sa.Index("ix_engineer_skills_skill_id", "org_id", "skill_id"),
    )
    op.create_table(
        "crews",
        *_row(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default="true"),
    )
    op.create_table(
        "crew_members",
        _org(),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("lead", sa.Boolean, nullable=False, server_default="false"),
        sa.PrimaryKeyConstraint("org_id", "crew_id", "engineer_id"),
        _to("crew_id", "crews"),
        _to("engineer_id", "engineers"),
        sa.Index("ix_crew_members_engineer_id", "org_id", "engineer_id"),
        sa.Index("uq_crew_members_lead", "org_id", "crew_id", unique=True, postgresql_where=sa.text("lead")),
    )


def _calendar() -> None:
    op.create_table(
        "shifts",
        *_row(),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("on_call", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("breaks", JSONB, nullable=False, server_default="[]"),
        _to("engineer_id", "engineers"),
        sa.CheckConstraint(
            "ends_at > starts_at AND ends_at - starts_at <= interval '7 days'", name=op.f("ck_shifts_ends_at")
        ),
        sa.Index("ix_shifts_starts_at", "org_id", "starts_at"),
    )
    op.execute(
        "ALTER TABLE shifts ADD CONSTRAINT ex_shifts_engineer_id EXCLUDE USING gist "
        "(org_id WITH =, engineer_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (deleted_at IS NULL)"
    )
    op.create_table(
        "absences",
        *_row(),
        sa.Column("engineer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String, nullable=False, server_default="other"),
        sa.Column("note", sa.String),
        _to("engineer_id", "engineers"),
        sa.CheckConstraint("reason IN ('vacation', 'sick', 'training', 'other')", name=op.f("ck_absences_reason")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_absences_ends_at")),
        sa.Index("ix_absences_engineer_id", "org_id", "engineer_id", "starts_at"),
    )
