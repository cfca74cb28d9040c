"""What the search for what is missing works on: days with their routes, the visit, room to work in, columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.engine.model import Ints

Mask = npt.NDArray[np.bool_]

NEVER = 2**60
SLACK = 2 * 86_400
"""Seconds by which a shift is stretched on either side to see whether the shift is what forbids."""

# columns of what is found; NEVER where the change would not do, and for the last four 0 where none is needed
CLOSE, OPEN, OVER, EARLY, FAR, FREE, MISS, SIDE, LONGER, WAY = range(10)
COLUMNS = 10


class Days(NamedTuple):
    """Days with their routes; D days, L legs, B breaks, W windows. Times in seconds."""

    n: Ints  # (D,) visits
    breaks: Ints  # (D,) breaks that count
    begin: Ints  # (D,)
    finish: Ints  # (D,)
    soonest: Ints  # (D,) no shift can be made to begin sooner
    limit: Ints  # (D,) longest drive
    pauses: Ints  # (D, B, 3) earliest, latest, duration
    drive: Ints  # (D, L) to each stop
    past: Ints  # (D, L) from ahead of each stop to the stop behind it
    service: Ints  # (D, L)
    opens: Ints  # (D, L, W)
    closes: Ints  # (D, L, W)
    locked: Mask  # (D, L)
    priority: npt.NDArray[np.float64]  # (D, L)
    leave: Ints  # (D, L, B + 1) earliest leaving at each leg's begin
    by: Ints  # (D, L, B + 1) latest start at each leg's end


class Wanted(NamedTuple):
    """The visit; V windows."""

    there: Ints  # (D, L) drive from each leg's begin
    back: Ints  # (D, L) drive to each leg's end
    opens: Ints  # (V,)
    closes: Ints  # (V,)


class Room(NamedTuple):
    """Room to work in."""

    at: Ints  # (B + 1,)
    cap: Ints  # (B + 1,)
    alone: Ints  # (2, L, 1) leavings and latest starts without breaks
    wide: Ints  # (L, B + 1) latest starts of a shift that begins much earlier
    opens: Ints  # (V,)
    closes: Ints  # (V,)
