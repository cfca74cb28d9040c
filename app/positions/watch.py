"""Pure: what the newest part of a track says about somebody on the way. Points in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.positions.rules import STOP_RADIUS_M, Point, metres_between, usable

ASTRAY_M = 2_000.0
"""Farther from the goal than one has been already, by more than this: not the way there."""
NEAR_M = 300.0
ARRIVED_M = 100.0


def standing(points: Sequence[Point], now: datetime) -> timedelta:
    """How long the engineer has stood where the newest fix is; zero without fixes. Coarse fixes say nothing."""
    good = usable(points)
    if not good:
        return timedelta()
    since = good[-1].at
    for point in reversed(good):
        if metres_between(point, good[-1]) > STOP_RADIUS_M + min(point.accuracy or 0, STOP_RADIUS_M):
            break
        since = point.at
    return max(timedelta(), min(now, good[-1].at + timedelta(minutes=5)) - since)


def astray(points: Sequence[Point], goal: Point) -> float:
    """Metres by which the newest fix is farther from the goal than the nearest one before it."""
    good = usable(points)
    if len(good) < 2:
        return 0.0
    return metres_between(good[-1], goal) - min(metres_between(point, goal) for point in good)


def near(points: Sequence[Point], place: Point, metres: float = NEAR_M) -> bool:
    """Whether the newest fix may be at a place, giving it the benefit of its accuracy."""
    good = usable(points)
    return bool(good) and metres_between(good[-1], place) - (good[-1].accuracy or 0) <= metres


def arrived(points: Sequence[Point], place: Point, fixes: int = 2) -> bool:
    """Whether the last fixes say that somebody is at a place: within `ARRIVED_M`, and no less accurate than that.
    A single fix may be an error; a coarse one proves nothing."""
    good = [point for point in points if point.accuracy is not None and point.accuracy <= ARRIVED_M][-fixes:]
    return len(good) == fixes and all(metres_between(point, place) <= ARRIVED_M for point in good)


def left(points: Sequence[Point], place: Point, fixes: int = 2) -> bool:
    """Whether the last fixes are certainly away from a place: even the nearest point of each circle is."""
    good = usable(points)[-fixes:]
    return len(good) == fixes and all(
        metres_between(point, place) - (point.accuracy or 0) > ARRIVED_M for point in good
    )
