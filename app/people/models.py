"""Organisations and their people: users and their credentials, devices, engineers, skills, shifts, absences, crews."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, Tenant, tenant_fk
from app.kernel.ids import new_id

LIVE = text("deleted_at IS NULL")
LOCALES = ("en", "zh-CN")
ROLES = (
    "admin", "manager", "dispatcher", "agent", "engineer", "subcontractor", "storekeeper", "customer", "auditor",
)  # fmt: skip
ABSENCE_REASONS = ("vacation", "sick", "training", "other")


def _among(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=column)


class Organisation(Base):
    """One company that uses Callout; every other row belongs to exactly one."""

    __tablename__ = "organisations"
    __table_args__ = (_among("locale", LOCALES),)
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    rev: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), server_onupdate=FetchedValue())
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    currency: Mapped[str] = mapped_column(String(3), server_default="EUR")
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class User(Row, Base):
    """Somebody who can sign in. The e-mail address is unique over all organisations, so that it finds its own.

    `totp_secret` counts from `totp_confirmed_at` on; `totp_step` is the last time step used: no code works twice.
    """

    __tablename__ = "users"
    __table_args__ = (
        _among("role", ROLES),
        _among("locale", LOCALES),
        Index("uq_users_email", "email", unique=True, postgresql_where=LIVE),
    )

    email: Mapped[str] = mapped_column(CITEXT)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_confirmed_at: Mapped[Moment | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    locale: Mapped[str] = mapped_column(server_default="en")
    timezone: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default="true")


class Device(Row, Base):
    """One installed client of one user; its own push sequence, cursor and signing key.

    `clock_offset_ms` is server time minus device time at the last handshake.
    """

    __tablename__ = "devices"
    __table_args__ = (tenant_fk("user_id", "users"), Index("ix_devices_user_id", "org_id", "user_id"))

    user_id: Mapped[UUID]
    name: Mapped[str]
    platform: Mapped[str | None]
    app_version: Mapped[str | None]
    push_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    public_key: Mapped[dict[str, Any] | None]
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_seen_at: Mapped[Moment | None]
    pending_count: Mapped[int] = mapped_column(server_default="0")
    pending_oldest_at: Mapped[Moment | None]
    cursor: Mapped[int | None] = mapped_column(BigInteger)
    schema_versions: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    revoked_at: Mapped[Moment | None]
    erased_at: Mapped[Moment | None]


class RefreshToken(Row, Base):
    """One signed-in session: a family of refresh tokens, of which the newest two generations are good.

    Nothing that could be presented is stored: a token is derived from `seed`, the generation and the server's secret.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        tenant_fk("user_id", "users"),
        tenant_fk("device_id", "devices"),
        Index("ix_refresh_tokens_user_id", "org_id", "user_id"),
        Index("ix_refresh_tokens_device_id", "org_id", "device_id"),
    )

    user_id: Mapped[UUID]
    device_id: Mapped[UUID | None]
    seed: Mapped[bytes] = mapped_column(LargeBinary)
    generation: Mapped[int] = mapped_column(server_default="1")
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class ApiKey(Row, Base):
    """A credential of a machine: a name, a hashed secret, and the rights it was given. Deleting it ends it."""

    __tablename__ = "api_keys"
    __table_args__ = (tenant_fk("created_by", "users"),)

    name: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID | None]
    expires_at: Mapped[Moment | None]


class Engineer(Row, Base):
    """Who goes out. `home` is where the day starts and ends; a person's home, so not everybody sees it."""

    __tablename__ = "engineers"
    __table_args__ = (
        tenant_fk("user_id", "users"),
        _among("employment", ("employee", "subcontractor")),
        CheckConstraint("max_jobs_per_day BETWEEN 0 AND 1000", name="max_jobs_per_day"),
        CheckConstraint("overtime_limit_s BETWEEN 0 AND 86400", name="overtime_limit_s"),
        Index("uq_engineers_org_id_user_id", "org_id", "user_id", unique=True, postgresql_where=LIVE),
    )

    user_id: Mapped[UUID | None]
    name: Mapped[str]
    phone: Mapped[str | None]
    home: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    max_jobs_per_day: Mapped[int | None]
    overtime_limit_s: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool] = mapped_column(server_default="true")
    employment: Mapped[str] = mapped_column(server_default="employee")
    timezone: Mapped[str | None]
    consent_tracking: Mapped[bool] = mapped_column(server_default="false")


class Skill(Row, Base):
    """What a job demands and an engineer has."""

    __tablename__ = "skills"
    __table_args__ = (Index("uq_skills_org_id_code", "org_id", "code", unique=True, postgresql_where=LIVE),)

    code: Mapped[str]
    name: Mapped[str]


class EngineerSkill(Tenant, Base):
    """A skill of an engineer: level 1 (learning) to 5 (teaches it), good until the end of `expires_on`."""

    __tablename__ = "engineer_skills"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "engineer_id", "skill_id"),
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("skill_id", "skills"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        Index("ix_engineer_skills_skill_id", "org_id", "skill_id"),
    )

    engineer_id: Mapped[UUID]
    skill_id: Mapped[UUID]
    level: Mapped[int] = mapped_column(server_default="3")
    expires_on: Mapped[date | None]


class Shift(Row, Base):
    """When an engineer works. `breaks` are `{"window_start", "window_end", "duration_s"}`, inside the shift."""

    __tablename__ = "shifts"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint("ends_at > starts_at AND ends_at - starts_at <= interval '7 days'", name="ends_at"),
        ExcludeConstraint(
            ("org_id", "="),
            ("engineer_id", "="),
            (func.tstzrange(text("starts_at"), text("ends_at")), "&&"),
            name="ex_shifts_engineer_id",
            using="gist",
            where=LIVE,
        ),
        Index("ix_shifts_starts_at", "org_id", "starts_at"),
    )

    engineer_id: Mapped[UUID]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    on_call: Mapped[bool] = mapped_column(server_default="false")
    breaks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")


class Absence(Row, Base):
    """When an engineer is away, whatever the shifts say."""

    __tablename__ = "absences"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        _among("reason", ABSENCE_REASONS),
        CheckConstraint("ends_at > starts_at", name="ends_at"),
        Index("ix_absences_engineer_id", "org_id", "engineer_id", "starts_at"),
    )

    engineer_id: Mapped[UUID]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(server_default="other")
    note: Mapped[str | None]


class Crew(Row, Base):
    """Engineers who go together."""

    __tablename__ = "crews"

    name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")


class CrewMember(Tenant, Base):
    """An engineer in a crew; at most one leads it."""

    __tablename__ = "crew_members"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "crew_id", "engineer_id"),
        tenant_fk("crew_id", "crews"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_crew_members_engineer_id", "org_id", "engineer_id"),
        Index("uq_crew_members_lead", "org_id", "crew_id", unique=True, postgresql_where=text("lead")),
    )

    crew_id: Mapped[UUID]
    engineer_id: Mapped[UUID]
    lead: Mapped[bool] = mapped_column(server_default="false")
