"""Locks by name that end with the transaction: one at a time for what has no row yet."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app.kernel.db import Tx


def alone(tx: Tx, kind: str, of: UUID) -> None:
    """Waits until no other transaction works on this `kind` of this id, and keeps others waiting until the commit."""
    key = func.hashtextextended(f"{kind}:{tx.actor.org_id}:{of}", 0)
    tx.session.execute(select(func.pg_advisory_xact_lock(key)))
