"""Pure: the step of a visit that the newest fixes speak for; the engineer takes it or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.positions import watch
from app.positions.rules import Point


def proposal(row: Any, trail: Sequence[Point], now: datetime) -> str | None:
    """The step that the newest fixes speak for: `on_site` on arrival, `left` when somebody drives off at work."""
    if row.lon is None:
        return None
    place = Point(now, row.lon, row.lat)
    if row.status == "en_route" and watch.arrived(trail, place):
        return "on_site"
    if row.status in ("on_site", "working", "paused") and watch.left(trail, place):
        return "left"
    return None
