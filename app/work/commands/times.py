"""The three times of a fact, and under which assignment it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel.db import Tx

AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class When:
    """`device_at`: the phone's clock. `corrected_at`: that, corrected by the device's offset. `flags`: doubts."""

    device_at: datetime
    corrected_at: datetime
    flags: tuple[str, ...] = ()


def when(
    tx: Tx, device_at: datetime | None = None, corrected_at: datetime | None = None, flags: tuple[str, ...] = ()
) -> When:
    """The times of a fact. What is not given is now; nothing counts as later than the server's clock."""
    claimed = device_at or tx.now
    if corrected_at is None and claimed > tx.now + AHEAD:
        flags = (*flags, "clock_ahead")
    return When(claimed, min(corrected_at or claimed, tx.now), flags)


def fact(tx: Tx, engineer_id: UUID | None, at: When, flags: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns that every fact carries; the acting engineer's own id goes before the visit's."""
    return {
        "engineer_id": tx.actor.engineer_id or engineer_id,
        "device_id": tx.actor.device_id,
        "device_at": at.device_at,
        "received_at": tx.now,
        "corrected_at": at.corrected_at,
        "flags": sorted({*at.flags, *flags}),
    }
