"""Where a visit can go, and what it would cost there."""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatch.engine.compiled import compiled
from dispatch.engine.hours import fits
from dispatch.engine.model import Ints

from .data import (
    ABLE,
    ABLE_END,
    BALANCE,
    BREAKS,
    COST,
    GOAL,
    HOME,
    KIND,
    MAX_JOBS,
    MAX_TRAVEL,
    OPENS,
    PERCENT,
    PLACE,
    SERVICE,
    SOFT,
    TRAVEL,
    Model,
    Scratch,
    State,
)
from .hours import driven, forward, is_soft, relief_of, windows_of

CLOSE = 48
"""Neighbours whose days are tried first for a visit."""
FEW_DAYS = 64
"""Up to so many days all of them are tried."""


@compiled
def draw(random: npt.NDArray[np.uint64]) -> float:
    """A random number in [0, 1) (xorshift64*)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def room(day: Ints, n: Ints, route: Ints, need: Ints, stock: Ints, used: Ints, d: int, v: int) -> bool:
    """Whether number of visits and parts of the day leave room for v."""
    if n[d] >= day[d, MAX_JOBS] or n[d] + 3 > route.shape[1]:
        return False
    for q in range(need.shape[1]):  # noqa: SIM110 - the compiler knows no generators
        if need[v, q] > 0 and used[d, q] + need[v, q] > stock[d, q]:
            return False
    return True


@compiled
def price(m: Model, s: State, w: Scratch, d: int, i: int, v: int) -> float:
    """What the hours of the day would cost with v on leg i, in points; infinite when they do not hold."""
    n, tried = s.n[d], w.tried
    for j in range(n + 1):
        tried[j] = s.route[d, j] if j < i else v if j == i else s.route[d, j - 1]
    drive = forward(m.seconds, m.day, m.visit, m.breaks, m.window, d, tried, n + 1, w.ahead, w.came)
    if drive < 0:
        return np.inf
    return m.weights[TRAVEL] * drive / 60.0 + relief_of(
        m.day, m.visit, m.priority, m.weights, d, tried, n + 1, w.ahead, w.came
    )


@compiled
def nearby(m: Model, s: State, w: Scratch, v: int) -> int:
    """Fill `near` with the days that serve neighbours of v or begin near it, each marked; answers how many."""
    n = 0
    for j in range(min(CLOSE, m.close.shape[1])):
        d = s.where[m.close[v, j]]
        if d >= 0 and not w.seen[d]:
            w.seen[d] = 1
            w.near[n] = d
            n += 1
    for j in range(m.homes.shape[1]):
        d = m.homes[v, j]
        if not w.seen[d]:
            w.seen[d] = 1
            w.near[n] = d
            n += 1
    return n


@compiled
def able_days(m: Model, s: State, w: Scratch, v: int) -> int:
    """Fill `near` with the days that allow v and are not marked; of equal empty days one is enough."""
    n = 0
    for j in range(m.visit[v, ABLE], m.visit[v, ABLE_END]):
        d = m.able[j]
        if w.seen[d] == 1:
            continue
        if s.n[d] == 0:
            if w.seen[m.day[d, KIND]] == 2:
                continue
            w.seen[m.day[d, KIND]] = 2
        w.near[n] = d
        n += 1
    return n


@compiled
def best_of(m: Model, s: State, w: Scratch, v: int, n_near: int, bar: float, blink: float) -> tuple[float, int, int]:
    """(points, day, leg) of the cheapest place for v below `bar` on the first `n_near` days of `near`; day -1: none.

    The hours beside driving are taken not to become cheaper by an insertion.
    """
    best_day, leg = -1, -1
    seconds, into, day, visit, breaks, window = m.seconds, m.into, m.day, m.visit, m.breaks, m.window
    leave, by, soon, late, route = s.leave, s.by, s.soon, s.late, s.route
    here, service, weight = visit[v, PLACE], visit[v, SERVICE], m.weights[TRAVEL] / 60.0
    opening, closing = windows_of(visit, window, v)
    opens_first, closes_last = opening[0], closing[-1]
    mean = (s.n.sum() + 0.5) / s.n.size
    for j in range(n_near):
        d = w.near[j]
        n = s.n[d]
        who = m.standing[v, d] + m.weights[BALANCE] * (n + 0.5 - mean)
        if who >= bar or not room(m.day, s.n, route, m.need, m.stock, s.used, d, v):
            continue
        percent, origin, last, opens, farthest = (
            day[d, PERCENT],
            day[d, HOME],
            day[d, BREAKS],
            day[d, OPENS],
            day[d, MAX_TRAVEL],
        )
        soft = s.hours[d, SOFT] > 0.0 or is_soft(visit, v)
        for i in range(n + 1):
            target = visit[route[d, i], PLACE] if i < n else day[d, GOAL]
            there, back = driven(into, percent, here, origin), driven(seconds, percent, here, target)
            points = who + weight * (there + back - s.drive[d, i])
            origin = target
            at = soon[d, i] + there
            if points >= bar or at > closes_last or max(at, opens_first) + service + back > late[d, i + 1]:
                continue
            if there > farthest or (back > farthest and i < n) or (blink > 0.0 and draw(s.random) < blink):
                continue
            if not fits(breaks[d], opening, closing, leave[d, i], by[d, i + 1], last, opens, there, back, service):
                continue
            if soft:
                points = who + price(m, s, w, d, i, v) - s.hours[d, COST]
            if points < bar:
                bar, best_day, leg = points, d, i
    return bar, best_day, leg


@compiled
def best_place(m: Model, s: State, w: Scratch, v: int, blink: float) -> tuple[int, int]:
    """(day, leg) of the cheapest place for v; day -1 when there is none. Near days come first, of many only these."""
    for d in range(s.n.size):
        w.seen[d] = 0
    bar, day, leg = best_of(m, s, w, v, nearby(m, s, w, v), np.inf, blink)
    if day < 0 or s.n.size <= FEW_DAYS:
        _, far, at = best_of(m, s, w, v, able_days(m, s, w, v), bar, blink)
        if far >= 0:
            return far, at
    return day, leg
