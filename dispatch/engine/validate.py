"""A second opinion on a plan, written without any code of the search: it re-derives everything from the problem.

What the locked visits do by themselves (overlap, outrun the shift, lack a skill) is not held against a plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, pairwise

from .answer import Plan, Route, Step
from .model import Break, EngineerDay, Problem, Visit


@dataclass(frozen=True)
class Violation:
    """One broken rule, where, and a sentence for whoever has to find the bug."""

    rule: str
    day_id: str
    visit_id: str | None
    detail: str


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Every hard rule that the plan breaks; an empty list for a good plan."""
    visits = {v.id: v for v in problem.visits}
    days = {d.id: d for d in problem.days}
    found = list(_accounting(problem, plan))
    for route in plan.routes:
        found += _route(problem, days[route.day_id], route, visits)
    return found


def _accounting(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each visit exactly once, locked ones on their day at their hour."""
    seen = Counter(v for route in plan.routes for v in route.visit_ids)
    seen.update(u.visit_id for u in plan.unassigned)
    where = {s.visit_id: (r.day_id, s.start) for r in plan.routes for s in r.steps if s.visit_id}
    stand = {visit.id: (day.id, start) for day in problem.days for start, visit in _standing(problem, day)}
    for visit in problem.visits:
        if seen[visit.id] != 1:
            yield Violation("once", "", visit.id, f"appears {seen[visit.id]} times")
        if visit.lock and where.get(visit.id) != stand.get(visit.id):
            yield Violation("lock", visit.lock.day_id, visit.id, f"locked visit is at {where.get(visit.id)}")
    for unknown in set(seen) - {v.id for v in problem.visits}:
        yield Violation("once", "", unknown, "not a visit of the problem")


def _standing(problem: Problem, day: EngineerDay) -> list[tuple[int, Visit]]:
    """(start, visit) of the day's locked visits, one after the other; what has not begun waits for the engineer."""
    held = [(not v.lock.began, v.lock.start, v.id, v) for v in problem.visits if v.lock and v.lock.day_id == day.id]
    found, free, place = [], day.shift_start, day.start
    for waits, start, _, visit in sorted(held, key=lambda h: h[:3]):
        at = max(start, free + _drive(problem, day, place, visit.place)) if waits else start
        found.append((at, visit))
        free, place = max(at + visit.service, day.shift_start), visit.place
    return found


def _route(problem: Problem, day: EngineerDay, route: Route, visits: dict[str, Visit]) -> Iterator[Violation]:
    taken = [(step, visits[step.visit_id]) for step in route.steps if step.visit_id in visits]
    for step, visit in taken:
        if step.end - step.start != visit.service:
            yield Violation("service", day.id, visit.id, f"{step.end - step.start} s instead of {visit.service}")
        if step.arrival > step.start:
            yield Violation("hours", day.id, visit.id, f"arrival {step.arrival}, start {step.start}")
        if step.late != _late(step, visit):
            yield Violation("late", day.id, visit.id, f"{step.late} s late instead of {_late(step, visit)}")
        if not visit.lock:
            yield from _who(day, visit)
            yield from _when(day, step, visit)
    yield from _load(day, [visit for _, visit in taken])
    yield from _drives(problem, day, route, taken)
    yield from _breaks(problem, day, route)


def _late(step: Step, visit: Visit) -> int:
    deadline = step.end if visit.deadline is None else visit.deadline
    return max(0, step.end - deadline, step.start - visit.lock.start if visit.lock else 0)


def _who(day: EngineerDay, visit: Visit) -> Iterator[Violation]:
    for code, level in visit.skills.items():
        if day.skills.get(code, 0) < level:
            yield Violation("skill", day.id, visit.id, f"{code} at level {level}")
    if visit.territory and visit.territory not in day.territories and "*" not in day.territories:
        yield Violation("territory", day.id, visit.id, visit.territory)
    barred = day.engineer_id in visit.excluded_engineers
    if barred or (visit.required_engineers and day.engineer_id not in visit.required_engineers):
        yield Violation("excluded", day.id, visit.id, day.engineer_id)
    if visit.crew_size > day.crew_size:
        yield Violation("crew", day.id, visit.id, f"{day.crew_size} of {visit.crew_size}")


def _when(day: EngineerDay, step: Step, visit: Visit) -> Iterator[Violation]:
    inside = not visit.windows or any(a <= step.start <= b for a, b in visit.windows)
    soon = visit.earliest is not None and step.start < visit.earliest
    late = visit.latest is not None and step.start > visit.latest
    if not inside or soon or late:
        yield Violation("window", day.id, visit.id, f"starts at {step.start}")
    if step.start < day.shift_start:
        yield Violation("hours", day.id, visit.id, f"start {step.start} before the shift")


def _load(day: EngineerDay, taken: Sequence[Visit]) -> Iterator[Violation]:
    free = [v for v in taken if not v.lock]
    if free and day.max_jobs is not None and len(taken) > day.max_jobs:
        yield Violation("max_jobs", day.id, None, f"{len(taken)} of {day.max_jobs}")
    for part in {p for v in free for p, n in v.parts.items() if n}:
        need = sum(v.parts.get(part, 0) for v in taken)
        if need > day.parts.get(part, 0):
            yield Violation("parts", day.id, None, f"{need} of {part}, has {day.parts.get(part, 0)}")


def _drives(
    problem: Problem, day: EngineerDay, route: Route, taken: Sequence[tuple[Step, Visit]]
) -> Iterator[Violation]:
    """Between two stops there must be time for the drive and for every break taken in between."""
    if not taken:
        return
    pauses = [s for s in route.steps if s.kind == "break"]
    place, left, fixed = day.start, day.shift_start, True
    for step, visit in taken:
        drive = _drive(problem, day, place, visit.place)
        rest = sum(p.end - p.start for p in pauses if left <= p.start < step.start)
        began = visit.lock is not None and visit.lock.began
        if left + drive + rest > step.start and not (fixed and began):
            yield Violation("travel", day.id, visit.id, f"needs {drive} s, has {step.start - left - rest}")
        if not (fixed and visit.lock) and day.max_travel is not None and drive > day.max_travel:
            yield Violation("unreachable", day.id, visit.id, f"{drive} s of {day.max_travel}")
        place, left, fixed = visit.place, step.end, visit.lock is not None
    rest = sum(p.end - p.start for p in pauses if p.start >= left)
    home = left + _drive(problem, day, place, day.end) + rest
    if route.end < home:
        yield Violation("travel", day.id, None, f"ends at {route.end}, cannot be there before {home}")
    if route.end > max(day.shift_end + day.overtime_limit - day.slack, _end_of_locked(problem, day)):
        yield Violation("shift", day.id, None, f"ends at {route.end}")


def _end_of_locked(problem: Problem, day: EngineerDay) -> int:
    """When the day would end with its locked visits alone, every break behind them at the worst."""
    held = _standing(problem, day)
    if not held:
        return 0
    start, last = held[-1]
    end, place = start + last.service, last.place
    free = max(end, day.shift_start)
    after = sorted((b for b in day.breaks if b.latest >= free), key=lambda b: b.earliest)
    ends = [b.earliest + sum(other.duration for other in after[i:]) for i, b in enumerate(after)]
    return max(free + _drive(problem, day, place, day.end) + sum(b.duration for b in after), *ends, 0)


def _breaks(problem: Problem, day: EngineerDay, route: Route) -> Iterator[Violation]:
    """Breaks that fall into the shift are all taken, in their windows, and never during a visit."""
    if not route.visit_ids:
        return
    pauses = sorted((s for s in route.steps if s.kind == "break"), key=lambda s: s.start)
    due = [b for b in day.breaks if b.latest >= day.shift_start and b.earliest + b.duration <= day.latest_end]
    open_ = sorted(due, key=lambda b: b.latest)  # the one that has to be over first: the others can be later
    for pause in pauses:
        match = next(
            (b for b in open_ if b.earliest <= pause.start <= b.latest and b.duration == pause.end - pause.start), None
        )
        if match is None:
            yield Violation("break", day.id, None, f"no break may start at {pause.start}")
        else:
            open_.remove(match)
    if len(due) - len(open_) < _most_breaks(problem, day, due):
        yield Violation("break", day.id, None, f"{len(open_)} not taken")
    busy = sorted((s.start, s.end, s.kind) for s in route.steps)
    for (_, end, kind), (start, _, other) in pairwise(busy):
        if start < end and "break" in (kind, other):
            yield Violation("break", day.id, None, f"overlaps work at {start}")


def _most_breaks(problem: Problem, day: EngineerDay, due: Sequence[Break]) -> int:
    """How many of these breaks the locked visits leave room for, found by trying every way to spread them."""
    gaps = _gaps(problem, day)
    ordered = sorted(due, key=lambda b: (b.earliest, b.latest))
    for size in range(len(ordered), 0, -1):
        for some in combinations(ordered, size):
            for spread in combinations_with_replacement(range(len(gaps)), size):
                shares = [[b for b, g in zip(some, spread, strict=True) if g == gap] for gap in range(len(gaps))]
                if all(_takes(gap, share) for gap, share in zip(gaps, shares, strict=True)):
                    return size
    return 0


def _gaps(problem: Problem, day: EngineerDay) -> list[tuple[int, int, int]]:
    """(free from, free until, drive) around the locked visits of a day; the last gap has no end."""
    gaps, free, place = [], day.shift_start, day.start
    for start, visit in _standing(problem, day):
        gaps.append((free, start, _drive(problem, day, place, visit.place)))
        free, place = max(start + visit.service, day.shift_start), visit.place
    return [*gaps, (free, 2**62, 0)]


def _takes(gap: tuple[int, int, int], share: Sequence[Break]) -> bool:
    free, until, drive = gap
    clock = free
    for pause in share:
        clock = max(clock, pause.earliest)
        if clock > pause.latest:
            return False
        clock += pause.duration
    return not share or max(clock, free + drive + sum(b.duration for b in share)) <= until


def _drive(problem: Problem, day: EngineerDay, origin: int, target: int) -> int:
    seconds = int(problem.travel.seconds(origin, target)) * day.travel_percent
    return seconds // 100 + (seconds % 100 > 0)
