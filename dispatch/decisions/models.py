"""One decision of a dispatcher beside the engine's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Row, tenant_fk


class Decision(Row, Base):
    """A visit assigned by hand: to whom, whom the engine would have sent (null: nobody), and why it was decided so.

    The travel is what each adds to the day; null where there was no place. `rules` are those that were broken.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        tenant_fk("visit_id", "visits"),
        tenant_fk("engineer_id", "engineers"),
        tenant_fk("proposed_id", "engineers"),
        Index("ix_decisions_recent", "org_id", "created_at", "id"),
        Index("ix_decisions_visit", "org_id", "visit_id"),
    )

    visit_id: Mapped[UUID]
    engineer_id: Mapped[UUID]
    proposed_id: Mapped[UUID | None]
    followed: Mapped[bool]
    forced: Mapped[bool]
    reason: Mapped[str | None]
    added_travel_s: Mapped[int | None]
    proposed_travel_s: Mapped[int | None]
    rules: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    user_id: Mapped[UUID | None]
