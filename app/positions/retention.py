"""How long positions are kept: what is older goes, once a day, whole months at a time where nobody's are left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from app.kernel import audit
from app.kernel.db import Tx
from app.people.models import Organisation
from app.positions.models import LatestPosition, Position

SETTING = "position_retention_days"
DEFAULT_DAYS, MOST_DAYS = 90, 3_650


def kept_for(settings: dict[str, Any]) -> timedelta:
    """How long an organisation keeps positions; anything that is no number of days means the default."""
    days = settings.get(SETTING)
    good = isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS
    return timedelta(days=days if good and isinstance(days, int) else DEFAULT_DAYS)


def purge(tx: Tx) -> int:
    """Removes the positions that are kept no longer, the newest of an engineer too. Returns how many; audited."""
    settings = tx.session.scalars(select(Organisation.settings)).one()
    oldest = tx.now - kept_for(settings)
    gone = tx.session.execute(delete(Position).where(Position.at < oldest).returning(Position.at)).all()
    tx.session.execute(delete(LatestPosition).where(LatestPosition.at < oldest))
    months = tx.session.scalar(select(func.positions_give_up())) or 0
    if gone or months:
        audit.record(tx, "positions.purged", "positions", None, {"fixes": len(gone), "before": oldest.isoformat()})
    return len(gone)
