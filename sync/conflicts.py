"""What a device sent and the server did not take becomes a Conflict, so that nothing a phone saved is lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.work.commands import open_conflict
from app.work.models import Visit


def keep(
    tx: Tx,
    sent: dict[str, Any],
    kind: str,
    *,
    mine: dict[str, Any] | None = None,
    theirs: dict[str, Any] | None = None,
    flags: tuple[str, ...] = (),
) -> UUID:
    """Opens a Conflict about the mutation `sent` and returns its id.

    kind: `field` (overlapping edits), `left` (the row was not the user's any more), `delete` (it changed meanwhile),
    `rejected`, `revoked` (its device was). mine: what is in question, by default the mutation's data.
    """
    row_id = _uuid(sent.get("row_id")) or sent["id"]
    data = sent.get("data")
    conflict = open_conflict(
        tx,
        str(sent.get("collection", "unknown"))[:100],
        row_id,
        kind,
        mine=mine if mine is not None else {"type": sent.get("type"), "data": data},
        theirs=theirs,
        base={"rev": sent.get("base_rev")},
        visit_id=_visit_id(tx, sent, row_id),
        flags=flags,
    )
    return conflict.id


def _visit_id(tx: Tx, sent: dict[str, Any], row_id: UUID) -> UUID | None:
    """The visit that the mutation speaks of, if there is one: the dispatcher sees the conflict at it."""
    data = sent.get("data")
    named = (
        row_id if sent.get("collection") == "visits" else _uuid(data.get("visit_id") if isinstance(data, dict) else 0)
    )
    visit = tx.find(Visit, named) if named else None
    return visit.id if visit else None


def _uuid(value: Any) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None
