"""Who was asked to go, by which method, and what became of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk
from app.work.statuses import DISPATCH_METHODS, one_of

ANSWERS = ("open", "assigned", "accepted", "declined", "expired", "withdrawn", "claimed")


class Offer(Row, Base):
    """One engineer asked for one visit. `open` until answered or `expires_at`; `assigned` without being asked."""

    __tablename__ = "offers"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint(one_of("method", DISPATCH_METHODS), name="method"),
        CheckConstraint(one_of("answer", ANSWERS), name="answer"),
        CheckConstraint("answer <> 'open' OR expires_at IS NOT NULL", name="expires_at"),
        Index("ix_offers_visit", "org_id", "visit_id", "created_at"),
        Index("ix_offers_engineer", "org_id", "engineer_id", "created_at"),
        Index("uq_offers_open", "org_id", "visit_id", unique=True, postgresql_where=text("answer = 'open'")),
    )

    visit_id: Mapped[UUID]
    engineer_id: Mapped[UUID]
    method: Mapped[str]
    answer: Mapped[str] = mapped_column(server_default="open")
    expires_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    reason: Mapped[str | None]
