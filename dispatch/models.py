"""Plans that were proposed, with what they were made from, and how an organisation weighs its wishes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.kernel.db import Base, Moment, Row, Tenant, tenant_fk
from dispatch.decisions.models import Decision
from dispatch.methods.models import Offer
from dispatch.watching.models import Alert

__all__ = ["Alert", "CustomerEngineer", "Decision", "DispatchSettings", "Offer", "Plan"]

PLAN_STATUSES = ("queued", "running", "done", "stopped", "failed", "applied")
WISHES = ("required", "preferred", "excluded")
LOCKS = ("started", "dispatched", "none")
MOST_DAYS = 14
"""Days that one plan may span."""


class Plan(Row, Base):
    """A proposal for one day, or for several from `date` on. Nothing changes until it is applied.

    `snapshot` is the problem as the engine read it and `travel` its two matrices, so that the proposal can be replayed;
    `ground` are the facts that must still hold when it is applied; `answer` is the engine's answer.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(s) for s in PLAN_STATUSES)})", name="status"),
        CheckConstraint(f"lock IN ({', '.join(repr(s) for s in LOCKS)})", name="lock"),
        CheckConstraint(f"days BETWEEN 1 AND {MOST_DAYS}", name="days"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        CheckConstraint("stability BETWEEN 0 AND 1", name="stability"),
        Index("ix_plans_recent", "org_id", "created_at", "id"),
        Index("ix_plans_date", "org_id", "date"),
    )

    date: Mapped[date]
    days: Mapped[int] = mapped_column(server_default="1")
    status: Mapped[str] = mapped_column(server_default="queued")
    progress: Mapped[float] = mapped_column(server_default="0")
    message: Mapped[str | None]
    territory_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    engineer_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    visit_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    lock: Mapped[str] = mapped_column(server_default="dispatched")
    stability: Mapped[float] = mapped_column(server_default="0.5")
    time_limit_s: Mapped[int] = mapped_column(server_default="10")
    created_by: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    stop_asked_at: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    applied_at: Mapped[Moment | None]
    source: Mapped[str | None]
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    travel: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    ground: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)


class CustomerEngineer(Tenant, Base):
    """What a customer wishes about an engineer: only these may come, this one rather, or never this one."""

    __tablename__ = "customer_engineers"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "account_id", "engineer_id"),
        tenant_fk("account_id", "accounts"),
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint(f"wish IN ({', '.join(repr(w) for w in WISHES)})", name="wish"),
        Index("ix_customer_engineers_engineer_id", "org_id", "engineer_id"),
    )

    account_id: Mapped[UUID]
    engineer_id: Mapped[UUID]
    wish: Mapped[str]
    reason: Mapped[str | None]


class Xid8(UserDefinedType[int]):
    """A transaction, in the order in which they began."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class PlanChange(Tenant, Base):
    """An engineer whose day a transaction has changed (the zero UUID: anybody's). Triggers write, nobody else."""

    __tablename__ = "plan_changes"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "xid", "engineer_id"),
        Index("ix_plan_changes_at", "at"),
    )

    xid: Mapped[int] = mapped_column(Xid8, server_default=func.pg_current_xact_id())
    engineer_id: Mapped[UUID]
    at: Mapped[Moment] = mapped_column(server_default=func.now())


class DispatchSettings(Row, Base):
    """How an organisation weighs its wishes: `weights` overrides the engine's defaults, name by name."""

    __tablename__ = "dispatch_settings"
    __table_args__ = (
        UniqueConstraint("org_id"),
        CheckConstraint("max_travel_s BETWEEN 60 AND 86400", name="max_travel_s"),
        CheckConstraint("slack_percent BETWEEN 0 AND 50", name="slack_percent"),
        CheckConstraint("offer_s = 0 OR offer_s BETWEEN 60 AND 86400", name="offer_s"),
    )

    weights: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    max_travel_s: Mapped[int | None]
    require_parts: Mapped[bool] = mapped_column(server_default="true")
    offer_s: Mapped[int] = mapped_column(server_default="900")
    slack_percent: Mapped[int] = mapped_column(server_default="0")
