"""What is noticed by itself: each minute, and at once when somebody is away, work grows or something burns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.tasks import Handle
from app.kernel.ticks import every_minute
from dispatch.watching import alerting

EMERGENCY = 1


@every_minute("dispatch.watch")
def watch_day(tx: Tx, handle: Handle, **args: Any) -> None:
    """Looks at everybody on duty."""
    alerting.watch_day(tx)


@on("absence.created", urgent=True)
def see_absence(tx: Tx, handle: Handle, **args: Any) -> None:
    """Proposes a plan without whoever is away."""
    alerting.absence(tx, UUID(args["id"]))


@on("visit.updated", urgent=True)
def see_change(tx: Tx, handle: Handle, **args: Any) -> None:
    """Looks at the day that the visit belongs to."""
    alerting.changed(tx, UUID(args["id"]))


def _burns(args: dict[str, Any]) -> bool:
    return args["priority"] == EMERGENCY and args["method"] in ("manual", "recommend")


@on("visit.waiting", when=_burns, urgent=True)
def see_emergency(tx: Tx, handle: Handle, **args: Any) -> None:
    """Proposes a place for an emergency that is dispatched by hand."""
    alerting.emergency(tx, UUID(args["visit_id"]))
