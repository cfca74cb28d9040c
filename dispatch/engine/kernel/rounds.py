"""One round after the other: strings of neighbouring visits are taken out and put back at their best places.

After Christiaens and Vanden Berghe, Slack Induction by String Removals (doi 10.1287/trsc.2019.0914), with our rules.
"""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

import numpy as np

from dispatch.engine.compiled import compiled
from dispatch.engine.model import Ints

from .data import ABLE, ABLE_END, HOME, LOCKED, PLACE, WINDOWS, WINDOWS_END, Floats, Model, Scratch, State
from .days import keep, put, take, total, undo
from .hours import time_day
from .places import best_place, draw

LONGEST_STRING, MEAN_REMOVED = 10.0, 10.0
BLINK = 0.01
"""Share of places that an insertion overlooks: what keeps it from making the same choice for ever."""
MOST_ABSENT = 12
"""Visits without a place that one round tries to bring in."""


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
def construct(m: Model, s: State, old: State, w: Scratch, n: int) -> None:
    """Insert the first `n` visits of `out` in this order, each at its best place."""
    w.n[0] = 0
    for d in range(s.n.size):
        w.changed[d] = 0
    insert_all(m, s, old, w, n, 0.0)


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
