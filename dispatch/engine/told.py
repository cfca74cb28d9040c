"""Keep what was told: a planned visit begins at its told hour wherever that costs nothing.

The search counts hours as early as they can be. What a repair takes from a day would pull everything behind it forward,
and a customer who was told half past two would hear of twenty past. So once the routes are found, whoever could come
sooner waits, as far as nobody behind comes later than counted or told and nothing costs more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .insertion import Insertion
from .model import Visit
from .score import Hours
from .timing import NEVER, Stops, Timeline, latest, timeline

PATIENCE = 15 * 60
"""Seconds that a visit for which nothing was told yet waits at most for the told hours of those ahead of it."""


def lines(search: Insertion) -> list[Timeline | None]:
    """The hours of each day with the told ones kept; None where there are none."""
    hours = [search.hours(d) for d in range(len(search.table.routes))]
    return [None if one is None else kept(one) for one in hours]


def kept(hours: Hours) -> Timeline:
    """The hours of a sequence with as many told ones as cost nothing; overtime, lateness and delay stay what they are.

    One visit after the other gets the latest start up to its told one that keeps the bounds of all behind it.
    """
    stops, line = _bounded(hours), hours.line
    for i, visit in enumerate(hours.stops.visits):
        if visit.told is None or visit.lock or line.starts[i] >= visit.told:
            continue
        stops, line = next(_begun_later(stops, line, i, visit.told), (stops, line))
    return line


def _begun_later(stops: Stops, line: Timeline, i: int, told: int) -> Iterator[tuple[Stops, Timeline]]:
    """The sequence with visit i begun as late as it may, up to its told start; the latest first."""
    limits = {min(told, by) for by in latest(stops)[i + 1] if by > -NEVER}
    for start in sorted(limits, reverse=True):
        if start <= line.starts[i]:
            return
        waits = replace(stops, visits=_with(stops.visits, i, replace(stops.visits[i], earliest=start)))
        if (later := timeline(waits)) is not None:
            yield waits, later


def _bounded(hours: Hours) -> Stops:
    """The sequence with no visit, and no end of the day, later than costs nothing."""
    day, line = hours.stops.day, hours.line
    ends = max(line.end, min(day.shift_end, day.latest_end))
    visits = hours.stops.visits
    for i, visit in enumerate(visits):
        if visit.lock is None:
            bound = _bound(visit, line.starts[i])
            bound = bound if visit.latest is None else min(bound, visit.latest)
            visits = _with(visits, i, replace(visit, latest=bound))
    return replace(hours.stops, visits=visits, day=replace(day, overtime_limit=ends - day.shift_end + day.slack))


def _bound(visit: Visit, counted: int) -> int:
    """The last start of a visit that costs no more than the counted one."""
    bound = counted + PATIENCE if visit.told is None else visit.told
    return max(counted, bound if visit.deadline is None else min(bound, visit.deadline - visit.service))


def _with(visits: Sequence[Visit], i: int, visit: Visit) -> tuple[Visit, ...]:
    return (*visits[:i], visit, *visits[i + 1 :])


def as_told(search: Insertion, hours: Sequence[Timeline | None]) -> Insertion:
    """The same routes once they are the present plan: nobody comes before the hour that the plan told."""
    start = {
        visit.id: begins
        for route, line in zip(search.table.routes, hours, strict=True)
        if line is not None
        for visit, begins in zip(route, line.starts, strict=True)
        if visit.lock is None
    }
    visits = {v.id: replace(v, earliest=start[v.id]) if v.id in start else v for v in search.problem.visits}
    problem = replace(search.problem, visits=tuple(visits.values()))
    return Insertion(problem, [[visits[v.id] for v in route] for route in search.table.routes])
