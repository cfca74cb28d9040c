"""The hours of a day: the earliest leaving and the latest start at every stop, for each number of breaks taken.

They are those of `timing`, the costs those of `score`; tests hold them against each other.
"""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatch.engine.compiled import compiled
from dispatch.engine.hours import begin, serve_back, through
from dispatch.engine.model import Ints

from .data import (
    BREAKS,
    CLOSES,
    COST,
    DEADLINE,
    DELAY,
    GOAL,
    HOME,
    LATENESS,
    LATEST,
    LOCKED,
    MAX_TRAVEL,
    NEVER,
    OPENS,
    OVERTIME,
    PERCENT,
    PLACE,
    RELIEF,
    SERVICE,
    SOFT,
    TOLD,
    TRAVEL,
    WINDOWS,
    WINDOWS_END,
    Floats,
    Model,
    State,
)


@compiled
def driven(seconds: npt.NDArray[np.int32], percent: int, origin: int, target: int) -> int:
    drive = np.int64(seconds[origin, target])
    return drive if percent == 100 else -(-drive * percent // 100)


@compiled
def windows_of(visit: Ints, window: Ints, v: int) -> tuple[Ints, Ints]:
    """When v may begin: each window's first and last second."""
    own = window[visit[v, WINDOWS] : visit[v, WINDOWS_END]]
    return own[:, 0], own[:, 1]


@compiled
def stands(visit: Ints, route: Ints, n: int, i: int) -> bool:
    return (i == 0 or visit[route[i - 1], LOCKED] == 1) and i < n and visit[route[i], LOCKED] == 1


@compiled
def forward(
    seconds: npt.NDArray[np.int32],
    day: Ints,
    visit: Ints,
    breaks: Ints,
    window: Ints,
    d: int,
    route: Ints,
    n: int,
    leave: Ints,
    came: Ints,
) -> int:
    """Fill `leave` and `came`; answers the driving seconds, or -1 when the route breaks an hour rule."""
    last, opens, percent, pauses = day[d, BREAKS], day[d, OPENS], day[d, PERCENT], breaks[d]
    leave[0, 0] = opens
    for k in range(1, last + 1):
        leave[0, k] = NEVER
    total, origin = 0, day[d, HOME]
    for i in range(n + 1):
        v = route[i] if i < n else 0
        target = visit[v, PLACE] if i < n else day[d, GOAL]
        drive = driven(seconds, percent, origin, target)
        total, origin = total + drive, target
        fixed = stands(visit, route, n, i)
        if i < n:
            opening, closing = windows_of(visit, window, v)
            if drive > day[d, MAX_TRAVEL] and not fixed:
                return -1
        alive = False
        for after in range(last + 1):
            best, prior = NEVER, 0
            for k in range(after + 1):
                if leave[i, k] >= NEVER:
                    continue
                at = through(pauses, max(leave[i, k], opens), drive, k, after)
                if i < n:
                    start = begin(opening, closing, at) if at < NEVER else NEVER
                    if start >= NEVER and fixed and k == after:
                        start = opening[0]
                    at = start + visit[v, SERVICE] if start < NEVER else NEVER
                if at < best:
                    best, prior = at, k
            leave[i + 1, after], came[i + 1, after] = best, prior
            alive = alive or best < NEVER
        if not alive:
            return -1
    return total if leave[n + 1, last] <= day[d, LATEST] else -1


@compiled
def relief_of(
    day: Ints, visit: Ints, priority: Floats, weights: Floats, d: int, route: Ints, n: int, leave: Ints, came: Ints
) -> float:
    """Overtime, lateness and delay of a route that `forward` has timed, in points."""
    k = day[d, BREAKS]
    points = weights[OVERTIME] * max(0, leave[n + 1, k] - day[d, CLOSES])
    for i in range(n, 0, -1):
        k = came[i + 1, k]
        v, end = route[i - 1], leave[i, k]
        if end > visit[v, DEADLINE]:
            points += weights[LATENESS] * priority[v] * (end - visit[v, DEADLINE])
        if end - visit[v, SERVICE] > visit[v, TOLD]:
            points += weights[DELAY] * (end - visit[v, SERVICE] - visit[v, TOLD])
    return points / 60.0


@compiled
def is_soft(visit: Ints, v: int) -> bool:
    return visit[v, DEADLINE] < NEVER or visit[v, TOLD] < NEVER


@compiled
def time_day(m: Model, s: State, came: Ints, d: int) -> bool:
    """Bring every number of a day up to its route; False when the route breaks an hour rule."""
    route, n, last, visit, by = s.route[d], s.n[d], m.day[d, BREAKS], m.visit, s.by[d]
    drive = forward(m.seconds, m.day, m.visit, m.breaks, m.window, d, route, n, s.leave[d], came)
    if drive < 0:
        return False
    soft = m.day[d, LATEST] > m.day[d, CLOSES]
    for i in range(n):
        soft = soft or is_soft(visit, route[i])
    s.hours[d, SOFT] = soft
    s.hours[d, RELIEF] = (
        relief_of(m.day, m.visit, m.priority, m.weights, d, route, n, s.leave[d], came) if soft else 0.0
    )
    s.hours[d, COST] = m.weights[TRAVEL] * drive / 60.0 + s.hours[d, RELIEF]
    for k in range(last):
        by[n + 1, k] = -NEVER
    by[n + 1, last] = m.day[d, LATEST]
    target = m.day[d, GOAL]
    s.drive[d, 0] = driven(m.seconds, m.day[d, PERCENT], m.day[d, HOME], visit[route[0], PLACE] if n else target)
    for i in range(n, 0, -1):
        v = route[i - 1]
        drive, target = driven(m.seconds, m.day[d, PERCENT], visit[v, PLACE], target), visit[v, PLACE]
        s.drive[d, i] = drive
        fixed = stands(visit, route, n, i)
        for k in range(last + 1):
            by[i, k] = by[i + 1, k]
        opening, closing = windows_of(visit, m.window, v)
        serve_back(m.breaks[d], opening, closing, by[i], last, m.day[d, OPENS], drive, visit[v, SERVICE], fixed)
    for i in range(n + 2):  # the start place has no `by`
        s.soon[d, i], s.late[d, i] = NEVER, -NEVER
        for k in range(last + 1):
            s.soon[d, i] = min(s.soon[d, i], max(s.leave[d, i, k], m.day[d, OPENS]))
            s.late[d, i] = max(s.late[d, i], by[i, k] if i > 0 else -NEVER)
    return True
