"""Public instances in the form of Solomon, and of Gehring and Homberger, read from a folder that the user names.

Distances are rounded down to one decimal (the convention of the published optima over distance) and counted in tenths.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.dispatch.fielddays import PLAIN
from dispatch.engine.model import EngineerDay, MatrixTravel, Problem, Visit

UNITS = 10
"""Engine seconds for one unit of distance or time."""
ONLY_DISTANCE = replace(PLAIN, travel=60.0 / UNITS, unserved=1e6)
"""One point for one unit of distance."""


def solomon(path: Path) -> Problem:
    """A file of Solomon's or Gehring and Homberger's: one depot, equal vehicles with a capacity."""
    rows = [
        [float(cell) for cell in line.split()] for line in path.read_text().splitlines() if line.strip()[:1].isdigit()
    ]
    (vehicles, capacity), points = rows[0], np.array(rows[1:])
    closes = int(points[0, 5] * UNITS)
    days = tuple(_day(n, 0, closes, int(capacity)) for n in range(int(vehicles)))
    visits = tuple(_visit(int(p[0]), n, p[6], p[3], (p[4], p[5])) for n, p in enumerate(points) if n)
    return Problem(days, visits, _travel(points[:, 1:3]), {}, ONLY_DISTANCE)


def _day(number: int, opens: int, closes: int, capacity: int) -> EngineerDay:
    return EngineerDay(f"d{number}", f"e{number}", 0, 0, opens, closes, parts={"load": capacity})


def _visit(number: int, place: int, service: float, demand: float, window: tuple[float, float]) -> Visit:
    opens, closes = (int(edge * UNITS) for edge in window)
    return Visit(f"v{number}", place, int(service * UNITS), ((opens, closes),), parts={"load": int(demand)})


def _travel(points: np.ndarray) -> MatrixTravel:
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    tenths = np.floor(apart * UNITS + 1e-9).astype(np.int32)
    return MatrixTravel(tenths, tenths, "plane")


def distance(seconds: int) -> float:
    """Engine seconds of driving as the distance of the instance."""
    return seconds / UNITS
