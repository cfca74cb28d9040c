"""Tracks: distance, gaps and stops on journeys whose truth is known."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.positions import rules
from app.positions.rules import Point

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DEGREE_M = 111_195.08  # one degree of latitude on the sphere


def at(second: float, north_m: float = 0, east: float = 0.0, accuracy: float | None = None) -> Point:
    return Point(START + timedelta(seconds=second), 121.47 + east, 31.0 + north_m / DEGREE_M, accuracy)


def test_a_known_distance() -> None:
    london, paris = Point(START, -0.1278, 51.5074), Point(START, 2.3522, 48.8566)
    assert rules.metres_between(london, paris) == pytest.approx(343_556, rel=1e-3)
    assert rules.metres_between(Point(START, 179.99, 0), Point(START, -179.99, 0)) == pytest.approx(2_224, rel=1e-2)


def test_a_drive_a_stop_a_silence_and_a_drive() -> None:
    drive = [at(10 * n, 100 * n) for n in range(11)]
    jitter = [at(100 + 10 * n, 1_000 + (8 if n % 2 else 0)) for n in range(1, 31)]
    after = [at(1_000 + 10 * n, 3_000 + 100 * n) for n in range(11)]
    points = drive + jitter + after
    silent, stood = rules.gaps(points), rules.stops(points)
    assert [(gap.after, gap.before, round(gap.metres)) for gap in silent] == [(40, 41, 2_000)]
    assert [(stop.first, stop.last) for stop in stood] == [(10, 40)]
    assert rules.distance(points, silent, stood) == pytest.approx(2_000, abs=1)


def test_coarse_fixes_do_not_draw_a_journey() -> None:
    points = [at(0), at(10, 5_000, accuracy=2_000), at(20, 10, accuracy=5)]
    assert rules.usable(points) == [points[0], points[2]]


def test_standing_for_a_moment_is_no_stop() -> None:
    assert rules.stops([at(0), at(100), at(179)]) == []
    assert len(rules.stops([at(0), at(100), at(180)])) == 1


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(-300, 300)), max_size=60))
def test_gaps_and_stops_lie_in_the_track_and_never_overlap(steps: list[tuple[int, int]]) -> None:
    points, second, north = [at(0)], 0, 0
    for seconds, metres in steps:
        second, north = second + seconds, north + metres
        points.append(at(second, north))
    silent, stood = rules.gaps(points), rules.stops(points)
    assert all(points[g.before].at - points[g.after].at > rules.GAP and g.before == g.after + 1 for g in silent)
    assert all(points[s.last].at - points[s.first].at >= rules.STOP_LEAST for s in stood)
    assert all(a.last < b.first for a, b in pairwise(stood))
    whole = sum(rules.metres_between(a, b) for a, b in pairwise(points))
    assert 0 <= rules.distance(points, silent, stood) <= whole + 1e-6


def test_a_thinned_line_keeps_its_shape_and_the_edges_of_gaps() -> None:
    north = [at(10 * n, 100 * n) for n in range(11)]
    east = [at(100 + 10 * n, 1_000, east=0.001 * n) for n in range(1, 11)]
    after = [at(1_000 + 10 * n, 3_000 + 100 * n) for n in range(11)]
    points = north + east + after
    silent = rules.gaps(points)
    assert rules.thinned(points, silent, 0) == list(range(32))
    assert rules.thinned(points, silent, 5) == [0, 10, 20, 21, 31]
    assert rules.thinned(points[:1], [], 5) == [0]


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(-99, 99), st.integers(-99, 99)), max_size=40))
def test_no_fix_lies_farther_from_a_thinned_line_than_told(steps: list[tuple[int, int, int]]) -> None:
    points, second, north, east = [at(0)], 0, 0, 0
    for seconds, up, right in steps:
        second, north, east = second + seconds, north + up, east + right
        points.append(at(second, north, east=east / DEGREE_M))
    silent = rules.gaps(points)
    kept = rules.thinned(points, silent, 20)
    assert {0, len(points) - 1} <= set(kept)
    assert {edge for gap in silent for edge in (gap.after, gap.before)} <= set(kept)
    line = shapely.LineString([_metres(points[n]) for n in kept]) if len(kept) > 1 else None
    assert line is None or all(line.distance(shapely.Point(_metres(p))) < 20.1 for p in points)


def _metres(point: Point) -> tuple[float, float]:
    return (point.lon - 121.47) * DEGREE_M * math.cos(math.radians(31)), point.lat * DEGREE_M
