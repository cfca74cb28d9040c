"""What came in, what it became, and the templates of jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk
from app.work.statuses import CHANNELS, DISPATCH_METHODS, JOB_STATUSES, REQUEST_STATUSES, one_of

REQUEST_WORDS = "coalesce(number, '') || ' ' || coalesce(subject, '') || ' ' || coalesce(description, '')"
JOB_WORDS = "coalesce(number, '') || ' ' || coalesce(summary, '') || ' ' || coalesce(description, '')"


class JobType(Row, Base):
    """Template of a job. Its checklist is copied to each visit at creation, so that old visits keep theirs."""

    __tablename__ = "job_types"
    __table_args__ = (
        UniqueConstraint("org_id", "code"),
        CheckConstraint("duration_s BETWEEN 60 AND 604800", name="duration"),
        CheckConstraint("required_photos BETWEEN 0 AND 100", name="photos"),
        CheckConstraint(one_of("dispatch_method", DISPATCH_METHODS), name="method"),
    )

    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    duration_s: Mapped[int] = mapped_column(server_default="3600")
    required_skills: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    checklist: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    parts: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    requires_signature: Mapped[bool] = mapped_column(server_default="true")
    required_photos: Mapped[int] = mapped_column(server_default="0")
    dispatch_method: Mapped[str] = mapped_column(server_default="manual")


class Request(Row, Base):
    """What came in over a channel; it is merged into another request or becomes a job."""

    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        UniqueConstraint("org_id", "source", "external_id"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("status", REQUEST_STATUSES), name="status"),
        CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        tenant_fk("contact_id", "contacts"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("site_id", "sites"),
        tenant_fk("asset_id", "assets"),
        tenant_fk("job_type_id", "job_types"),
        tenant_fk("merged_into", "requests"),
        ForeignKeyConstraint(["org_id", "job_id"], ["jobs.org_id", "jobs.id"], use_alter=True),
        Index("ix_requests_recent", "org_id", "created_at", "id"),
        Index("ix_requests_status", "org_id", "status", "created_at"),
        Index("ix_requests_job", "org_id", "job_id"),
        Index("ix_requests_search_trgm", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    number: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="api")
    source: Mapped[str] = mapped_column(server_default="callout")
    external_id: Mapped[str | None]
    subject: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="new")
    reported_at: Mapped[Moment | None]
    contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    site_id: Mapped[UUID | None]
    asset_id: Mapped[UUID | None]
    job_type_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    merged_into: Mapped[UUID | None]
    attachments: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    search: Mapped[str | None] = mapped_column(Text, Computed(f"lower({REQUEST_WORDS})", persisted=True), deferred=True)


class Job(Row, Base):
    """The commitment to get something done. `status` is derived from the visits and written in one place only."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        UniqueConstraint("org_id", "source", "external_id"),
        CheckConstraint(one_of("status", JOB_STATUSES), name="status"),
        CheckConstraint("priority BETWEEN 1 AND 4", name="priority"),
        CheckConstraint("importance BETWEEN 1 AND 4", name="importance"),
        CheckConstraint("due_at > earliest_start", name="due"),
        CheckConstraint("(held_at IS NULL) = (hold_reason IS NULL)", name="hold"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancel"),
        tenant_fk("request_id", "requests"),
        tenant_fk("job_type_id", "job_types"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("site_id", "sites"),
        tenant_fk("asset_id", "assets"),
        tenant_fk("contact_id", "contacts"),
        tenant_fk("parent_job_id", "jobs"),
        Index("ix_jobs_recent", "org_id", "created_at", "id"),
        Index("ix_jobs_status", "org_id", "status", "due_at"),
        Index("ix_jobs_site", "org_id", "site_id"),
        Index("ix_jobs_account", "org_id", "account_id"),
        Index("ix_jobs_contact", "org_id", "contact_id"),
        Index("ix_jobs_parent", "org_id", "parent_job_id"),
        Index("ix_jobs_search_trgm", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    number: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="callout")
    external_id: Mapped[str | None]
    request_id: Mapped[UUID | None]
    job_type_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    site_id: Mapped[UUID]
    asset_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    parent_job_id: Mapped[UUID | None]
    priority: Mapped[int] = mapped_column(server_default="3")
    importance: Mapped[int] = mapped_column(server_default="3")
    summary: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    attachments: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    earliest_start: Mapped[Moment | None]
    due_at: Mapped[Moment | None]
    triaged_at: Mapped[Moment | None]
    held_at: Mapped[Moment | None]
    hold_reason: Mapped[str | None]
    hold_until: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]
    cancel_reason: Mapped[str | None]
    closed_at: Mapped[Moment | None]
    status: Mapped[str] = mapped_column(server_default="new")
    field_revs: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    search: Mapped[str | None] = mapped_column(Text, Computed(f"lower({JOB_WORDS})", persisted=True), deferred=True)


class JobEvent(Row, Base):
    """Append-only trail of a job: held, resumed, cancelled, closed, reopened, split, … with giver, taker and reason."""

    __tablename__ = "job_events"
    __table_args__ = (tenant_fk("job_id", "jobs"), Index("ix_job_events_job", "org_id", "job_id", "created_at"))

    job_id: Mapped[UUID]
    event: Mapped[str]
    reason: Mapped[str | None]
    user_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
