"""What an engineer records at a visit. Every fact carries three times: the device's, the server's, the corrected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk
from app.work.statuses import EVIDENCE_KINDS, ITEM_KINDS, ITEM_STATUSES, TIME_KINDS, one_of


class Fact(Row):
    """A row that a device may have made: who did it under which assignment, and the three times."""

    engineer_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    device_at: Mapped[Moment]
    received_at: Mapped[Moment]
    corrected_at: Mapped[Moment]
    flags: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class ChecklistItem(Row, Base):
    """One point of a visit's checklist, copied from the job type; due before the visit enters `at_status`."""

    __tablename__ = "checklist_items"
    __table_args__ = (
        CheckConstraint(one_of("kind", ITEM_KINDS), name="kind"),
        CheckConstraint(one_of("at_status", ITEM_STATUSES), name="at_status"),
        tenant_fk("visit_id", "visits"),
        Index("ix_checklist_items_visit", "org_id", "visit_id", "position"),
    )

    visit_id: Mapped[UUID]
    position: Mapped[int]
    key: Mapped[str | None]
    label: Mapped[Any] = mapped_column(JSONB)
    kind: Mapped[str]
    required: Mapped[bool] = mapped_column(server_default="false")
    at_status: Mapped[str] = mapped_column(server_default="completed")
    options: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class ChecklistAnswer(Fact, Base):
    """An answer to an item. Answers append; the one with the latest corrected time stands."""

    __tablename__ = "checklist_answers"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("item_id", "checklist_items"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_checklist_answers_visit", "org_id", "visit_id"),
        Index("ix_checklist_answers_item", "org_id", "item_id", "corrected_at"),
    )

    visit_id: Mapped[UUID]
    item_id: Mapped[UUID]
    value: Mapped[Any] = mapped_column(JSONB)
    comment: Mapped[str | None]


class Note(Fact, Base):
    """Words on a job or one of its visits. Customers and subcontractors never get internal ones."""

    __tablename__ = "notes"
    __table_args__ = (
        tenant_fk("job_id", "jobs"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_notes_job", "org_id", "job_id", "created_at"),
        Index("ix_notes_visit", "org_id", "visit_id"),
    )

    job_id: Mapped[UUID]
    visit_id: Mapped[UUID | None]
    author_id: Mapped[UUID | None]
    body: Mapped[str]
    internal: Mapped[bool] = mapped_column(server_default="false")
    field_revs: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class TimeEntry(Fact, Base):
    """A stretch of travel, work or pause. Open while `ended_at` is null; the corrected ends are what counts."""

    __tablename__ = "time_entries"
    __table_args__ = (
        CheckConstraint(one_of("kind", TIME_KINDS), name="kind"),
        CheckConstraint("ended_at >= started_at", name="ended"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_time_entries_visit", "org_id", "visit_id"),
        Index("ix_time_entries_engineer", "org_id", "engineer_id", "started_at"),
    )

    visit_id: Mapped[UUID]
    kind: Mapped[str]
    started_at: Mapped[Moment]
    started_corrected_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_corrected_at: Mapped[Moment | None]
    note: Mapped[str | None]
    field_revs: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class PartUse(Fact, Base):
    """A part used at a visit; the quantity leaves the location through a stock move of the same transaction."""

    __tablename__ = "part_uses"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("part_id", "parts"),
        tenant_fk("location_id", "stock_locations"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_part_uses_visit", "org_id", "visit_id"),
        Index("ix_part_uses_part", "org_id", "part_id", "serial"),
    )

    visit_id: Mapped[UUID]
    part_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    serial: Mapped[str | None]
    stock_move_id: Mapped[UUID | None]


class VisitEvidence(Fact, Base):
    """That a photo, a signature or a refusal to sign exists for a visit. Guards look at these rows, not at bytes."""

    __tablename__ = "visit_evidence"
    __table_args__ = (
        UniqueConstraint("org_id", "visit_id", "kind", "ref_id"),
        CheckConstraint(one_of("kind", EVIDENCE_KINDS), name="kind"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("item_id", "checklist_items"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_visit_evidence_item", "org_id", "item_id"),
    )

    visit_id: Mapped[UUID]
    kind: Mapped[str]
    ref_id: Mapped[UUID]
    item_id: Mapped[UUID | None]
    reason: Mapped[str | None]
