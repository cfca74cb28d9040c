"""Append-only audit: one entry a deed, hash-chained per organisation by the database (`audit_seal`, `audit_broken`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.behind import behind, write
from app.kernel.db import Tx


def record(
    tx: Tx, action: str, subject_type: str, subject_id: UUID | None = None, data: dict[str, Any] | None = None
) -> None:
    """Writes who did `action` to the subject, in the transaction that does it. `data` must be plain JSON."""
    actor = {
        "user_id": tx.actor.user_id,
        "role": tx.actor.role,
        "name": tx.actor.name,
        "device_id": tx.actor.device_id,
    }
    entry = {"action": action, "subject_type": subject_type, "subject_id": subject_id, "data": data or {}}
    behind(tx.session).audit.append({"actor": actor, **entry})


def seal(tx: Tx) -> int:
    """Chains the entries of the actor's organisation that are not chained yet. Returns how many."""
    write(tx.session)
    return tx.session.scalar(select(func.audit_seal())) or 0


def broken_at(tx: Tx) -> int | None:
    """The sequence number of the first entry whose hash does not hold, or None when the chain is whole."""
    return tx.session.scalar(select(func.audit_broken()))
