"""What is worth telling of a day, from facts and positions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.positions import watch
from app.positions.rules import Point
from app.work.statuses import PLANNED
from dispatch.watching.days import Day
from dispatch.watching.forecast import Eta, gained

LOOK = timedelta(minutes=1)
"""How long it is until the next look."""
LOW_BATTERY = 15
LATE_S = 15 * 60
EARLY_S = 20 * 60
DEPARTURE_SLACK_S = 10 * 60
STANDING = timedelta(minutes=10)
LONG_STOP = timedelta(minutes=20)


@dataclass(frozen=True)
class Notice:
    """One thing noticed."""

    kind: str
    engineer_id: UUID | None
    visit_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is about."""
        return f"{self.kind}:{self.engineer_id or ''}:{self.visit_id or ''}"


def notices(day: Day, now: datetime) -> Iterator[Notice]:
    """Everything that is worth telling of a day."""
    yield from _promises(day, now)
    yield from _pace(day)
    if ahead := next((row for row in day.rows if row.status in (*PLANNED, "en_route")), None):
        yield from _on_the_way(day, ahead, now)
    yield from _stopped(day, now)
    yield from _tracker(day)


def _promises(day: Day, now: datetime) -> Iterator[Notice]:
    """A promise that will break, be it that nothing happens until the next look; work that goes on longer breaks those
    behind it."""
    for eta in day.etas_at(now + LOOK):
        if eta.breaks > 0:
            yield Notice("promise_at_risk", day.engineer_id, UUID(eta.visit_id), {"minutes": _minutes(eta.breaks)})


def _pace(day: Day) -> Iterator[Notice]:
    late = [eta for eta in day.etas if eta.late >= LATE_S]
    if late:
        first: Eta = late[0]
        yield Notice("running_late", day.engineer_id, UUID(first.visit_id), {"minutes": _minutes(first.late)})
    elif (early := gained(day.stops)) >= EARLY_S:
        yield Notice("early_finish", day.engineer_id, None, {"minutes": _minutes(early)})


def _on_the_way(day: Day, row: Any, now: datetime) -> Iterator[Notice]:
    if row.lon is None:
        return
    goal = Point(now, row.lon, row.lat)
    if row.status == "en_route":
        stood, away = watch.standing(day.trail, now), watch.astray(day.trail, goal)
        if stood >= STANDING and not watch.near(day.trail, goal):
            yield Notice("no_movement", day.engineer_id, row.id, {"minutes": _minutes(stood.total_seconds())})
        if away > watch.ASTRAY_M:
            yield Notice("off_route", day.engineer_id, row.id, {"metres": round(away)})
        return
    drive = next(stop.drive for stop in day.stops if stop.visit_id == str(row.id))
    busy = any(one.status in ("on_site", "working", "paused", "en_route") for one in day.rows)
    if row.planned_start and not busy:
        over = (now - row.planned_start).total_seconds() + drive
        if over > DEPARTURE_SLACK_S and not watch.near(day.trail, goal):
            yield Notice("late_departure", day.engineer_id, row.id, {"minutes": _minutes(over)})


def _stopped(day: Day, now: datetime) -> Iterator[Notice]:
    """A long stop at none of the day's places and not at home, with work still ahead."""
    if not day.etas or any(row.status in ("on_site", "working", "paused", "en_route") for row in day.rows):
        return
    stood = watch.standing(day.trail, now)
    places = [(row.lon, row.lat) for row in day.rows] + [(day.shift.lon, day.shift.lat)]
    known = [Point(now, lon, lat) for lon, lat in places if lon is not None]
    if stood >= LONG_STOP and not any(watch.near(day.trail, place) for place in known):
        yield Notice("long_stop", day.engineer_id, None, {"minutes": _minutes(stood.total_seconds())})


def _tracker(day: Day) -> Iterator[Notice]:
    """A tracker that somebody should look after: silent, running dry, or not allowed to locate."""
    health = day.health
    if health is None:
        return
    if health.permission in ("denied", "off"):
        yield Notice("permission_lost", day.engineer_id, None, {"permission": health.permission})
    elif health.silent_s is not None and health.silent_s > health.patience_s:
        yield Notice("tracker_silent", day.engineer_id)
    if health.battery is not None and health.battery <= LOW_BATTERY:
        yield Notice("battery_low", day.engineer_id)


def _minutes(seconds: float) -> int:
    return -(-int(seconds) // 60)
