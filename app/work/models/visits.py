"""Visits and the append-only facts of their course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk
from app.work.statuses import DISPATCH_METHODS, VISIT_STATUSES, one_of


class Visit(Row, Base):
    """One trip by one engineer or crew for a job. `job_id` never changes (a trigger sees to it).

    `offer_expires_at`: while dispatched, until when the holder may answer before somebody else is asked.
    `dispatch_method`, when set, counts instead of the territory's and the job type's.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(one_of("status", VISIT_STATUSES), name="status"),
        CheckConstraint("window_end > window_start", name="window"),
        CheckConstraint("planned_end > planned_start", name="planned"),
        CheckConstraint("duration_s BETWEEN 60 AND 604800", name="duration"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint(one_of("dispatch_method", DISPATCH_METHODS), name="method"),
        tenant_fk("job_id", "jobs"),
        tenant_fk("territory_id", "territories"),
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("crew_id", "crews"),
        tenant_fk("follow_up_of", "visits"),
        Index("ix_visits_recent", "org_id", "created_at", "id"),
        Index("ix_visits_job", "org_id", "job_id"),
        Index("ix_visits_engineer", "org_id", "engineer_id", "planned_start"),
        Index("ix_visits_crew", "org_id", "crew_id"),
        Index("ix_visits_territory", "org_id", "territory_id", "planned_start"),
        Index("ix_visits_status", "org_id", "status", "planned_start"),
        Index("ix_visits_window", "org_id", "window_start"),
        Index("uq_visits_follow_up", "org_id", "follow_up_of", unique=True,
              postgresql_where=text("status <> 'cancelled' AND deleted_at IS NULL")),
    )  # fmt: skip

    job_id: Mapped[UUID]
    territory_id: Mapped[UUID | None]
    engineer_id: Mapped[UUID | None]
    crew_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="draft")
    window_start: Mapped[Moment | None]
    window_end: Mapped[Moment | None]
    planned_start: Mapped[Moment | None]
    planned_end: Mapped[Moment | None]
    sequence: Mapped[int | None]
    duration_s: Mapped[int] = mapped_column(server_default="3600")
    offer_expires_at: Mapped[Moment | None]
    dispatch_method: Mapped[str | None]
    pinned: Mapped[bool] = mapped_column(server_default="false")
    instructions: Mapped[str] = mapped_column(server_default="")
    follow_up_of: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    abort_asked_at: Mapped[Moment | None]
    abort_reason: Mapped[str | None]
    field_revs: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class VisitEvent(Row, Base):
    """One fact of a visit. `applied` is false for a late fact, which is kept without moving the visit.

    `engineer_id` is the assignment under which it was done; `visit_rev` the visit's revision that it led to.
    `seq` orders the events of the organisation as the server learnt of them.
    """

    __tablename__ = "visit_events"
    __table_args__ = (
        UniqueConstraint("org_id", "seq"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_visit_events_visit", "org_id", "visit_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    visit_id: Mapped[UUID]
    event: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    applied: Mapped[bool] = mapped_column(server_default="true")
    visit_rev: Mapped[int]
    engineer_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    location: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    device_at: Mapped[Moment]
    received_at: Mapped[Moment]
    corrected_at: Mapped[Moment]
    flags: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
