"""Tables of travel as they are asked for and put together: blocks, rows that want the same columns, told numbers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .provider import UNREACHABLE, Ints32, Matrix, TravelFailed

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

OFF_ROAD = 35_000.0
"""Metres from the nearest road of the server's map beyond which a place is not on this map at all."""
log = logging.getLogger(__name__)


class Grid:
    """A matrix in the making: everything is unreachable until somebody has measured it."""

    def __init__(self, rows: int, columns: int) -> None:
        self.seconds = np.full((rows, columns), UNREACHABLE, np.int32)
        self.metres = self.seconds.copy()

    def put(self, rows: Numbers, columns: Numbers, seconds: Ints32, metres: Ints32) -> None:
        """What was measured between these rows and columns."""
        here = np.ix_(rows, columns)
        self.seconds[here], self.metres[here] = seconds, metres

    def without(self, rows: Mask, columns: Mask) -> Grid:
        """The same with these rows and columns unreachable."""
        for table in (self.seconds, self.metres):
            table[rows, :], table[:, columns] = UNREACHABLE, UNREACHABLE
        return self

    def told(self, source: str) -> Matrix:
        """The matrix as an answer."""
        return Matrix(self.seconds, self.metres, source)


def whole(table: Any, rows: int, columns: int, factor: float = 1.0) -> Ints32:
    """A server's numbers times a factor, rounded up; pairs without a way become `UNREACHABLE`.

    Raises TypeError or ValueError for anything but a table of this shape.
    """
    grid = np.array(table, dtype=float).reshape(rows, columns) * factor
    up = np.ceil(np.nan_to_num(grid, nan=UNREACHABLE, posinf=UNREACHABLE, neginf=UNREACHABLE))
    out: Ints32 = np.clip(up, 0, UNREACHABLE).astype(np.int32)
    return out


def blocks(rows: Numbers, columns: Numbers, side: int) -> Iterator[tuple[Numbers, Numbers]]:
    """The rows and columns in pieces of at most `side` each."""
    for i in range(0, len(rows), side):
        for j in range(0, len(columns), side):
            yield rows[i : i + side], columns[j : j + side]


def halves(rows: Numbers, columns: Numbers) -> list[tuple[Numbers, Numbers]]:
    """The same in two pieces, cut across the longer side."""
    if len(rows) >= len(columns):
        return [(part, columns) for part in np.array_split(rows, 2)]
    return [(rows, part) for part in np.array_split(columns, 2)]


def alike(wanted: Mask) -> Iterator[tuple[Numbers, Numbers]]:
    """Rows that want the same columns, together, with these columns; who wants none is left out."""
    if not wanted.size:
        return
    patterns, group = np.unique(wanted, axis=0, return_inverse=True)
    for n, pattern in enumerate(patterns):
        if pattern.any():
            yield np.nonzero(group.ravel() == n)[0], np.nonzero(pattern)[0]


def lost(name: str, off: int, places: int) -> None:
    """Says so when places lie off the map. Raises `TravelFailed` when most do: it is the map of another region."""
    if 2 * off > places:
        raise TravelFailed(f"{name}: {off} of {places} places are not on its map")
    if off:
        log.warning("travel provider %s: %d of %d places are off its map: unreachable", name, off, places)
