"""Append-only audit: one entry a deed, hash-chained per organisation by the database (`audit_seal`, `audit_broken`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from app.kernel.db import Tx
from app.kernel.models import AuditEntry


def record(
    tx: Tx, action: str, subject_type: str, subject_id: UUID | None = None, data: dict[str, Any] | None = None
) -> None:
    """Writes who did `action` to the subject, in the transaction that does it. `data` must be plain JSON."""
    tx.session.execute(
        insert(AuditEntry).values(
            actor={
                "user_id": str(tx.actor.user_id) if tx.actor.user_id else None,
                "role": tx.actor.role,
                "name": tx.actor.name,
                "device_id": str(tx.actor.device_id) if tx.actor.device_id else None,
            },
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            data=data or {},
        )
    )


def seal(tx: Tx) -> int:
    """Chains the entries of the actor's organisation that are not chained yet. Returns how many."""
    return tx.session.scalar(select(func.audit_seal())) or 0


def broken_at(tx: Tx) -> int | None:
    """The sequence number of the first entry whose hash does not hold, or None when the chain is whole."""
    return tx.session.scalar(select(func.audit_broken()))
