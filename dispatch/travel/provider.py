"""What a travel provider is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
"""Longitude, latitude in degrees (WGS84)."""
Ints32 = npt.NDArray[np.int32]

UNREACHABLE = 10_000_000
"""Seconds and metres where no road leads (the same number as in the engine)."""


@dataclass(frozen=True)
class Matrix:
    """Travel from every origin (row) to every target (column). Both arrays int32, shape (origins, targets)."""

    seconds: Ints32
    metres: Ints32
    source: str


class TravelFailed(Exception):
    """The provider cannot answer now; another may."""


class Away(TravelFailed):
    """Nobody answered in time: asking again at once would only wait again."""


class Provider(Protocol):
    """Anything that measures travel."""

    @property
    def name(self) -> str:
        """Recorded with every plan as its source."""

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """Measure all pairs for a departure (timezone-aware). Raises `TravelFailed`."""


class RoadServer(Provider, Protocol):
    """A provider with a map of its own, which may be replaced by a newer one."""

    def version(self) -> str:
        """The version of the map; empty when the server does not tell. Raises `TravelFailed`."""
