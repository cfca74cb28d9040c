"""Background work of the work room."""

from __future__ import annotations

from typing import Any

from app.kernel.db import Tx
from app.kernel.tasks import Handle
from app.kernel.ticks import every_minute
from app.work import commands


@every_minute("work.scores")
def count_points(tx: Tx, handle: Handle, **args: Any) -> None:
    """Counts the points of open jobs: deadlines come nearer, and who waits too long climbs."""
    commands.refresh_scores(tx)
