"""What other people's trackers send."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.positions.formats import osmand, owntracks, traccar

AT = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
SECONDS = int(AT.timestamp())


def test_owntracks_in_kilometres_an_hour() -> None:
    message = {"_type": "location", "tst": SECONDS, "lat": 31.2, "lon": 121.4, "acc": 12, "vel": 36, "cog": 90}
    fix = owntracks({**message, "alt": 4, "batt": 80, "tid": "e1", "conn": "w"})
    assert fix is not None
    assert (fix["at"], fix["lat"], fix["lon"], fix["accuracy"]) == (AT, 31.2, 121.4, 12)
    assert (fix["speed"], fix["bearing"], fix["altitude"], fix["battery"]) == (pytest.approx(10), 90, 4, 80)


@pytest.mark.parametrize("kind", ["lwt", "transition", "waypoint", "status"])
def test_other_messages_of_owntracks_are_no_fixes(kind: str) -> None:
    assert owntracks({"_type": kind}) is None


@pytest.mark.parametrize("time", [str(SECONDS), str(SECONDS * 1000), "2026-03-02T08:15:00Z", "2026-03-02 08:15:00"])
def test_osmand_in_knots_and_in_any_notation_of_time(time: str) -> None:
    fix = osmand({"timestamp": time, "lat": "31.2", "lon": "121.4", "speed": "10", "batt": "55.5", "mock": "true"})
    assert (fix["at"], fix["speed"], fix["battery"], fix["mock"]) == (AT, pytest.approx(5.14444), 55.5, True)


def test_osmand_with_the_place_in_one_value() -> None:
    fix = osmand({"timestamp": str(SECONDS), "location": "31.2,121.4"})
    assert (fix["lat"], fix["lon"]) == (31.2, 121.4)


def test_traccar_client_in_json() -> None:
    coords = {"latitude": 31.2, "longitude": 121.4, "accuracy": 5, "speed": 3, "heading": 270, "altitude": 9}
    location = {"timestamp": "2026-03-02T08:15:00.000Z", "coords": coords, "battery": {"level": 0.5}}
    fix = traccar({"location": location, "device_id": "x"})
    assert (fix["at"], fix["speed"], fix["bearing"], fix["battery"]) == (AT, 3, 270, 50)


def test_what_is_unreadable_beside_the_place_is_left_out() -> None:
    fix = osmand({"timestamp": str(SECONDS), "lat": "1", "lon": "2", "speed": "-1", "bearing": "x", "batt": "900"})
    assert (fix["speed"], fix["bearing"], fix["battery"]) == (None, None, None)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"timestamp": "1"},
        {"timestamp": "1", "lat": "91", "lon": "0"},
        {"timestamp": "1", "lat": "nan", "lon": "0"},
        {"timestamp": "yesterday", "lat": "1", "lon": "0"},
        {"timestamp": "1e300", "lat": "1", "lon": "0"},
        {"lat": "1", "lon": "0"},
        {"timestamp": "1", "location": "1"},
    ],
)
def test_no_time_or_place_is_a_plain_refusal(values: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        osmand(values)


scalars = st.sampled_from([None, True, 0, -1, 1e12, 1e308, float("nan"), float("inf"), 10**400, "", "x", "1e999", "7"])
json = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=3)
members = st.sampled_from(["_type", "lat", "lon", "tst", "vel", "location", "coords", "timestamp", "battery", "level"])


@given(st.dictionaries(members, json | st.dictionaries(members, json | st.dictionaries(members, json)), max_size=6))
def test_nonsense_is_refused_and_raises_nothing_else(message: dict[str, Any]) -> None:
    for read, extra in ((owntracks, {"_type": "location"}), (traccar, {})):
        with contextlib.suppress(ValueError):
            fix = read({**message, **extra})
            assert fix is not None
            assert abs(fix["lat"]) <= 90
