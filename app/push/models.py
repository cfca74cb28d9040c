"""Where the phones of an organisation can be reached."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Row, tenant_fk


class PushSubscription(Row, Base):
    """One device's address at the push service of its browser, with the keys that only it can read by."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        tenant_fk("user_id", "users"),
        tenant_fk("device_id", "devices"),
        UniqueConstraint("org_id", "device_id"),
        Index("ix_push_subscriptions_user_id", "org_id", "user_id"),
    )

    user_id: Mapped[UUID]
    device_id: Mapped[UUID]
    endpoint: Mapped[str]
    p256dh: Mapped[bytes] = mapped_column(LargeBinary)
    auth: Mapped[bytes] = mapped_column(LargeBinary)
