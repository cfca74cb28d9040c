"""Files that were announced and do not come: told after a day, with the device that still has them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.kernel import events, rows, tasks
from app.kernel.db import Tx
from media import reconcile
from media.models import Media

OVERDUE = "media.overdue"
PATIENCE = timedelta(hours=24)
FLAG = "overdue"


def look_after(tx: Tx, announced_at: datetime) -> None:
    """Has somebody look a day later whether the file came: one task an hour, however many files. And nightly care."""
    hour = announced_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    tasks.schedule(tx, OVERDUE, {}, key=hour.isoformat(), delay=hour + PATIENCE - tx.now)
    reconcile.tomorrow(tx)


def tell_overdue(tx: Tx) -> int:
    """Flags what has been awaited for a day, and emits `media.overdue` once for each file. Returns how many."""
    late = (Media.state == "awaiting") & (Media.created_at <= tx.now - PATIENCE) & Media.deleted_at.is_(None)
    query = select(Media).where(late, ~Media.flags.contains([FLAG])).order_by(Media.created_at).with_for_update()
    found = tx.session.scalars(query).all()
    for media in found:
        media.flags = sorted({*media.flags, FLAG})
        tx.session.flush()
        about = {"visit_id": media.visit_id, "device_id": media.device_id, "since": media.created_at}
        rows.written(tx, media, "flagged", {"flag": FLAG})
        events.emit(tx, OVERDUE, rows.plain({"id": media.id, **about}))
    return len(found)
