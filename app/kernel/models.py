"""Tables of the kernel: audit, events (the transactional outbox), tasks, idempotency keys, number counters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Tenant
from app.kernel.ids import new_id


class AuditEntry(Tenant, Base):
    """Who did what, for ever. The database refuses UPDATE and DELETE.

    `audit_seal()` stamps `seq`, `prev_hash` and `hash` after commit, so that writers do not queue for the chain.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("org_id", "seq"),
        Index("ix_audit_entries_subject", "org_id", "subject_type", "subject_id"),
        Index("ix_audit_entries_unsealed", "id", postgresql_where="seq IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Moment] = mapped_column(server_default=func.now())
    actor: Mapped[dict[str, Any]]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    seq: Mapped[int | None] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class Event(Tenant, Base):
    """Something that happened, written in the transaction that made it happen. `id` is the SSE event id."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_org_id_id", "org_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Moment] = mapped_column(server_default=func.now())
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]


class Task(Tenant, Base):
    """A background unit of work. The row is the truth; what waits in Redis is made from it again when lost."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("org_id", "name", "key"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'stopped')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_tasks_pending", "run_after", postgresql_where="state IN ('queued', 'running')"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    key: Mapped[str | None]
    args: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="queued")
    progress: Mapped[float] = mapped_column(server_default="0")
    message: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    run_after: Mapped[Moment] = mapped_column(server_default=func.now())
    heartbeat_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]


class IdempotencyKey(Tenant, Base):
    """The stored answer of a POST, given again when the same caller repeats the same key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (PrimaryKeyConstraint("org_id", "caller", "key"),)

    caller: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())


class NumberCounter(Tenant, Base):
    """The last human number given, by organisation, kind and year (`J-2026-000123`)."""

    __tablename__ = "number_counters"
    __table_args__ = (PrimaryKeyConstraint("org_id", "kind", "year"),)

    kind: Mapped[str]
    year: Mapped[int]
    value: Mapped[int]
