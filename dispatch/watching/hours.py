"""When the visits of a day really began and ended, and when those that are not over will: everybody's at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.people.models import Engineer
from app.positions.queries import visible
from dispatch import saying, settings
from dispatch.watching.days import Day, days
from dispatch.watching.forecast import Eta, Stop


def hours(tx: Tx, day: date, engineers: Collection[UUID] | None = None) -> dict[str, Any]:
    """Each visit of the local day that somebody on shift holds. `engineers`: of these alone."""
    span = settings.local_day(day, settings.zone(tx), tx.now)
    found = days(tx, span, _seen(tx, engineers))
    return {"as_of": tx.now, "visits": [entry for one in found for entry in _entries(one)]}


def _seen(tx: Tx, engineers: Collection[UUID] | None) -> Collection[UUID] | None:
    """Those among `engineers` whom the actor may see; None: everybody."""
    scope = tx.actor.demand("dispatch.read")
    if scope is Scope.ALL:
        return engineers
    seen = set(tx.session.scalars(select(Engineer.id).where(visible(tx.actor, scope))))
    return seen if engineers is None else seen & set(engineers)


def _entries(day: Day) -> Iterator[dict[str, Any]]:
    etas = {eta.visit_id: eta for eta in day.etas}
    for row, stop in zip(day.rows, day.stops, strict=True):
        start, end = _span(stop, etas.get(stop.visit_id))
        begun = stop.begun is not None
        yield {"visit_id": row.id, "engineer_id": row.engineer_id, "begun": begun, "start": start, "end": end}


def _span(stop: Stop, eta: Eta | None) -> tuple[Any, Any]:
    """What is over has both; of what goes on the beginning is a fact, and the end is expected."""
    end = eta.end if eta else stop.ended or 0
    start = stop.begun or (eta.start if eta else stop.planned or end)
    return saying.moment(start), saying.moment(max(start, end))
