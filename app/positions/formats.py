"""Pure: what trackers of other people send, turned into our fixes. Each function raises ValueError with a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

KNOT = 0.514444  # metres per second
KMH = 1 / 3.6


def owntracks(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """A fix from an OwnTracks message; None for the kinds of message that are no location."""
    if message.get("_type") != "location":
        return None
    velocity = _number(message, "vel")
    return {
        "at": _moment(message.get("tst")),
        **_place(message.get("lat"), message.get("lon")),
        "accuracy": _positive(_number(message, "acc")),
        "speed": None if velocity is None or velocity < 0 else velocity * KMH,
        "bearing": _bearing(_number(message, "cog")),
        "altitude": _number(message, "alt"),
        "battery": _percent(_number(message, "batt")),
        "mock": False,
    }


def osmand(values: Mapping[str, str]) -> dict[str, Any]:
    """A fix from the query of OsmAnd's protocol, as OsmAnd and Traccar Client send it. Speed comes in knots."""
    lat, lon = values.get("lat"), values.get("lon")
    if (lat is None or lon is None) and "location" in values:
        lat, _, lon = values["location"].partition(",")
    speed = _number(values, "speed")
    return {
        "at": _moment(values.get("timestamp")),
        **_place(lat, lon),
        "accuracy": _positive(_number(values, "accuracy", "hdop")),
        "speed": None if speed is None or speed < 0 else speed * KNOT,
        "bearing": _bearing(_number(values, "bearing", "heading")),
        "altitude": _number(values, "altitude"),
        "battery": _percent(_number(values, "batt", "batteryLevel")),
        "mock": values.get("mock", "").lower() in {"true", "1"},
    }


def traccar(message: Mapping[str, Any]) -> dict[str, Any]:
    """A fix from the JSON of newer Traccar Clients. Speed comes in metres per second, the battery as a fraction."""
    location = _mapping(message, "location")
    coords, battery = _mapping(location, "coords"), location.get("battery")
    level = _number(battery, "level") if isinstance(battery, dict) else None
    return {
        "at": _moment(location.get("timestamp")),
        **_place(coords.get("latitude"), coords.get("longitude")),
        "accuracy": _positive(_number(coords, "accuracy")),
        "speed": _positive(_number(coords, "speed")),
        "bearing": _bearing(_number(coords, "heading")),
        "altitude": _number(coords, "altitude"),
        "battery": _percent(None if level is None else level * 100),
        "mock": location.get("mock") is True,
    }


def _mapping(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = message.get(name)
    if not isinstance(inner, dict):
        raise ValueError(f"There is no “{name}”.")
    return inner


def _float(value: Any) -> float | None:
    if value is None or isinstance(value, bool | dict | list):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e30 else None


def _number(values: Mapping[str, Any], *names: str) -> float | None:
    """The first of `names` that holds a number. What is unreadable is left out: the place matters more."""
    return next((number for name in names if (number := _float(values.get(name))) is not None), None)


def _place(lat: Any, lon: Any) -> dict[str, float]:
    north, east = _float(lat), _float(lon)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        raise ValueError("Latitude and longitude must be numbers on Earth.")
    return {"lat": north, "lon": east}


def _positive(number: float | None) -> float | None:
    return number if number is not None and number >= 0 else None


def _bearing(number: float | None) -> float | None:
    return number % 360 if number is not None and number >= 0 else None


def _percent(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= 100 else None


def _moment(value: Any) -> datetime:
    """Seconds or milliseconds since 1970, or ISO 8601 (UTC when it has no zone)."""
    number = _float(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("The time must be seconds since 1970 or ISO 8601.") from None
