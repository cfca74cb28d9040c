"""Changing days: putting visits in and taking them out, keeping what was and bringing it back."""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

from dispatch.engine.compiled import compiled

from .data import BALANCE, COST, LOCKED, Model, Scratch, State
from .hours import time_day


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
        points += m.left[v] if s.where[v] < 0 else 0.0
    return points
