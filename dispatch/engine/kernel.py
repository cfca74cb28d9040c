"""The search itself: strings of neighbouring visits are taken out and put back at their best places, again and again.

One file on purpose: the compiler's cache on disk notices a change of this file, not of another one that it imports.
Everything works on `Model` (what is given) and `State` (where the search stands), arrays of plain numbers: d is a day,
v a visit, i a stop or a leg of a route, k a number of breaks taken. The hours are those of `timing`, the costs those of
`score` and `construct.cost`, in points; tests hold them against each other. What is called millions of times gets the
few arrays that it needs instead of all.

After Christiaens and Vanden Berghe, Slack Induction by String Removals (doi 10.1287/trsc.2019.0914), with our rules.
"""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .compiled import compiled
from .model import Ints

Floats = npt.NDArray[np.float64]

NEVER = 2**60
CLOSE = 48
"""Neighbours whose days are tried first for a visit."""
FEW_DAYS = 64
"""Up to so many days all of them are tried."""
LONGEST_STRING, MEAN_REMOVED = 10.0, 10.0
BLINK = 0.01
"""Share of places that an insertion overlooks: what keeps it from making the same choice for ever."""
MOST_ABSENT = 12
"""Visits without a place that one round tries to bring in."""

# columns of Model.day
HOME, GOAL, OPENS, CLOSES, LATEST, PERCENT, MAX_JOBS, MAX_TRAVEL, BREAKS, KIND = range(10)
# columns of Model.visit
PLACE, SERVICE, WINDOWS, WINDOWS_END, DEADLINE, TOLD, LOCKED, ABLE, ABLE_END = range(9)
# members of Model.weights
TRAVEL, OVERTIME, LATENESS, DELAY, BALANCE, UNSERVED = range(6)
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
    weights: Floats  # (6,)


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
    first, end = visit[v, WINDOWS], visit[v, WINDOWS_END]
    opens_first, closes_last = window[first, 0], window[end - 1, 1]
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
            if not fits(breaks, window, leave, by, d, i, last, opens, first, end, service, there, back):
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


@compiled
def put(m: Model, s: State, d: int, i: int, v: int) -> None:
    for j in range(s.n[d], i, -1):
        s.route[d, j] = s.route[d, j - 1]
    s.route[d, i] = v
    s.n[d] += 1
    s.where[v] = d
    for q in range(m.need.shape[1]):
        s.used[d, q] += m.need[v, q]


@compiled
def take(m: Model, s: State, d: int, i: int) -> int:
    v = s.route[d, i]
    s.n[d] -= 1
    for j in range(i, s.n[d]):
        s.route[d, j] = s.route[d, j + 1]
    s.where[v] = -1
    for q in range(m.need.shape[1]):
        s.used[d, q] -= m.need[v, q]
    return v


@compiled
def total(m: Model, s: State) -> float:
    """Points of the whole plan, as `construct.cost` counts them."""
    mean, points = s.n.sum() / s.n.size, 0.0
    for d in range(s.n.size):
        points += s.hours[d, COST] + m.weights[BALANCE] * (s.n[d] - mean) ** 2 / 2
        for i in range(s.n[d]):
            v = s.route[d, i]
            points += 0.0 if m.visit[v, LOCKED] else m.standing[v, d]
    for v in range(s.where.size):
        points += m.weights[UNSERVED] * m.priority[v] if s.where[v] < 0 else 0.0
    return points


@compiled
def copy_day(s: State, to: State, d: int) -> None:
    n = s.n[d]
    to.n[d] = n
    for c in range(3):
        to.hours[d, c] = s.hours[d, c]
    for i in range(n):
        to.route[d, i] = s.route[d, i]
    for i in range(n + 2):
        for k in range(s.leave.shape[2]):
            to.leave[d, i, k], to.by[d, i, k] = s.leave[d, i, k], s.by[d, i, k]
        to.drive[d, i] = s.drive[d, i]
        to.soon[d, i], to.late[d, i] = s.soon[d, i], s.late[d, i]
    for q in range(s.used.shape[1]):
        to.used[d, q] = s.used[d, q]


@compiled
def keep(s: State, old: State, w: Scratch, d: int) -> None:
    """Remember a day before its first change of the round."""
    if not w.changed[d]:
        w.changed[d] = 1
        w.kept[w.n[0]] = d
        w.n[0] += 1
        copy_day(s, old, d)


@compiled
def undo(s: State, old: State, w: Scratch) -> None:
    """Bring the days of a round back to what they were."""
    for j in range(w.n[0]):
        d = w.kept[j]
        for i in range(s.n[d]):
            s.where[s.route[d, i]] = -1
    for j in range(w.n[0]):
        d = w.kept[j]
        copy_day(old, s, d)
        for i in range(s.n[d]):
            s.where[s.route[d, i]] = d


@compiled
def take_string(m: Model, s: State, w: Scratch, d: int, v: int, longest: float, n_out: int) -> int:
    """Take a string around v out of its day, half of the time with a piece in the middle left standing."""
    n, at, random = s.n[d], 0, s.random
    while s.route[d, at] != v:
        at += 1
    length = min(n, 1 + int(draw(random) * min(float(n), longest)))
    spared = 1 if 1 < length < n and draw(random) < 0.5 else 0
    while spared and length + spared < n and draw(random) < 0.01:
        spared += 1
    whole = length + spared
    low, high = max(0, at - whole + 1), min(at, n - whole)
    first = low + int(draw(random) * (high - low + 1))
    gap = first + 1 + int(draw(random) * (length - 1)) if spared else first + whole
    for i in range(first + whole - 1, first - 1, -1):
        if (i < gap or i >= gap + spared) and not m.visit[s.route[d, i], LOCKED]:
            w.out[n_out] = take(m, s, d, i)
            n_out += 1
    return n_out


@compiled
def ruin(m: Model, s: State, old: State, w: Scratch, seed: int) -> int:
    """Take strings of visits out of the days around `seed` into `out`; answers how many visits."""
    busy = 0
    for d in range(s.n.size):
        w.changed[d] = 0
        busy += s.n[d] > 0
    longest = min(LONGEST_STRING, s.n.sum() / max(busy, 1))
    strings = int(draw(s.random) * (4.0 * MEAN_REMOVED / (1.0 + longest))) + 1
    w.n[0], n_out = 0, 0
    for j in range(m.close.shape[1]):
        d = s.where[m.close[seed, j]]
        if d >= 0 and not w.changed[d]:
            keep(s, old, w, d)
            n_out = take_string(m, s, w, d, m.close[seed, j], longest, n_out)
            if w.n[0] >= strings:
                break
    return n_out


@compiled
def rank_of(m: Model, s: State, v: int, way: int) -> float:
    """The place of a visit in an order: by chance, importance, choice of days, hours, or distance."""
    visit, window = m.visit, m.window
    first, last = visit[v, WINDOWS], visit[v, WINDOWS_END] - 1
    drive = float(m.seconds[m.day[m.homes[v, 0], HOME], visit[v, PLACE]])
    if way < 2:
        return draw(s.random) - 100.0 * m.priority[v]
    if way < 4:
        return draw(s.random) + visit[v, ABLE_END] - visit[v, ABLE]
    if way < 6:
        return float(window[last, 1] - window[first, 0])
    if way < 7:
        return float(window[first, 0])
    if way < 8:
        return -float(window[last, 1])
    if way < 10:
        return -drive
    if way < 11:
        return drive
    return draw(s.random)


@compiled
def sort_out(m: Model, s: State, w: Scratch, n: int) -> None:
    """Put the first `n` of `out` into an order drawn anew."""
    way = int(draw(s.random) * 14.0)
    for j in range(n):
        v, rank = w.out[j], rank_of(m, s, w.out[j], way)
        i = j
        while i > 0 and w.rank[i - 1] > rank:
            w.rank[i], w.out[i] = w.rank[i - 1], w.out[i - 1]
            i -= 1
        w.rank[i], w.out[i] = rank, v


@compiled
def insert_all(m: Model, s: State, old: State, w: Scratch, n: int, blink: float) -> None:
    """Put each of the first `n` of `out` at its best place; what finds none is left."""
    for j in range(n):
        v = w.out[j]
        d, leg = best_place(m, s, w, v, blink)
        if d >= 0:
            keep(s, old, w, d)
            put(m, s, d, leg, v)
            time_day(m, s, w.came, d)


@compiled
def once(m: Model, s: State, old: State, w: Scratch) -> float:
    """Take out and put back once; answers the points of the plan, infinite when it breaks a rule."""
    n_missing = 0
    for v in range(s.where.size):
        if s.where[v] < 0 and m.visit[v, ABLE_END] > m.visit[v, ABLE]:
            w.missing[n_missing] = v
            n_missing += 1
    aim = n_missing > 0 and draw(s.random) < 0.5
    seed = w.missing[int(draw(s.random) * n_missing)] if aim else int(draw(s.random) * s.where.size)
    n_out = ruin(m, s, old, w, seed)
    for j in range(w.n[0]):
        if not time_day(m, s, w.came, w.kept[j]):
            return np.inf
    few = min(n_missing, MOST_ABSENT)
    for j in range(few):
        other = j + int(draw(s.random) * (n_missing - j))
        w.missing[j], w.missing[other] = w.missing[other], w.missing[j]
        w.out[n_out + j] = w.missing[j]
    sort_out(m, s, w, n_out + few)
    insert_all(m, s, old, w, n_out + few, BLINK)
    return total(m, s)


@compiled
def search(
    m: Model,
    s: State,
    old: State,
    w: Scratch,
    best: Ints,
    best_n: Ints,
    figures: Floats,
    rounds: int,
    done: int,
    planned: int,
    first: float,
    last: float,
) -> None:
    """The next `rounds` of `planned` rounds of simulated annealing, from temperature `first` down to `last`.

    `done` of them lie behind. `figures` holds the points of the present and of the best plan; `best`, `best_n` are the
    routes of the best.
    """
    for r in range(rounds):
        heat = first * (last / first) ** ((done + r) / planned)
        points = once(m, s, old, w)
        if points < figures[0] - heat * np.log(max(draw(s.random), 1e-300)):
            figures[0] = points
            if points < figures[1] - 1e-6:
                figures[1] = points
                for d in range(s.n.size):
                    best_n[d] = s.n[d]
                    for i in range(s.n[d]):
                        best[d, i] = s.route[d, i]
        else:
            undo(s, old, w)


@compiled
def construct(m: Model, s: State, old: State, w: Scratch, n: int) -> None:
    """Insert the first `n` visits of `out` in this order, each at its best place."""
    w.n[0] = 0
    for d in range(s.n.size):
        w.changed[d] = 0
    insert_all(m, s, old, w, n, 0.0)


@compiled
def load(m: Model, s: State, w: Scratch) -> bool:
    """Make the state true to its `route` and `n`; False when a day breaks an hour rule."""
    for v in range(s.where.size):
        s.where[v] = -1
    for d in range(s.n.size):
        for q in range(s.used.shape[1]):
            s.used[d, q] = 0
            for i in range(s.n[d]):
                s.used[d, q] += m.need[s.route[d, i], q]
        for i in range(s.n[d]):
            s.where[s.route[d, i]] = d
        if not time_day(m, s, w.came, d):
            return False
    return True
