"""Routes to begin with: the locked visits, and a wanted order as far as every rule holds. What a plan costs."""

from __future__ import annotations

from collections.abc import Sequence

from .insertion import Insertion
from .model import EngineerDay, Problem, Visit
from .rules import allows, load
from .score import left_out, standing_terms
from .timing import Stops, timeline


def follow(problem: Problem, wanted: Sequence[Sequence[Visit]]) -> list[list[Visit]]:
    """For each day its locked visits and as much of the wanted order as keeps every rule."""
    return [_follow(problem, d, visits) for d, visits in enumerate(wanted)]


def _follow(problem: Problem, d: int, wanted: Sequence[Visit]) -> list[Visit]:
    """The locked visits of the day and as much of the wanted order as keeps every rule."""
    day, held = problem.days[d], problem.locked(problem.days[d].id)
    free = [v for v in wanted if not v.lock and allows(v, day)]
    whole = [v for v in wanted if v in held or v in free]
    if [v for v in whole if v.lock] == held and keeps(problem, day, whole):
        return whole
    route, floor = held, 0
    for visit in free:
        for leg in range(floor, len(route) + 1):
            longer = [*route[:leg], visit, *route[leg:]]
            if keeps(problem, day, longer):
                route, floor = longer, leg + 1
                break
    return route


def keeps(problem: Problem, day: EngineerDay, route: Sequence[Visit]) -> bool:
    """Whether a sequence of allowed visits keeps hours, breaks, longest drive, number of visits and parts.

    What only locked visits do is never held against the sequence.
    """
    stops = Stops.of(problem, day, route)
    if timeline(stops) is None:
        return False
    limit = day.max_travel
    if limit is not None and any(
        drive > limit and not stops.stands(i) for i, drive in enumerate(stops.drives[: len(route)])
    ):
        return False
    held = [v for v in route if v.lock]
    for visit in (v for v in route if not v.lock):
        if load(visit, day, held):
            return False
        held.append(visit)
    return True


def cost(search: Insertion, left: Sequence[Visit]) -> float:
    """Points of a whole plan; the sum of the same terms by which single visits are placed."""
    weights, routes = search.problem.weights, search.table.routes
    mean = sum(map(len, routes)) / max(len(routes), 1)
    ends = search.problem.ends
    total = sum(left_out(weights, visit, ends) for visit in left)
    for d, route in enumerate(routes):
        hours = search.hours(d)
        total += hours.points(weights) if hours else 0.0
        total += weights.balance * (len(route) - mean) ** 2 / 2
        for visit in route:
            total -= sum(term.points for term in standing_terms(weights, visit, search.problem.days[d]))
    return total
