"""Small field days for tests: a seeded city, and hypothesis strategies that reach the corners."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from dispatch.engine.model import Break, EngineerDay, Lock, MatrixTravel, Problem, Visit, Weights

EIGHT = 1_790_000_000 // 86_400 * 86_400 + 8 * 3600
"""08:00 UTC of some day."""
MINUTE, HOUR = 60, 3600


def line_travel(positions: list[int], seconds_per_unit: int = 60) -> MatrixTravel:
    """Places on a straight road; one unit takes a minute and is a kilometre long."""
    at = np.array(positions)
    apart = np.abs(at[:, None] - at[None, :])
    return MatrixTravel((apart * seconds_per_unit).astype(np.int32), (apart * 1000).astype(np.int32), "line")


def day(number: int = 0, **changes: object) -> EngineerDay:
    """An engineer from 08:00 to 16:00 who lives at place 0."""
    plain = EngineerDay(f"d{number}", f"e{number}", 0, 0, EIGHT, EIGHT + 8 * HOUR)
    return replace(plain, **changes)  # type: ignore[arg-type]


def visit(number: int, **changes: object) -> Visit:
    """Half an hour at the place of the same number."""
    return replace(Visit(f"v{number}", number, 30 * MINUTE), **changes)  # type: ignore[arg-type]


def city_day(engineers: int, visits: int, seed: int, weights: Weights | None = None) -> Problem:
    """A believable day: homes, skills held by 60 %, AM/PM/two-hour windows, lunch, deadlines, priorities."""
    rng = random.Random(seed)
    points = np.array([[rng.gauss(0, 6), rng.gauss(0, 6)] for _ in range(engineers + visits)])
    km = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)) * 1.4
    travel = MatrixTravel(np.ceil(km * 3600 / 30).astype(np.int32), np.ceil(km * 1000).astype(np.int32), "city")
    codes = ["gas", "power", "water", "lift"]
    lunch = Break(EIGHT + 4 * HOUR, EIGHT + 5 * HOUR, 30 * MINUTE)
    days = tuple(
        day(
            e,
            start=e,
            end=e,
            breaks=(lunch,),
            skills={c: rng.randint(1, 5) for c in codes if rng.random() < 0.6},
            overtime_limit=rng.choice([0, HOUR]),
        )
        for e in range(engineers)
    )
    windows = [(), ((0, 4),), ((4, 8),), ((1, 3),), ((0, 1), (5, 7))]
    made = tuple(
        visit(
            v,
            place=engineers + v,
            service=rng.choice([20, 30, 45, 60]) * MINUTE,
            windows=tuple((EIGHT + a * HOUR, EIGHT + b * HOUR) for a, b in rng.choice(windows)),
            skills={rng.choice(codes): rng.randint(1, 3)} if rng.random() < 0.7 else {},
            priority=float(rng.choice([1, 1, 1, 2, 5])),
            deadline=EIGHT + rng.randint(2, 12) * HOUR if rng.random() < 0.3 else None,
        )
        for v in range(visits)
    )
    return Problem(days, made, travel, {}, weights or Weights())


@st.composite
def problems(draw: st.DrawFn, locks: bool = True) -> Problem:
    """Tight little problems: few engineers, narrow windows, breaks, locks, parts, limits of every kind."""
    engineers, visits = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    spots = draw(st.lists(st.integers(0, 60), min_size=8, max_size=8))
    days = tuple(draw(_days(e)) for e in range(engineers))
    made = [draw(_visits(v)) for v in range(visits)]
    if locks:
        made = [_maybe_locked(draw, v, engineers) for v in made]
    return Problem(days, tuple(made), line_travel(spots))


def _maybe_locked(draw: st.DrawFn, plain: Visit, engineers: int) -> Visit:
    if draw(st.integers(0, 3)):
        return plain
    start = EIGHT + draw(st.integers(-30, 500)) * MINUTE
    held = Lock(f"d{draw(st.integers(0, engineers - 1))}", start, began=draw(st.booleans()))
    return replace(plain, lock=held)


@st.composite
def _days(draw: st.DrawFn, number: int) -> EngineerDay:
    begin, length = EIGHT + draw(st.integers(0, 120)) * MINUTE, draw(st.integers(60, 480)) * MINUTE
    breaks = []
    for _ in range(draw(st.integers(0, 2))):
        first = begin + draw(st.integers(0, 300)) * MINUTE
        breaks.append(Break(first, first + draw(st.integers(0, 60)) * MINUTE, draw(st.sampled_from([15, 30])) * MINUTE))
    return day(
        number,
        start=draw(st.integers(6, 7)),
        end=draw(st.integers(6, 7)),
        shift_start=begin,
        shift_end=begin + length,
        overtime_limit=draw(st.sampled_from([0, 30])) * MINUTE,
        breaks=tuple(sorted(breaks, key=lambda b: b.earliest)),
        skills=draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 5))),
        territories=frozenset(draw(st.sets(st.sampled_from(["north", "south"])))),
        parts=draw(st.dictionaries(st.just("valve"), st.integers(0, 3))),
        max_jobs=draw(st.sampled_from([None, None, 1, 3])),
        max_travel=draw(st.sampled_from([None, None, 20 * MINUTE, 40 * MINUTE])),
        travel_percent=draw(st.sampled_from([100, 100, 130])),
        later=draw(st.sampled_from([0, 0, 1, 3])),
        slack=length * draw(st.sampled_from([0, 0, 20, 50])) // 100,
    )


@st.composite
def _visits(draw: st.DrawFn, number: int) -> Visit:
    windows = []
    for _ in range(draw(st.integers(0, 2))):
        opens = EIGHT + draw(st.integers(0, 500)) * MINUTE
        windows.append((opens, opens + draw(st.integers(0, 120)) * MINUTE))
    return visit(
        number,
        service=draw(st.integers(1, 90)) * MINUTE,
        windows=tuple(windows),
        deadline=draw(st.sampled_from([None, EIGHT + 3 * HOUR])),
        priority=float(draw(st.integers(1, 3))),
        skills=draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 3), max_size=1)),
        territory=draw(st.sampled_from([None, None, None, "north"])),
        excluded_engineers=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"e0"})])),
        known_by=draw(st.sampled_from([frozenset(), frozenset({"e1"})])),
        present=draw(st.sampled_from([None, "e0"])),
        told=draw(st.sampled_from([None, EIGHT + 2 * HOUR])),
        parts=draw(st.sampled_from([{}, {}, {"valve": 1}])),
    )
