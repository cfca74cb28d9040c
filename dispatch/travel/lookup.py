"""Travel as the engine reads it: between numbered places, of which place 0 is *nowhere*.

Nowhere stands for a start that is not known (an engineer without a home): getting there or away takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from dispatch.engine.model import Ints, MatrixTravel

from .provider import Matrix, Point
from .straight import Straight, great_circle

NOWHERE = 0


def measured(matrix: Matrix) -> MatrixTravel:
    """A matrix of n points as travel between places 1…n and nowhere."""
    return MatrixTravel(
        np.pad(matrix.seconds, ((1, 0), (1, 0))), np.pad(matrix.metres, ((1, 0), (1, 0))), matrix.source
    )


@dataclass(frozen=True)
class Estimated:
    """Travel estimated pair by pair when it is asked for: for one visit beside thousands, where no matrix pays."""

    points: npt.NDArray[np.float64]
    """shape (places, 2), degrees; row 0 is nowhere"""
    straight: Straight
    depart: datetime

    @classmethod
    def between(cls, points: Sequence[Point], straight: Straight, depart: datetime) -> Estimated:
        """Places 1…n are these points."""
        return cls(np.array([(0.0, 0.0), *points]), straight, depart)

    @property
    def source(self) -> str:
        """The name of the estimate."""
        return self.straight.name

    def with_point(self, point: Point) -> Estimated:
        """The same with one place more, numbered last."""
        return Estimated(np.vstack([self.points, [point]]), self.straight, self.depart)

    def seconds(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving time, estimated now."""
        return self._pairs(origin, target)[0]

    def metres(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving distance, estimated now."""
        return self._pairs(origin, target)[1]

    def _pairs(self, origin: Ints | int, target: Ints | int) -> tuple[Ints, Ints]:
        known = (np.asarray(origin) != NOWHERE) & (np.asarray(target) != NOWHERE)
        apart = np.where(known, great_circle(self.points[origin], self.points[target]), 0.0)
        seconds, metres = self.straight.pairs(apart, self.depart)
        return seconds.astype(np.int64), metres.astype(np.int64)
