"""Two truths that met: kept, shown, resolved by a person, never dropped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk
from app.work.statuses import RESOLUTIONS, one_of

JSON = JSONB(none_as_null=True)


class Conflict(Row, Base):
    """`mine` is what the device brought, `theirs` what the server held, `base` what both started from."""

    __tablename__ = "conflicts"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'resolved')", name="status"),
        CheckConstraint(one_of("resolution", RESOLUTIONS), name="resolution"),
        CheckConstraint(
            "(status = 'resolved') = (resolution IS NOT NULL AND resolved_at IS NOT NULL)", name="resolved"
        ),
        tenant_fk("visit_id", "visits"),
        tenant_fk("job_id", "jobs"),
        tenant_fk("engineer_id", "engineers"),
        Index("ix_conflicts_status", "org_id", "status", "created_at"),
        Index("ix_conflicts_visit", "org_id", "visit_id"),
        Index("ix_conflicts_row", "org_id", "collection", "row_id"),
    )

    collection: Mapped[str]
    row_id: Mapped[UUID]
    kind: Mapped[str]
    visit_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    engineer_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    mine: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    theirs: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    base: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    flags: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    status: Mapped[str] = mapped_column(server_default="open")
    resolution: Mapped[str | None]
    resolved_value: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    resolved_by: Mapped[UUID | None]
    resolved_at: Mapped[Moment | None]
