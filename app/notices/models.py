"""Messages to people outside, each of them written once and kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, tenant_fk

KINDS = ("planned", "unplanned", "called_off", "on_the_way", "arrived", "report", "answer", "code")
CHANNELS = ("sms", "email")
STATES = ("waiting", "sent", "shown", "failed", "withdrawn")


def _among(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=column)


class Notice(Row, Base):
    """One message. `key` says what it is about: the same thing is never told twice.

    `body` is its text; that of a code is only in `sealed`, and not even there once it was taken. `shown`: nothing is
    set up that would send it, as in a demo. After `good_until` it is not sent any more.
    """

    __tablename__ = "notices"
    __table_args__ = (
        tenant_fk("job_id", "jobs"),
        tenant_fk("visit_id", "visits"),
        UniqueConstraint("org_id", "key"),
        _among("kind", KINDS),
        _among("channel", CHANNELS),
        _among("state", STATES),
        Index("ix_notices_job", "org_id", "job_id", "created_at"),
        Index("ix_notices_visit", "org_id", "visit_id"),
        Index("ix_notices_recent", "org_id", "created_at", "id"),
    )

    kind: Mapped[str]
    key: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    job_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    fault: Mapped[str | None]
    good_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
