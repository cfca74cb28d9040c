"""A settled problem as the arrays of `kernel`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .kernel import LOCKED, NEVER, SERVICE, Floats, Model, Scratch, State
from .model import EngineerDay, Ints, Problem, Visit
from .people import People
from .rules import in_shift
from .score import left_out

NEIGHBOURS, NEAR_HOMES = 100, 8
ROWS = 1_000
"""Rows of a table of all pairs that are worked out at a time."""


def model(problem: Problem) -> Model:
    """The arrays of a problem with at least one day and one visit."""
    days, visits, weights = problem.days, problem.visits, problem.weights
    places = sorted({v.place for v in visits} | {p for day in days for p in (day.start, day.end)})
    at = {place: i for i, place in enumerate(places)}
    grid = np.array(places)
    seconds = np.vstack([problem.travel.seconds(some[:, None], grid[None, :]).astype(np.int32) for some in _few(grid)])
    home, place = np.array([at[day.start] for day in days]), np.array([at[v.place] for v in visits])
    parts = sorted({part for visit in visits for part in visit.parts})
    standing = _standing(problem)
    stock = _table([[day.parts.get(part, 0) for part in parts] for day in days], len(parts))
    return Model(
        seconds=seconds,
        into=seconds.T.copy(),
        day=_days(days, at, _kinds(days, standing, stock)),
        visit=_visits(visits, place, np.isfinite(standing)),
        breaks=_breaks(days),
        window=_table([window for v in visits for window in v.starts] or [(0, 0)], 2),
        stock=stock,
        need=_table([[v.parts.get(part, 0) for part in parts] for v in visits], len(parts)),
        able=np.nonzero(np.isfinite(standing))[1].astype(np.int64),
        standing=standing,
        priority=np.array([float(v.priority) for v in visits]),
        close=np.vstack([_nearest(_both_ways(seconds, some, place), NEIGHBOURS) for some in _few(place)]),
        homes=_nearest(seconds[np.ix_(place, home)], NEAR_HOMES),
        weights=np.array([weights.travel, weights.overtime, weights.lateness, weights.delay, weights.balance]),
        left=np.array([left_out(weights, v, problem.ends) for v in visits]),
    )


def state(m: Model, seed: int) -> State:
    """An empty state, large enough for any route."""
    (days, visits), width = m.standing.shape[::-1], m.breaks.shape[1] + 1
    length = _longest(m) + 3
    return State(
        route=np.zeros((days, length), np.int64),
        n=np.zeros(days, np.int64),
        where=np.full(visits, -1, np.int64),
        leave=np.full((days, length, width), NEVER, np.int64),
        by=np.full((days, length, width), -NEVER, np.int64),
        drive=np.zeros((days, length), np.int64),
        soon=np.zeros((days, length), np.int64),
        late=np.zeros((days, length), np.int64),
        hours=np.zeros((days, 3)),
        used=np.zeros((days, m.need.shape[1]), np.int64),
        random=np.array([(2 * seed + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64),
    )


def scratch(m: Model, s: State) -> Scratch:
    """Room for the search to work in."""
    length, width = s.leave.shape[1:]
    visits, days = m.standing.shape
    lists = {name: np.zeros(days, np.int64) for name in ("kept", "changed", "seen", "near")}
    return Scratch(
        came=np.zeros((length, width), np.int64),
        tried=np.zeros(length, np.int64),
        ahead=np.zeros((length, width), np.int64),
        out=np.zeros(visits, np.int64),
        missing=np.zeros(visits, np.int64),
        rank=np.zeros(visits),
        n=np.zeros(1, np.int64),
        **lists,
    )


def _longest(m: Model) -> int:
    """No route can have more visits."""
    free = m.visit[m.visit[:, LOCKED] == 0, SERVICE]
    shortest = max(1, int(free.min(initial=2**40)))
    span = int((m.day[:, 4] - m.day[:, 2]).max())
    return min(len(m.visit), max(0, span) // shortest + 1 + int(m.visit[:, LOCKED].sum()))


def _days(days: Sequence[EngineerDay], at: dict[int, int], kinds: list[int]) -> Ints:
    """`Model.day`."""
    rows = [
        (
            *(at[day.start], at[day.end], day.shift_start, day.shift_end, day.latest_end, day.travel_percent),
            *(NEVER if limit is None else limit for limit in (day.max_jobs, day.max_travel)),
            *(len(day.breaks), kind),
        )
        for day, kind in zip(days, kinds, strict=True)
    ]
    return np.array(rows, np.int64)


def _visits(visits: Sequence[Visit], place: npt.NDArray[Any], allowed: npt.NDArray[np.bool_]) -> Ints:
    """`Model.visit`."""
    windows, able_at = _offsets([len(v.starts) for v in visits]), _offsets(allowed.sum(axis=1))
    told = [[NEVER if t is None else t for t in (v.deadline, v.told)] for v in visits]
    columns = (
        *(place, [v.service for v in visits], windows[:-1], windows[1:]),
        *(np.array(told).T, [v.lock is not None for v in visits], able_at[:-1], able_at[1:]),
    )
    return np.vstack(columns).T.astype(np.int64).copy()


def _standing(problem: Problem) -> Floats:
    """What it costs that this one goes, shape (V, D), in points; infinite where a standing rule forbids it.

    A locked visit never looks for a place.
    """
    who = People(problem.days)
    price = _by_group(
        problem.visits,
        lambda v: (_items(v.skills), v.known_by, v.preferred_engineers, v.present, v.promised, v.priority),
        lambda v: -who.points(problem.weights, v),
    )
    able = _by_group(
        problem.visits,
        lambda v: (
            *map(_items, (v.skills, v.parts)),
            v.territory,
            v.required_engineers,
            v.excluded_engineers,
            v.crew_size,
        ),
        lambda v: who.able(v) & _stocked(problem.days, v),
    )
    opens, latest = np.array([(day.shift_start, day.latest_end) for day in problem.days]).T
    for v, visit in enumerate(problem.visits):
        price[v, ~in_shift(visit, opens, latest) | ~able[v] | (visit.lock is not None)] = np.inf
    return price


def _stocked(days: Sequence[EngineerDay], visit: Visit) -> npt.NDArray[np.bool_]:
    """Days whose van has the parts for this visit alone."""
    return np.array([all(day.parts.get(part, 0) >= need for part, need in visit.parts.items()) for day in days])


def _by_group(
    visits: Sequence[Visit], group: Callable[[Visit], Hashable], value: Callable[[Visit], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """For each visit a value for each day, worked out once for visits that are alike."""
    known: dict[Hashable, npt.NDArray[Any]] = {}
    rows = []
    for visit in visits:
        key = group(visit)
        if key not in known:
            known[key] = value(visit)
        rows.append(known[key])
    return np.array(rows)


def _items(values: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values.items()))


def _kinds(days: Sequence[EngineerDay], standing: Floats, stock: Ints) -> list[int]:
    """For each day the first one that is like it for every visit."""
    first: dict[Hashable, int] = {}
    kinds = []
    for d, day in enumerate(days):
        hours = (day.start, day.end, day.shift_start, day.shift_end, day.latest_end, day.breaks, day.travel_percent)
        key = (hours, day.max_jobs, day.max_travel, standing[:, d].tobytes(), stock[d].tobytes())
        kinds.append(first.setdefault(key, d))
    return kinds


def _few(places: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Some at a time, so that what is worked out for all pairs never lies in memory as a whole."""
    return np.array_split(places, -(-len(places) // ROWS))


def _both_ways(
    seconds: npt.NDArray[np.int32], some: npt.NDArray[Any], places: npt.NDArray[Any]
) -> npt.NDArray[np.int32]:
    """Seconds there and back between some places and all."""
    return np.asarray(seconds[np.ix_(some, places)] + seconds[np.ix_(places, some)].T)


def _nearest(apart: npt.NDArray[np.int32], count: int) -> Ints:
    """For each row the columns of the smallest values, smallest first."""
    count = min(count, apart.shape[1])
    some = np.argpartition(apart, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(apart, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1).astype(np.int64)


def _breaks(days: Sequence[EngineerDay]) -> Ints:
    table = np.zeros((len(days), max(len(day.breaks) for day in days), 3), np.int64)
    for d, day in enumerate(days):
        for j, pause in enumerate(day.breaks):
            table[d, j] = pause.earliest, pause.latest, pause.duration
    return table


def _table(rows: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), width)


def _offsets(sizes: Any) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
