"""The built-in estimate: great-circle distance × detour, divided by a speed. It needs no road data.

Detour and speed are interpolated between knots of the (logarithmic) distance, so that a longer way never takes less
time; the speed also depends on the local hour. Defaults stay inside what was measured in cities (detour 1.65 under
1 km, 1.5 to 10 km, 1.25 beyond; 21–46 km/h); an organisation fits them to its own tracks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
import numpy.typing as npt

from .provider import Matrix, Point

Floats = npt.NDArray[np.float64]

EARTH_RADIUS = 6_371_008.8
"""Metres, mean radius."""


@dataclass(frozen=True)
class Estimate:
    """The parameters, one value for each knot."""

    knots: tuple[float, ...] = (500.0, 5_000.0, 20_000.0)
    """great-circle metres, rising"""
    detours: tuple[float, ...] = (1.65, 1.5, 1.25)
    """road metres for each great-circle metre"""
    free_speeds: tuple[float, ...] = (26.0, 34.0, 46.0)
    """km/h on the road outside the rush hours"""
    rush_speeds: tuple[float, ...] = (21.0, 27.0, 38.0)
    """km/h in the rush hours"""
    rush_hours: frozenset[int] = frozenset({7, 8, 16, 17, 18})
    """local hours of weekdays"""

    def speeds(self, at: datetime) -> tuple[float, ...]:
        """The row of speeds for a local time."""
        return self.rush_speeds if at.weekday() < 5 and at.hour in self.rush_hours else self.free_speeds


@dataclass(frozen=True)
class Straight:
    """Provider of estimates; `zone` tells which hour it is where people drive."""

    zone: tzinfo
    estimate: Estimate = Estimate()
    name: str = "straight"

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """Estimate all pairs; never fails on valid points."""
        starts, ends = np.array(origins, dtype=float).reshape(-1, 2), np.array(targets, dtype=float).reshape(-1, 2)
        metres = great_circle(starts[:, None], ends[None, :])
        seconds, road = self.pairs(metres, depart)
        return Matrix(seconds.astype(np.int32), road.astype(np.int32), self.name)

    def pairs(self, metres: Floats, depart: datetime) -> tuple[Floats, Floats]:
        """Seconds and road metres (both rounded up) for great-circle metres of any shape."""
        knots, far = np.log(self.estimate.knots), np.log(np.maximum(metres, 1.0))
        speed = np.interp(far, knots, self.estimate.speeds(depart.astimezone(self.zone))) / 3.6
        road = metres * np.interp(far, knots, self.estimate.detours)
        return np.ceil(road / speed), np.ceil(road)


def great_circle(starts: Floats, ends: Floats) -> Floats:
    """Metres between points of shape (…, 2) in degrees, longitude first; the shapes broadcast."""
    lon_a, lat_a, lon_b, lat_b = (np.radians(p[..., i]) for p in (starts, ends) for i in (0, 1))
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))
