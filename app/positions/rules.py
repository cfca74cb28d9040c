"""Pure: which fixes are plausible, and what a track amounts to: distance, gaps, stops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import shapely

EARTH_M = 6_371_008.8
DEGREE_M = math.radians(EARTH_M)
OLDEST = timedelta(days=180)
CLOCK_SLACK = timedelta(minutes=5)
GAP = timedelta(seconds=120)
STOP_RADIUS_M = 50.0
STOP_LEAST = timedelta(minutes=3)
COARSE_M = 200.0
INTERVAL_S = 120
STALE_INTERVALS = 2


@dataclass(frozen=True)
class Point:
    """One fix of a track; degrees, and metres of accuracy when known."""

    at: datetime
    lon: float
    lat: float
    accuracy: float | None = None


@dataclass(frozen=True)
class Gap:
    """A silence between two fixes, by their indices; `metres` is the straight line across it."""

    after: int
    before: int
    metres: float


@dataclass(frozen=True)
class Stop:
    """The fixes `first` to `last` (indices) lie within `STOP_RADIUS_M`; the middle in degrees."""

    first: int
    last: int
    lon: float
    lat: float


def plausible(at: datetime, now: datetime) -> bool:
    """Whether a fix can be from `at`: not in the future, not older than what phones keep."""
    return now - OLDEST <= at <= now + CLOCK_SLACK


def metres_between(a: Point, b: Point) -> float:
    """Great-circle distance."""
    phi, other = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((other - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(other) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def usable(points: Sequence[Point]) -> list[Point]:
    """The fixes good enough to draw: coarse ones (a cell tower's circle) would add journeys that nobody made."""
    return [point for point in points if point.accuracy is None or point.accuracy <= COARSE_M]


def gaps(points: Sequence[Point]) -> list[Gap]:
    """Where the track is silent for longer than `GAP`; nobody knows what happened there."""
    return [
        Gap(index, index + 1, metres_between(a, b))
        for index, (a, b) in enumerate(pairwise(points))
        if b.at - a.at > GAP
    ]


def stops(points: Sequence[Point]) -> list[Stop]:
    """Where the track stays within `STOP_RADIUS_M` of a fix for at least `STOP_LEAST`."""
    found, first = [], 0
    while first < len(points):
        last = first
        while last + 1 < len(points) and metres_between(points[first], points[last + 1]) <= STOP_RADIUS_M:
            last += 1
        if points[last].at - points[first].at >= STOP_LEAST:
            inside = points[first : last + 1]
            lon, lat = sum(p.lon for p in inside) / len(inside), sum(p.lat for p in inside) / len(inside)
            found.append(Stop(first, last, lon, lat))
            first = last
        first += 1
    return found


def thinned(points: Sequence[Point], silent: Sequence[Gap], tolerance_m: float) -> list[int]:
    """The points (indices) that still draw the track to within `tolerance_m`; the edges of gaps are always kept."""
    if tolerance_m <= 0 or len(points) < 3:
        return list(range(len(points)))
    east = math.cos(math.radians(points[0].lat))
    flat = [(_east_of(points[0], p) * east * DEGREE_M, p.lat * DEGREE_M, n) for n, p in enumerate(points)]
    edges = [0, *(gap.before for gap in silent), len(points)]
    return [n for first, last in pairwise(edges) for n in _bends(flat[first:last], tolerance_m)]


def _bends(piece: Sequence[tuple[float, float, int]], tolerance_m: float) -> list[int]:
    """The numbers of the points that a thinner line needs. They go along as a height, which decides nothing."""
    if len(piece) < 3:
        return [n for _, _, n in piece]
    line = shapely.simplify(shapely.LineString(piece), tolerance_m, preserve_topology=False)
    return [int(n) for _, _, n in line.coords]


def _east_of(one: Point, other: Point) -> float:
    """Degrees, the short way around."""
    return (other.lon - one.lon + 180) % 360 - 180


def distance(points: Sequence[Point], silent: Sequence[Gap], stood: Sequence[Stop]) -> float:
    """Metres travelled: all steps but those across gaps, and but the jitter of standing still."""
    skipped = {gap.after for gap in silent}
    for stop in stood:
        skipped.update(range(stop.first, stop.last))
    steps = enumerate(pairwise(points))
    return sum(metres_between(a, b) for index, (a, b) in steps if index not in skipped)
