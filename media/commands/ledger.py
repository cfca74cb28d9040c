"""The organisation's ledger of sign-offs: a line that is in it stays, and says what came before it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.db import Tx
from media.models import LedgerEntry


def append(tx: Tx, kind: str, subject_id: UUID, entry: dict[str, Any]) -> LedgerEntry:
    """Adds a line; other transactions of the organisation that want to wait until this one ends."""
    line = LedgerEntry(kind=kind, subject_id=subject_id, entry=entry)
    tx.session.add(line)
    tx.session.flush()
    return line


def broken_at(tx: Tx) -> int | None:
    """The number of the first line whose hash does not hold; None when the chain is whole."""
    return tx.session.scalar(select(func.signoff_broken()))
