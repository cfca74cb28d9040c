"""What a day becomes, in minutes from nine o'clock; and what a track says of somebody on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.positions import watch
from app.positions.rules import Point
from dispatch.watching.forecast import Stop, forecast, gained

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def stop(name: str, status: str, planned: int | None, **more: Any) -> Stop:
    minutes = {key: value * 60 for key, value in more.items() if key != "promised"}
    values = {"duration": 1800, "promised": more.get("promised", False), **minutes}
    return Stop(name, status, None if planned is None else planned * 60, **values)


def told(stops: list[Stop], now: int, free_from: int = 0) -> list[tuple[str, int, int, int, int]]:
    etas = forecast(stops, now * 60, free_from * 60)
    return [(e.visit_id, e.start // 60, e.end // 60, e.late // 60, e.breaks // 60) for e in etas]


@pytest.mark.parametrize(
    ("stops", "now", "expected"),
    [
        pytest.param([stop("a", "dispatched", 60, drive=20)], 0, [("a", 60, 90, 0, 0)], id="in good time"),
        pytest.param([stop("a", "dispatched", 60, drive=20)], 55, [("a", 75, 105, 15, 0)], id="set out late"),
        pytest.param(
            [stop("a", "dispatched", 60, drive=20, promised=True)], 80, [("a", 100, 130, 40, 10)], id="told, no window"
        ),
        pytest.param(
            [stop("a", "accepted", 60, drive=20, closes=90)], 80, [("a", 100, 130, 40, 10)], id="the window closes"
        ),
        pytest.param(
            [stop("a", "working", 0, begun=0), stop("b", "accepted", 60, drive=10, closes=90)],
            100,
            [("a", 0, 101, 0, 0), ("b", 111, 141, 51, 21)],
            id="an overrun moves what is behind it",
        ),
        pytest.param(
            [stop("a", "working", 0, begun=10, closes=5)],
            20,
            [("a", 10, 40, 10, 0)],
            id="work that began kept its word",
        ),
        pytest.param([stop("a", "accepted", 60, drive=5, due=80)], 0, [("a", 60, 90, 0, 10)], id="the deadline breaks"),
        pytest.param(
            [stop("a", "accepted", None, drive=5, opens=30)], 0, [("a", 30, 60, 0, 0)], id="not before it opens"
        ),
        pytest.param([stop("a", "completed", 0, begun=0, ended=25)], 40, [], id="what is over is over"),
    ],
)
def test_the_rest_of_a_day(stops: list[Stop], now: int, expected: list[Any]) -> None:
    assert told(stops, now) == expected


def test_nobody_sets_out_before_the_shift() -> None:
    assert told([stop("a", "accepted", 60, drive=20)], 0, free_from=50) == [("a", 70, 100, 10, 0)]


def test_an_early_finish_counts_until_the_next_one_is_on_its_way() -> None:
    over = stop("a", "completed", 0, begun=0, ended=5)
    assert gained([over, stop("b", "accepted", 60)]) == 25 * 60
    assert gained([over, stop("b", "en_route", 60)]) == 0
    assert gained([over]) == 0


def line(*lons: float, every: float = 60, accuracy: float | None = 10) -> list[Point]:
    """Fixes on the equator, the last one at noon; 0.001 is about 111 m."""
    count = len(lons)
    return [Point(NOON - timedelta(seconds=every * (count - 1 - i)), lon, 0.0, accuracy) for i, lon in enumerate(lons)]


def test_standing_is_counted_back_from_the_newest_fix() -> None:
    assert watch.standing(line(0.0, 0.01, 0.02, 0.02, 0.0201, 0.02), NOON) == timedelta(minutes=3)
    assert watch.standing([], NOON) == timedelta()
    silent = [Point(p.at - timedelta(hours=1), p.lon, p.lat, p.accuracy) for p in line(0.0, 0.0)]
    assert watch.standing(silent, NOON) == timedelta(minutes=6), "silence is not standing"


def test_going_astray_is_measured_from_the_nearest_one_has_been() -> None:
    goal = Point(NOON, 0.1, 0.0)
    assert watch.astray(line(0.0, 0.02, 0.04), goal) == 0
    assert watch.astray(line(0.0, 0.04, 0.01), goal) == pytest.approx(3_336, abs=5)


@pytest.mark.parametrize(
    ("fixes", "arrived", "left"),
    [
        (line(0.01, 0.0005, 0.0004), True, False),
        (line(0.01, 0.0005), False, False),
        (line(0.0005, 0.0004, accuracy=150), False, False),
        (line(0.0005, 0.0004, accuracy=None), False, False),
        (line(0.0, 0.003, 0.004), False, True),
        (line(0.0, 0.0013, 0.0014, accuracy=60), False, False),
        ([], False, False),
    ],
)
def test_arriving_and_leaving_heed_the_accuracy(fixes: list[Point], arrived: bool, left: bool) -> None:
    place = Point(NOON, 0.0, 0.0)
    assert (watch.arrived(fixes, place), watch.left(fixes, place)) == (arrived, left)
