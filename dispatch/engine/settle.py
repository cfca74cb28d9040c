"""Make a day that its locked visits alone already break searchable, and say what they break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from .answer import Reason
from .model import Break, EngineerDay, Lock, Problem, Visit
from .rules import standing
from .sheet import Sheet
from .timing import NEVER, Stops, begin, earliest, timeline


def settle(problem: Problem) -> tuple[Problem, dict[str, tuple[Reason, ...]]]:
    """Ease each day just enough for its locked visits; the second value names what they break, by day id.

    Facts win over rules: a started visit that overruns the shift stays, and the shift is taken to be that much longer.
    Breaks that lie outside the shift are no breaks of that day.
    """
    late = _late(problem)
    settled = [_settle_day(late, day) for day in problem.days]
    eased = replace(late, days=tuple(day for day, _ in settled))
    strains = {day.id: (*own, *_misfits(late, day)) for day, (_, own) in zip(problem.days, settled, strict=True)}
    return eased, {day_id: found for day_id, found in strains.items() if found}


def _late(problem: Problem) -> Problem:
    """The problem with standing visits that cannot begin on time at the time when they can."""
    visits = list(problem.visits)
    for day in problem.days:
        free, place = day.shift_start, day.start
        for visit in sorted(problem.locked(day.id), key=lambda v: not (v.lock and v.lock.began)):
            assert visit.lock is not None
            wait = max(0, free + problem.drive(day, place, visit.place) - visit.lock.start)
            if wait and not visit.lock.began:
                lock = replace(visit.lock, start=visit.lock.start + wait, late=visit.lock.late + wait)
                visit = replace(visit, lock=lock)
                visits[problem.visit_index[visit.id]] = visit
            free, place = max(day.shift_start, visit.starts[0][0] + visit.service), visit.place
    return replace(problem, visits=tuple(visits))


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
    slack = max(0, day.slack - over)
    over -= day.slack - slack
    strains = [Reason("break", {"earliest": b.earliest}) for b in day.breaks if b not in kept]
    if over:
        strains.append(Reason("shift_overrun", {"seconds": over, "side": "end"}))
    eased = replace(day, breaks=kept, overtime_limit=day.overtime_limit + over, slack=slack)
    return eased, tuple(strains)


def anchored(problem: Problem) -> Problem:
    """Take a present route that cannot be kept as planned for what will really happen: in this order, late if need be.

    Used where the present routes are not to be changed: their visits then stand as locked ones do.
    """
    visits = list(problem.visits)
    days = tuple(replace(day, breaks=due(day)) if day.breaks else day for day in problem.days)
    routes = [_route(problem, day) for day in days]
    keeps = Sheet.of(replace(problem, days=days), routes).batch.keeps.tolist()
    for day, route, kept in zip(days, routes, keeps, strict=True):
        if kept or not route:
            continue
        for visit, start in _as_it_will_be(problem, day, route):
            visits[problem.visit_index[visit.id]] = replace(visit, lock=_stands(visit, day, start))
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


def _stands(visit: Visit, day: EngineerDay, start: int) -> Lock:
    late = start - visit.lock.start if visit.lock else 0
    return Lock(day.id, start, began=visit.lock is not None and visit.lock.began, late=late)


def _as_it_will_be(problem: Problem, day: EngineerDay, route: list[Visit]) -> Iterator[tuple[Visit, int]]:
    clock = day.shift_start
    for visit, drive in zip(route, Stops.of(problem, day, route).drives, strict=False):
        arrival = clock + drive
        if visit.lock:
            start = visit.lock.start if visit.lock.began else max(visit.lock.start, arrival)
        else:
            start = begin(visit.starts, arrival)
            start = start if start < NEVER else arrival
        yield visit, start
        clock = max(day.shift_start, start + visit.service)


def _misfits(late: Problem, day: EngineerDay) -> Iterator[Reason]:
    """What standing visits break, begun as late as they must. Of what has begun nothing is told: it is a fact."""
    whole = replace(day, slack=0)
    for visit in late.locked(day.id):
        assert visit.lock is not None
        for reason in () if visit.lock.began else standing(visit, whole):
            yield Reason(reason.rule, {**reason.numbers, "visit": visit.id})
        if missed := visit.lock.late and _missed(visit, visit.lock):
            yield Reason("window_miss", {"seconds": missed, "side": "late", "visit": visit.id})


def _missed(visit: Visit, lock: Lock) -> int:
    """Seconds after the last window or, without one, after the hour that was told."""
    promised = visit.windows[-1][1] if visit.windows else visit.told
    return lock.late if promised is None else max(0, lock.start - promised)


def _most_first(breaks: tuple[Break, ...]) -> Iterator[tuple[Break, ...]]:
    for size in range(len(breaks), -1, -1):
        yield from combinations(breaks, size)
