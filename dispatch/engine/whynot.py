"""Why a visit does not fit on a day: every rule that fails, each with the least change that would lift it.

Standing rules (skill, territory, parts …) must all be lifted. Where only the hours fail, each reason marked `any_of` is
one sufficient change. When no single change of hours helps, the hour reasons have to be lifted together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .answer import Reason, Rejection
from .legs import LegTable
from .model import EngineerDay, Problem, Visit
from .rules import load, standing
from .timing import NEVER, Stops, earliest, latest, timeline

SLACK = 2 * 86_400
"""Seconds by which a shift is stretched on either side to see whether the shift is what forbids."""
FOREVER = 2**40
"""Seconds of overtime for which no route is too long."""


def rejections(table: LegTable, visit: Visit, days: Sequence[int], *, brief: bool = False) -> Iterator[Rejection]:
    """The reasons for each of these days; a day on which the visit fits is left out.

    `brief` leaves out the hours where a standing rule fails anyway, and which visits could make room.
    """
    if not days:
        return
    problem = table.problem
    plain = {d: [*standing(replace(visit, lock=None), problem.days[d])] for d in days}
    for d in days:
        plain[d] += load(visit, problem.days[d], table.routes[d])
    fits = table.try_everywhere(visit).days
    hours = hour_reasons(
        table, visit, [d for d in days if not fits[d] and not (brief and plain[d])], displace=not brief
    )
    for d in days:
        reasons = plain[d] + _with_shift_named(plain[d], hours.get(d, []))
        if reasons:
            yield Rejection(problem.days[d].engineer_id, problem.days[d].id, tuple(reasons))


def _with_shift_named(reasons: list[Reason], hours: list[Reason]) -> list[Reason]:
    """`off_shift` already says that shift and windows do not meet: the hours are then not listed a second time."""
    return [] if any(r.rule == "off_shift" for r in reasons) else hours


def hour_reasons(table: LegTable, visit: Visit, days: Sequence[int], *, displace: bool) -> dict[int, list[Reason]]:
    """For days on which the hours do not allow the visit: the sufficient single changes, or the joint one."""
    if not days:
        return {}
    part = _part(table, days)
    close, open_ = part.window_gaps(visit)
    far = part.try_everywhere(visit, max_travel=False).days
    free = _relaxed(part, lambda day: replace(day, breaks=())).try_everywhere(visit).days
    out = {}
    for row, d in enumerate(days):
        single = [
            *_window(int(close[row]), int(open_[row])),
            *_shift(table.problem, visit, table.problem.days[d], table.routes[d]),
        ]
        if far[row]:
            single.append(_unreachable(table, visit, d))
        if free[row]:
            single.append(Reason("break", {"breaks": len(table.problem.days[d].breaks)}, any_of=True))
        if displace:
            single += _displaces(table, visit, d)
        out[d] = single or _joint(table, visit, d)
    return out


def _part(table: LegTable, days: Sequence[int]) -> LegTable:
    """A table of some of the days only."""
    problem = replace(table.problem, days=tuple(table.problem.days[d] for d in days))
    return LegTable(problem, [table.routes[d] for d in days])


def _relaxed(table: LegTable, change: Callable[[EngineerDay], EngineerDay]) -> LegTable:
    """The same routes with every day changed."""
    problem = table.problem
    days = tuple(change(day) for day in problem.days)
    return LegTable(replace(problem, days=days), table.routes)


def _window(close: int, open_: int) -> Iterator[Reason]:
    if close < NEVER:
        yield _timed("window_miss", close, "late", any_of=True)
    if open_ < NEVER:
        yield _timed("window_miss", open_, "early", any_of=True)


def _timed(rule: str, seconds: int, side: str, *, any_of: bool) -> Reason:
    return Reason(rule, {"seconds": seconds, "minutes": -(-seconds // 60), "side": side}, any_of)


def _shift(problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit]) -> Iterator[Reason]:
    """The least overtime, and the least earlier beginning, with which the visit would fit."""
    late = replace(day, overtime_limit=day.overtime_limit + SLACK)
    over = min((end for end in _ends(problem, visit, late, route)), default=NEVER) - day.latest_end
    if over < SLACK:
        yield _timed("shift_overrun", over, "end", any_of=True)
    soon = replace(day, shift_start=day.shift_start - SLACK)
    early = day.shift_start - max((begin for begin in _departures(problem, visit, soon, route)), default=-NEVER)
    if early < SLACK:
        yield _timed("shift_overrun", early, "start", any_of=True)


def _ends(problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit]) -> Iterator[int]:
    """When the day would end, for each position that keeps the longest drive."""
    for stops in _positions(problem, visit, day, route):
        yield earliest(stops)[0][-1][-1]


def _departures(problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit]) -> Iterator[int]:
    """The latest leaving from the start place that still does everything, for each position."""
    for stops in _positions(problem, visit, day, route):
        yield latest(stops)[0][0]


def _positions(problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit]) -> Iterator[Stops]:
    for leg in range(len(route) + 1):
        stops = Stops.of(problem, day, (*route[:leg], visit, *route[leg:]))
        if day.max_travel is None or _longest(stops, leg) <= day.max_travel:
            yield stops


def _longest(stops: Stops, leg: int) -> int:
    """The longer of the new drives to a visit; the drive to the end place does not count."""
    return max(stops.drives[leg : min(leg + 2, len(stops.visits))])


def _unreachable(table: LegTable, visit: Visit, d: int) -> Reason:
    """The least longest drive with which some position would do."""
    problem, day, route = table.problem, table.problem.days[d], table.routes[d]
    needs = [
        _longest(stops, leg)
        for leg, stops in enumerate(_positions(problem, visit, replace(day, max_travel=None), route))
        if latest(stops)[0][0] >= day.shift_start
    ]
    return Reason("unreachable", {"seconds": min(needs), "limit": day.max_travel}, any_of=True)


def _displaces(table: LegTable, visit: Visit, d: int) -> Iterator[Reason]:
    """The first planned visit of least priority whose removal makes room."""
    problem, day, route = table.problem, table.problem.days[d], table.routes[d]
    movable = sorted((v for v in route if not v.lock), key=lambda v: (v.priority, v.id))
    for other in movable:
        rest = tuple(v for v in route if v is not other)
        if any(latest(stops)[0][0] >= day.shift_start for stops in _positions(problem, visit, day, rest)):
            yield Reason("displaces", {"visits": [other.id]}, any_of=True)
            return


def _joint(table: LegTable, visit: Visit, d: int) -> list[Reason]:
    """No single change helps: what has to give way together for the visit to come last, without what need not."""
    problem, day, route = table.problem, table.problem.days[d], table.routes[d]
    changes = _to_come_last(problem, visit, day, route)
    for change in tuple(changes):
        fewer = [other for other in changes if other is not change]
        if fewer and _enough(problem, visit, day, route, fewer):
            changes = fewer
    return changes


def _to_come_last(problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit]) -> list[Reason]:
    """The hours that break when the visit is appended to the route, by how much."""
    patient = replace(day, overtime_limit=FOREVER, max_travel=None)
    stops, changes = Stops.of(problem, patient, (*route, visit)), []
    line = timeline(stops)
    if line is None:
        stops = Stops.of(problem, patient, (*route, _at_any_hour(visit)))
        line = timeline(stops)
        assert line is not None, "behind a route that works there is room"
        changes.append(_missed(visit, line.starts[-1]))
    if line.end > day.latest_end:
        changes.append(_timed("shift_overrun", line.end - day.latest_end, "end", any_of=False))
    if day.max_travel is not None and _longest(stops, len(route)) > day.max_travel:
        changes.append(Reason("unreachable", {"seconds": _longest(stops, len(route)), "limit": day.max_travel}))
    return changes


def _at_any_hour(visit: Visit) -> Visit:
    return replace(visit, windows=(), earliest=None, latest=None, lock=None)


def _missed(visit: Visit, start: int) -> Reason:
    """By how much the nearest window misses a start that lies in none."""
    late = min((start - b for _, b in visit.starts if b < start), default=NEVER)
    early = min((a - start for a, _ in visit.starts if a > start), default=NEVER)
    return _timed("window_miss", min(late, early), "early" if early < late else "late", any_of=False)


def _enough(
    problem: Problem, visit: Visit, day: EngineerDay, route: Sequence[Visit], changes: Sequence[Reason]
) -> bool:
    """Whether the visit fits once all these changes are made."""
    for change in changes:
        by = change.numbers["seconds"]
        assert isinstance(by, int)
        if change.rule == "shift_overrun":
            day = replace(day, overtime_limit=day.overtime_limit + by)
        elif change.rule == "unreachable":
            day = replace(day, max_travel=by)
        else:
            early, late = (by, 0) if change.numbers["side"] == "early" else (0, by)
            wider = tuple((a - early, b + late) for a, b in visit.starts)
            visit = replace(_at_any_hour(visit), windows=wider)
    return any(latest(stops)[0][0] >= day.shift_start for stops in _positions(problem, visit, day, route))
