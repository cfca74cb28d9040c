"""The arrays that the search works on: what is given, where it stands, and room to work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.engine.model import Ints

Floats = npt.NDArray[np.float64]

NEVER = 2**60

# columns of Model.day
HOME, GOAL, OPENS, CLOSES, LATEST, PERCENT, MAX_JOBS, MAX_TRAVEL, BREAKS, KIND = range(10)
# columns of Model.visit
PLACE, SERVICE, WINDOWS, WINDOWS_END, DEADLINE, TOLD, LOCKED, ABLE, ABLE_END = range(9)
# members of Model.weights
TRAVEL, OVERTIME, LATENESS, DELAY, BALANCE = range(5)
# columns of State.hours: points of the hours, the part of them that is not driving, whether such a part can exist
COST, RELIEF, SOFT = range(3)


class Model(NamedTuple):
    """What is given. Times in seconds, prices in points; D days, V visits, B breaks, Q kinds of parts, W windows."""

    seconds: npt.NDArray[np.int32]  # (places, places)
    into: npt.NDArray[np.int32]  # the same with target and origin exchanged: one visit's drives lie side by side
    day: Ints  # (D, 10) see the columns above; KIND is the first day that is like this one
    visit: Ints  # (V, 9) see the columns above
    breaks: Ints  # (D, B, 3) earliest, latest, duration
    window: Ints  # (W, 2) starts of service, all visits one behind the other
    stock: Ints  # (D, Q)
    need: Ints  # (V, Q)
    able: Ints  # days that allow a visit, all visits one behind the other
    standing: Floats  # (V, D) price of this pair whatever the hours; infinite when a rule forbids it
    priority: Floats  # (V,)
    close: Ints  # (V, n) nearest visits, itself first
    homes: Ints  # (V, m) days that begin nearest
    weights: Floats  # (5,)
    left: Floats  # (V,) points of a visit without a place


class State(NamedTuple):
    """Where the search stands. L is two more than the visits that any route can have, K one more than B."""

    route: Ints  # (D, L)
    n: Ints  # (D,)
    where: Ints  # (V,) day or -1
    leave: Ints  # (D, L, K) earliest leaving of stop i
    by: Ints  # (D, L, K) latest start at stop i
    drive: Ints  # (D, L) seconds from stop i to stop i + 1
    soon: Ints  # (D, L) the least of `leave`
    late: Ints  # (D, L) the greatest of `by`
    hours: Floats  # (D, 3)
    used: Ints  # (D, Q)
    random: npt.NDArray[np.uint64]  # (1,)


class Scratch(NamedTuple):
    """Room to work in."""

    came: Ints  # (L, K) breaks taken before
    tried: Ints  # (L,) a route as it would be
    ahead: Ints  # (L, K) its leavings
    out: Ints  # (V,) visits to be inserted
    missing: Ints  # (V,) visits without a place
    rank: Floats  # (V,)
    n: Ints  # (1,) how many days are kept
    kept: Ints  # (D,) days as they were before the round
    changed: Ints  # (D,) whether a day is kept
    seen: Ints  # (D,)
    near: Ints  # (D,)
