"""Background work of positions."""

from __future__ import annotations

from typing import Any

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.ticks import every_minute
from app.positions import retention


@every_minute("positions.care")
def care(tx: Tx, handle: tasks.Handle, **args: Any) -> None:
    """Asks for a purge once a day."""
    tasks.schedule(tx, "positions.purge", {}, key=tx.now.date().isoformat())


@tasks.task("positions.purge")
def purge(tx: Tx, handle: tasks.Handle, **args: Any) -> dict[str, Any]:
    """Removes what is kept no longer."""
    return {"fixes": retention.purge(tx)}
