"""Strokes as signature_pad gives them: `[{"points": [{"x", "y", "time", "pressure"}, …], …}, …]`.

x and y are CSS pixels, time is milliseconds, pressure 0..1. Pen settings beside `points` are kept and mean nothing.
"""

from __future__ import annotations

import math
from typing import Any

from app.kernel.problems import FieldError, Problem
from media import canonical
from media.problems import STROKES_INVALID

MAX_POINTS = 29_999
MAX_REACH = 100_000
MIN_EXTENT = 8
"""Smaller than this many pixels across is a dot, not a signature."""

_PEN = {"penColor", "dotSize", "minWidth", "maxWidth", "velocityFilterWeight", "compositeOperation", "points"}
Point = tuple[float, float]


def check(strokes: Any) -> list[list[Point]]:
    """The lines of a signature as points (x, y). Raises a 422 problem for anything that a hand cannot have drawn."""
    if not isinstance(strokes, list) or not strokes:
        raise _wrong("", "Strokes must be a list with at least one stroke.")
    if sum(len(points) for points in _points(strokes)) > MAX_POINTS:
        raise _wrong("", f"A signature may have {MAX_POINTS} points.")
    lines: list[list[Point]] = []
    last = -math.inf
    for index, points in enumerate(_points(strokes)):
        lines.append([])
        for place, point in enumerate(points):
            x, y, last = _point(point, f"/{index}/points/{place}", last)
            lines[-1].append((x, y))
    if _extent(lines) < MIN_EXTENT:
        raise _wrong("", "A dot is not a signature.")
    return lines


def digest(strokes: Any) -> str:
    """SHA-256 (hex) of the strokes as canonical JSON: what the envelope names."""
    return canonical.sha256(canonical.dumps(strokes))


def _points(strokes: list[Any]) -> list[list[Any]]:
    found = []
    for index, stroke in enumerate(strokes):
        points = stroke.get("points") if isinstance(stroke, dict) else None
        if not isinstance(points, list) or not points or set(stroke) - _PEN:
            raise _wrong(f"/{index}", "A stroke has points and, at most, the settings of its pen.")
        found.append(points)
    return found


def _point(point: Any, pointer: str, last: float) -> tuple[float, float, float]:
    if not isinstance(point, dict) or set(point) - {"x", "y", "time", "pressure"}:
        raise _wrong(pointer, "A point has x, y, time and perhaps pressure.")
    x, y = (_number(point.get(name), f"{pointer}/{name}", -MAX_REACH, MAX_REACH) for name in "xy")
    time = _number(point.get("time"), f"{pointer}/time", 0, 2**53 - 1)
    if time < last:
        raise _wrong(f"{pointer}/time", "Time runs backward.")
    if "pressure" in point:
        _number(point["pressure"], f"{pointer}/pressure", 0, 1)
    return x, y, time


def _number(value: Any, pointer: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise _wrong(pointer, "Must be a number.")
    if not least <= value <= most:
        raise _wrong(pointer, f"Must lie between {least} and {most}.")
    return float(value)


def _extent(lines: list[list[Point]]) -> float:
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    return math.hypot(max(xs) - min(xs), max(ys) - min(ys))


def _wrong(pointer: str, detail: str) -> Problem:
    return STROKES_INVALID(detail, errors=[FieldError(f"/strokes{pointer}", detail)])
