"""Build routes: follow a seed as far as every rule holds, then insert what is left at its best place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .insertion import Insertion
from .model import EngineerDay, Problem, Visit
from .rules import allows, load
from .score import standing_terms
from .timing import Stops, timeline


@dataclass(frozen=True)
class Draft:
    """Finished routes with the visits that found no place; `cost` in points, lower is better."""

    search: Insertion
    left: tuple[Visit, ...]
    method: str
    cost: float


def draft(problem: Problem, seed: Sequence[Sequence[Visit]], method: str) -> Draft:
    """Locked visits first, then the seed (visits per day, in order), then everything else by insertion."""
    search = Insertion(problem, [_follow(problem, d, wanted) for d, wanted in enumerate(seed)])
    placed = {v.id for route in search.table.routes for v in route}
    left = _insert(search, [v for v in problem.visits if v.id not in placed])
    return Draft(search, tuple(left), method, cost(search, left))


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


def _insert(search: Insertion, visits: Sequence[Visit]) -> list[Visit]:
    """Insert each visit at its best place, the important and the rare first; what fits nowhere is returned."""
    able = {v.id: sum(allows(v, day) for day in search.problem.days) for v in visits}
    order = sorted(visits, key=lambda v: (-v.priority, able[v.id], v.starts[-1][1] if v.starts else 0, v.id))
    left = []
    for visit in order:
        found = search.best(visit, search.table.try_everywhere(visit), search.eligible(visit), 1)
        if not found:
            left.append(visit)
            continue
        d, leg = search.problem.day_index[found[0].day_id], found[0].position
        route = search.table.routes[d]
        search.put(d, (*route[:leg], visit, *route[leg:]))
    return left


def cost(search: Insertion, left: Sequence[Visit]) -> float:
    """Points of a whole plan; the sum of the same terms by which single visits are placed."""
    weights, routes = search.problem.weights, search.table.routes
    mean = sum(map(len, routes)) / max(len(routes), 1)
    total = weights.unserved * sum(v.priority for v in left)
    for d, route in enumerate(routes):
        hours = search.hours(d)
        total += hours.points(weights) if hours else 0.0
        total += weights.balance * (len(route) - mean) ** 2 / 2
        for visit in route:
            total -= sum(term.points for term in standing_terms(weights, visit, search.problem.days[d]))
    return total
