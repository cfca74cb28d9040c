"""Fixes as nearly every phone sends them, read at once. What is not surely right goes the schema's way.

A batch has hundreds of values, and marshmallow's way through them costs more than storing them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.kernel import clock
from app.kernel.http.schemas import EARLIEST, LATEST

SMALLEST = 1e-30  # what the database can hold as `real`; nothing measured is smaller
REQUIRED = frozenset(("at", "lat", "lon"))
SPANS: dict[str, tuple[float, float]] = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    "accuracy": (0, 1e7),
    "speed": (0, 1e4),
    "bearing": (0, 360),
    "altitude": (-2e4, 1e6),
    "battery": (0, 100),
}
"""Least and most of each measure."""
NOWHERE = (1, 0)


class _Unsure(Exception):
    """The schema decides, and words what is wrong."""


def read(given: Any) -> list[dict[str, Any]] | None:
    """The fixes as the schema would give them; None when one of them is not surely right."""
    try:
        return [_fix(one) for one in given]
    except (_Unsure, TypeError, ValueError, OverflowError):
        return None


def measure(number: float) -> float:
    """A measured number; one too small to be stored is zero."""
    return 0.0 if abs(number) < SMALLEST else number


def _fix(given: Any) -> dict[str, Any]:
    if type(given) is not dict or not given.keys() >= REQUIRED:
        raise _Unsure
    fix: dict[str, Any] = {}
    for name, value in given.items():
        kind = type(value)
        if kind is float or kind is int:
            least, most = SPANS.get(name, NOWHERE)
            if not least <= value <= most:
                raise _Unsure
            fix[name] = float(value) if value >= SMALLEST or value <= -SMALLEST else 0.0
        else:
            fix[name] = _moment(value) if name == "at" else _other(name, value)
    return fix


def _other(name: str, value: Any) -> Any:
    """What is no number: nothing, or whether the fix is made up."""
    if (value is None and name not in REQUIRED and (name in SPANS or name == "mock")) or (
        name == "mock" and type(value) is bool
    ):
        return value
    raise _Unsure


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise _Unsure
    moment = clock.milliseconds(moment.astimezone(UTC))
    if not EARLIEST <= moment <= LATEST:
        raise _Unsure
    return moment
