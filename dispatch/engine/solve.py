"""Plan whole days: try several seeds (the present plan, VROOM, none), complete each, answer the cheapest."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from . import vroom
from .answer import Plan, Reason, Rejection, Route, Totals, Unassigned
from .construct import Draft, draft
from .insertion import present_routes
from .model import Problem, Visit
from .settle import settle
from .timing import steps
from .whynot import rejections

Progress = Callable[[float, str], None]
Strains = Mapping[str, tuple[Reason, ...]]


@dataclass(frozen=True)
class Options:
    """How to search. `level` is VROOM's exploration (0–5), `time_limit` the seconds it may take."""

    level: int = 1
    time_limit: float = 10.0
    use_vroom: bool = True
    explain: bool = True


DEFAULT = Options()


def plan(
    problem: Problem,
    options: Options = DEFAULT,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda share, message: None,
) -> Plan:
    """The cheapest plan found. Locked visits stand where they are; the same input gives the same plan.

    `stop` is asked between and within the searches; once it says yes, the best so far is answered.
    """
    began = time.monotonic()
    eased, strains = settle(problem)
    drafts: list[Draft] = []
    notes: list[str] = []
    if any(eased.routes.values()):
        drafts.append(draft(eased, present_routes(eased), "present"))
    progress(0.2, "search")
    if options.use_vroom and eased.days and eased.visits and not stop():
        try:
            left = max(1.0, options.time_limit - (time.monotonic() - began))
            drafts.append(draft(eased, vroom.seed(eased, level=options.level, time_limit=left, stop=stop), "vroom"))
        except vroom.VroomFailed as failure:
            notes.append(str(failure))
    if not any(d.method == "vroom" for d in drafts) and not (drafts and stop()):
        drafts.append(draft(eased, [()] * len(eased.days), "greedy"))
    progress(0.8, "explain")
    best = min(drafts, key=lambda d: d.cost)
    return replace(_answer(eased, best, strains, options.explain and not stop()), notes=tuple(notes))


def _answer(problem: Problem, best: Draft, strains: Strains, explain: bool) -> Plan:
    routes = tuple(_route(problem, best, d, strains) for d in range(len(problem.days)))
    left = tuple(_unassigned(best, visit, explain) for visit in sorted(best.left, key=lambda v: v.id))
    return Plan(routes, left, _totals(problem, best, routes), problem.travel.source, best.method)


def _route(problem: Problem, best: Draft, d: int, strains: Strains) -> Route:
    day, hours = problem.days[d], best.search.hours(d)
    noted = strains.get(day.id, ())
    if hours is None or not hours.stops.visits:
        return Route(day.id, day.engineer_id, (), day.shift_start, day.shift_start, 0, 0, 0, noted)
    return Route(
        day_id=day.id,
        engineer_id=day.engineer_id,
        steps=steps(problem, hours.stops, hours.line),
        start=day.shift_start,
        end=hours.line.end,
        drive_seconds=hours.drive,
        drive_metres=hours.metres(problem),
        overtime=hours.overtime,
        strains=noted,
    )


def _unassigned(best: Draft, visit: Visit, explain: bool) -> Unassigned:
    """Counts per rule over all days, and the days on which the smallest change of hours would do."""
    if not explain:
        return Unassigned(visit.id, {})
    table = best.search.table
    refused = list(rejections(table, visit, range(len(table.routes)), brief=True))
    counts = Counter(rule for rejection in refused for rule in {reason.rule for reason in rejection.reasons})
    timely = [r for r in refused if any(reason.any_of and "seconds" in reason.numbers for reason in r.reasons)]
    return Unassigned(visit.id, dict(sorted(counts.items())), tuple(sorted(timely, key=_least)[:3]))


def _least(rejection: Rejection) -> tuple[int, str]:
    changes = [r.numbers["seconds"] for r in rejection.reasons if r.any_of and "seconds" in r.numbers]
    return min(c for c in changes if isinstance(c, int)), rejection.day_id


def _totals(problem: Problem, best: Draft, routes: tuple[Route, ...]) -> Totals:
    taken = [(route, step) for route in routes for step in route.steps if step.visit_id is not None]
    present = {v.id: v.present for v in problem.visits}
    moved = [s for r, s in taken if s.visit_id and present[s.visit_id] not in (None, r.engineer_id)]
    return Totals(
        assigned=len(taken),
        unassigned=len(best.left),
        drive_seconds=sum(route.drive_seconds for route in routes),
        drive_metres=sum(route.drive_metres for route in routes),
        overtime=sum(route.overtime for route in routes),
        late=sum(step.late > 0 for _, step in taken),
        moved=len(moved),
        cost=round(best.cost, 3),
    )
