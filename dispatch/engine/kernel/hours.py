"""The hours of a day: the earliest leaving and the latest start at every stop, for each number of breaks taken.

They are those of `timing`, the costs those of `score`; tests hold them against each other.
"""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatch.engine.compiled import compiled
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
def through(breaks: Ints, d: int, leave: int, drive: int, k: int, n: int) -> int:
    free, length = leave, 0
    for j in range(k, n):
        at = max(free, breaks[d, j, 0])
        if at > breaks[d, j, 1]:
            return NEVER
        free = at + breaks[d, j, 2]
        length += breaks[d, j, 2]
    return max(free, leave + drive + length)


@compiled
def back_through(breaks: Ints, d: int, arrive: int, drive: int, k: int, n: int) -> int:
    free, length = arrive, 0
    for j in range(n - 1, k - 1, -1):
        at = min(free - breaks[d, j, 2], breaks[d, j, 1])
        if at < breaks[d, j, 0]:
            return -NEVER
        free = at
        length += breaks[d, j, 2]
    return min(free, arrive - drive - length)


@compiled
def begin(window: Ints, first: int, end: int, arrival: int) -> int:
    for w in range(first, end):
        if arrival <= window[w, 1]:
            return max(window[w, 0], arrival)
    return NEVER


@compiled
def begin_by(window: Ints, first: int, end: int, limit: int) -> int:
    for w in range(end - 1, first - 1, -1):
        if window[w, 0] <= limit:
            return min(window[w, 1], limit)
    return -NEVER


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
    last, opens, percent = day[d, BREAKS], day[d, OPENS], day[d, PERCENT]
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
        if i < n and drive > day[d, MAX_TRAVEL] and not fixed:
            return -1
        alive = False
        for after in range(last + 1):
            best, prior = NEVER, 0
            for k in range(after + 1):
                if leave[i, k] >= NEVER:
                    continue
                at = through(breaks, d, max(leave[i, k], opens), drive, k, after)
                if i < n:
                    start = NEVER
                    if at < NEVER:
                        start = begin(window, visit[v, WINDOWS], visit[v, WINDOWS_END], at)
                    if start >= NEVER and fixed and k == after:
                        start = window[visit[v, WINDOWS], 0]
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
            at = -NEVER
            for after in range(k, last + 1):
                if by[i + 1, after] <= -NEVER:
                    continue
                loose = fixed and k == after
                at = max(at, NEVER // 2 if loose else back_through(m.breaks, d, by[i + 1, after], drive, k, after))
            able = at > -NEVER and at >= m.day[d, OPENS]
            limit = at - visit[v, SERVICE]
            by[i, k] = begin_by(m.window, visit[v, WINDOWS], visit[v, WINDOWS_END], limit) if able else -NEVER
    for i in range(n + 2):  # the start place has no `by`
        s.soon[d, i], s.late[d, i] = NEVER, -NEVER
        for k in range(last + 1):
            s.soon[d, i] = min(s.soon[d, i], max(s.leave[d, i, k], m.day[d, OPENS]))
            s.late[d, i] = max(s.late[d, i], by[i, k] if i > 0 else -NEVER)
    return True


@compiled
def fits(
    breaks: Ints,
    window: Ints,
    leave: Ints,
    by: Ints,
    d: int,
    i: int,
    last: int,
    opens: int,
    first: int,
    end: int,
    service: int,
    there: int,
    back: int,
) -> bool:
    """Whether a visit can be served between stop i and stop i + 1 without breaking an hour rule."""
    for mid in range(last + 1):
        away = -NEVER
        for after in range(mid, last + 1):
            if by[d, i + 1, after] > -NEVER:
                away = max(away, back_through(breaks, d, by[d, i + 1, after], back, mid, after))
        ends = begin_by(window, first, end, away - service) if away > -NEVER else -NEVER
        if ends <= -NEVER:
            continue
        for k in range(mid + 1):
            if leave[d, i, k] < NEVER:
                at = through(breaks, d, max(leave[d, i, k], opens), there, k, mid)
                if at <= ends and begin(window, first, end, at) <= ends:
                    return True
    return False
