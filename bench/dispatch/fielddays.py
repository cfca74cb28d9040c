"""Field days made from a seed: a clustered city, skills, windows, lunch, parts in the van, homes as depots.

And what goes wrong on such a day: an engineer falls ill in the morning, and urgent jobs come in.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from dispatch.engine.answer import Plan, Route
from dispatch.engine.model import Break, EngineerDay, Lock, MatrixTravel, Problem, Visit, Weights

HOUR, MINUTE = 3600, 60
OPENS = 8 * HOUR
SKILLS = ("gas", "power", "water", "lift", "heat", "cold", "lock", "data")
WINDOWS = ((), (), ((8, 12),), ((12, 16),), ((8, 10),), ((10, 12),), ((12, 14),), ((14, 16),))
PLAIN = Weights(travel=1.0, balance=0.0, continuity=0.0, preferred=0.0, skill_waste=0.0, stability=0.0, promise=0.0)
"""Only what every solver knows: priorities served and driving."""


def field_day(engineers: int, visits: int, seed: int) -> Problem:
    """A day from 08:00 to 16:30; seconds count from midnight."""
    rng = random.Random(seed)
    centres = [(rng.uniform(-10, 10), rng.uniform(-10, 10), rng.uniform(1.5, 4.0)) for _ in range(7)]
    spots = [_spot(rng, centres) for _ in range(engineers + visits)]
    days = tuple(_day(rng, e) for e in range(engineers))
    made = tuple(_visit(rng, v, engineers + v) for v in range(visits))
    return Problem(days, made, _travel(np.array(spots)), {}, PLAIN)


def _spot(rng: random.Random, centres: list[tuple[float, float, float]]) -> tuple[float, float]:
    x, y, wide = rng.choice(centres)
    return rng.gauss(x, wide), rng.gauss(y, wide)


def _travel(kilometres: np.ndarray) -> MatrixTravel:
    """Road distance 1.4 times the straight one, at 30 km/h; some rows at a time, for there may be thousands."""
    seconds, metres = (np.empty((len(kilometres), len(kilometres)), np.int32) for _ in range(2))
    for first in range(0, len(kilometres), 500):
        rows = slice(first, first + 500)
        apart = np.hypot(*(kilometres[rows, None] - kilometres[None, :]).transpose(2, 0, 1)) * 1.4
        seconds[rows], metres[rows] = np.ceil(apart * 120), np.ceil(apart * 1000)
    return MatrixTravel(seconds, metres, "city")


def _day(rng: random.Random, e: int) -> EngineerDay:
    return EngineerDay(
        id=f"d{e}",
        engineer_id=f"e{e}",
        start=e,
        end=e,
        shift_start=OPENS,
        shift_end=OPENS + 8 * HOUR + 30 * MINUTE,
        breaks=(Break(OPENS + 3 * HOUR + 30 * MINUTE, OPENS + 5 * HOUR, 30 * MINUTE),),
        skills={code: rng.randint(2, 5) for code in SKILLS if rng.random() < 0.6},
        parts={"valve": rng.randint(2, 5)},
    )


def _visit(rng: random.Random, v: int, place: int) -> Visit:
    return Visit(
        id=f"v{v}",
        place=place,
        service=rng.choice((30, 40, 45, 60, 60)) * MINUTE,
        windows=tuple((a * HOUR, b * HOUR) for a, b in rng.choice(WINDOWS)),
        skills={rng.choice(SKILLS): rng.randint(1, 2)},
        parts={"valve": 1} if rng.random() < 0.2 else {},
        priority=float(rng.choice((1, 1, 1, 1, 2, 2, 4, 8))),
    )


def disrupted(problem: Problem, plan: Plan, seed: int, now: int = OPENS + 2 * HOUR) -> Problem:
    """The same day at `now`: one engineer is ill, five urgent jobs came in, what has begun stands.

    Everybody else's visits have a price for being moved.
    """
    rng = random.Random(seed)
    ill = rng.choice([route.day_id for route in plan.routes if len(route.visit_ids) > 3])
    start = {step.visit_id: step.start for route in plan.routes for step in route.steps if step.visit_id}
    holder = {v: route for route in plan.routes for v in route.visit_ids}
    visits = [_as_planned(visit, holder, start, ill, now) for visit in problem.visits]
    gone = {v.id for v in problem.visits if v.id in holder and holder[v.id].day_id == ill and start[v.id] <= now}
    urgent = [
        Visit(f"u{n}", rng.choice(problem.visits).place, 30 * MINUTE, earliest=now, latest=now + 3 * HOUR, priority=8.0)
        for n in range(5)
    ]
    return Problem(
        days=tuple(day for day in problem.days if day.id != ill),
        visits=(*(v for v in visits if v.id not in gone), *urgent),
        travel=problem.travel,
        routes={route.day_id: route.visit_ids for route in plan.routes if route.day_id != ill},
        weights=replace(PLAIN, stability=10.0, promise=30.0, delay=0.5),
    )


def _as_planned(visit: Visit, holder: dict[str, Route], start: dict[str, int], ill: str, now: int) -> Visit:
    route = holder.get(visit.id)
    if route is None:
        return replace(visit, earliest=now)
    if route.day_id == ill:
        return replace(visit, earliest=now)
    if start[visit.id] <= now:
        return replace(visit, lock=Lock(route.day_id, start[visit.id]))
    told = {"present": route.engineer_id, "told": start[visit.id], "earliest": now}
    return replace(visit, **told)
