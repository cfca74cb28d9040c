"""Make a day that its locked visits alone already break searchable, and say what they break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from .answer import Reason
from .model import Break, EngineerDay, Lock, Problem, Visit
from .rules import standing
from .timing import NEVER, Stops, begin, earliest, timeline


def settle(problem: Problem) -> tuple[Problem, dict[str, tuple[Reason, ...]]]:
    """Ease each day just enough for its locked visits; the second value names what they break, by day id.

    Facts win over rules: a started visit that overruns the shift stays, and the shift is taken to be that much longer.
    Breaks that lie outside the shift are no breaks of that day.
    """
    settled = [_settle_day(problem, day) for day in problem.days]
    eased = replace(problem, days=tuple(day for day, _ in settled))
    return eased, {day.id: strains for day, strains in settled if strains}


def due(day: EngineerDay) -> tuple[Break, ...]:
    """The breaks that fall into the shift, in order."""
    inside = [b for b in day.breaks if b.latest >= day.shift_start and b.earliest + b.duration <= day.latest_end]
    return tuple(sorted(inside, key=lambda b: (b.earliest, b.latest)))


def _settle_day(problem: Problem, day: EngineerDay) -> tuple[EngineerDay, tuple[Reason, ...]]:
    day = replace(day, breaks=due(day))
    held = problem.locked(day.id)
    for kept in _most_first(day.breaks):
        stops = Stops.of(problem, replace(day, breaks=kept), held)
        end = earliest(stops)[0][-1][-1]
        if end < NEVER:
            break
    over = max(0, end - day.latest_end) if held else 0
    strains = [Reason("break", {"earliest": b.earliest}) for b in day.breaks if b not in kept]
    if over:
        strains.append(Reason("shift_overrun", {"seconds": over, "side": "end"}))
    eased = replace(day, breaks=kept, overtime_limit=day.overtime_limit + over)
    return eased, (*strains, *_misfits(problem, day, eased))


def anchored(problem: Problem) -> Problem:
    """Take a present route that cannot be kept as planned for what will really happen: in this order, late if need be.

    Used where the present routes are not to be changed: their visits then stand as locked ones do.
    """
    visits = list(problem.visits)
    for day in problem.days:
        route = _route(problem, day)
        if route and timeline(Stops.of(problem, replace(day, breaks=due(day)), route)) is None:
            for visit, start in _as_it_will_be(problem, day, route):
                visits[problem.visit_index[visit.id]] = replace(visit, lock=visit.lock or Lock(day.id, start))
    return replace(problem, visits=tuple(visits))


def expected(problem: Problem, day: EngineerDay) -> list[tuple[Visit, int]]:
    """The visits of a day's present route with the seconds at which they will begin, on time or late."""
    route = _route(problem, day)
    line = timeline(Stops.of(problem, replace(day, breaks=due(day)), route))
    if line is None:
        return list(_as_it_will_be(problem, day, route))
    return list(zip(route, line.starts, strict=True))


def _route(problem: Problem, day: EngineerDay) -> list[Visit]:
    index = problem.visit_index
    return [problem.visits[index[v]] for v in problem.routes.get(day.id, ())]


def _as_it_will_be(problem: Problem, day: EngineerDay, route: list[Visit]) -> Iterator[tuple[Visit, int]]:
    clock = day.shift_start
    for visit, drive in zip(route, Stops.of(problem, day, route).drives, strict=False):
        arrival = clock + drive
        start = begin(visit.starts, arrival) if visit.lock is None else max(visit.lock.start, arrival)
        start = start if start < NEVER else arrival
        yield visit, start
        clock = start + visit.service


def _misfits(problem: Problem, day: EngineerDay, eased: EngineerDay) -> Iterator[Reason]:
    held = problem.locked(day.id)
    for visit in held:
        for reason in standing(visit, day):
            yield Reason(reason.rule, {**reason.numbers, "visit": visit.id})
    hours = timeline(Stops.of(problem, eased, held))
    for visit, arrival, start in zip(held, hours.arrivals, hours.starts, strict=True) if hours else ():
        if arrival > start:
            yield Reason("window_miss", {"seconds": arrival - start, "side": "late", "visit": visit.id})


def _most_first(breaks: tuple[Break, ...]) -> Iterator[tuple[Break, ...]]:
    for size in range(len(breaks), -1, -1):
        yield from combinations(breaks, size)
