"""What somebody should look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk

KINDS = (
    "running_late", "promise_at_risk", "early_finish", "late_departure", "no_movement", "off_route", "long_stop",
    "tracker_silent", "battery_low", "permission_lost", "absence", "emergency",
)  # fmt: skip


class Alert(Row, Base):
    """One thing noticed; open until it is over. `key` says what it is about: noticed again, it stays the same one.

    `plan_id`: the plan that was proposed because of it.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("visit_id", "visits"),
        tenant_fk("plan_id", "plans"),
        Index("ix_alerts_recent", "org_id", "created_at", "id"),
        Index("ix_alerts_engineer", "org_id", "engineer_id"),
        Index("ix_alerts_visit", "org_id", "visit_id"),
        Index("uq_alerts_open", "org_id", "key", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    kind: Mapped[str]
    key: Mapped[str]
    engineer_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    closed_at: Mapped[Moment | None]
