"""How urgent jobs are, in points, and how an organisation counts them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Row, Tenant, tenant_fk


class JobScore(Tenant, Base):
    """The points of a job as of the last minute. A table of its own: points move with time, and phones hold none."""

    __tablename__ = "job_scores"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "job_id"),
        tenant_fk("job_id", "jobs"),
        Index("ix_job_scores_score", "org_id", "score"),
    )

    job_id: Mapped[UUID]
    score: Mapped[float] = mapped_column(Float)
    terms: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    aged: Mapped[int] = mapped_column(server_default="0")


class PrioritySettings(Row, Base):
    """The weights of an organisation (they total 100), how waiting counts, and words that make a job urgent."""

    __tablename__ = "priority_settings"
    __table_args__ = (
        UniqueConstraint("org_id"),
        CheckConstraint("urgency + importance + tier + deadline = 100", name="total"),
        CheckConstraint("least(urgency, importance, tier, deadline) >= 0", name="weights"),
        CheckConstraint(
            "age_after_s BETWEEN 0 AND 31536000 AND age_points BETWEEN 0 AND 100 AND age_most BETWEEN 0 AND 100",
            name="age",
        ),
    )

    urgency: Mapped[int] = mapped_column(server_default="40")
    importance: Mapped[int] = mapped_column(server_default="30")
    tier: Mapped[int] = mapped_column(server_default="20")
    deadline: Mapped[int] = mapped_column(server_default="10")
    age_after_s: Mapped[int] = mapped_column(server_default="14400")
    age_points: Mapped[int] = mapped_column(server_default="2")
    age_most: Mapped[int] = mapped_column(server_default="20")
    urgent_words: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
