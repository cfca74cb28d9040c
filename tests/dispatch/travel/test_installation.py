"""Which providers an installation has, and who answers when one of them is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch import roads
from dispatch.travel.lookup import Estimated
from tests.dispatch.travel.replay import RECORDED, points, server

NOON, ZONE = datetime(2026, 11, 23, 12, tzinfo=UTC), ZoneInfo("Europe/Vaduz")
NOBODY = "http://127.0.0.1:9"
PLACES = points(["Vaduz", "Schaan"])


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    roads._servers.cache_clear()


@pytest.fixture
def road_server() -> Iterator[tuple[str, list[str]]]:
    """A Valhalla that knows the way between two places."""
    told = [{"lon": lon, "lat": lat} for lon, lat in PLACES]
    asked = {"sources": told, "targets": told, "costing": "auto", "units": "kilometers", "verbose": False}
    answer = {"sources_to_targets": {"durations": [[0, 216], [216, 0]], "distances": [[0.0, 2.971], [2.964, 0.0]]}}
    exchange = {"method": "POST", "path": "/sources_to_targets", "asked": asked, "status": 200, "answer": answer}
    status = [one for one in RECORDED["scenes"]["valhalla near"]["exchanges"] if one["path"] == "/status"]
    with server([exchange, *status]) as known:
        yield known


def test_without_a_road_server_travel_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (roads.OSRM, roads.VALHALLA):
        monkeypatch.delenv(variable, raising=False)
    assert roads.estimated()
    assert roads.matrix(PLACES, NOON, ZONE).source == "straight"
    assert isinstance(roads.around(PLACES, NOON, ZONE), Estimated)


def test_valhalla_answers_and_is_asked_once(
    road_server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = road_server
    monkeypatch.delenv(roads.OSRM, raising=False)
    monkeypatch.setenv(roads.VALHALLA, url)
    assert not roads.estimated()
    for travel in (roads.matrix(PLACES, NOON, ZONE), roads.around(PLACES, NOON, ZONE)):
        assert travel.source == "valhalla"
        assert (int(travel.seconds(1, 2)), int(travel.metres(2, 1)), int(travel.seconds(0, 2))) == (216, 2964, 0)
    assert sorted(asked) == ["sources_to_targets", "status"]


def test_the_next_server_takes_over_and_then_the_estimate(
    road_server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(roads.OSRM, NOBODY)
    monkeypatch.setenv(roads.VALHALLA, road_server[0])
    assert roads.matrix(PLACES, NOON, ZONE).source == "valhalla"
    assert "travel provider osrm failed" in caplog.text
    monkeypatch.setenv(roads.VALHALLA, f"{NOBODY}/")
    assert roads.matrix(PLACES, NOON, ZONE).source == "straight"
    assert "travel provider valhalla failed" in caplog.text
