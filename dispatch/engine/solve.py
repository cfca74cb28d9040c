"""Plan whole days: begin with the best of some seeds (the present plan, none, VROOM), then search for a better one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import tally, vroom
from .answer import Numbers, Plan, Reason, Rejection, Route, Totals, Trail, Unassigned
from .construct import cost, follow
from .improve import GENTLE, HOT, Search, compile_now
from .insertion import Insertion, present_routes
from .model import Problem, Visit
from .parts import FEWEST, Budget, Divided
from .settle import settle
from .timing import NEVER, Timeline, steps
from .told import as_told, lines
from .whynot import Refusals

Progress = Callable[[float, str], None]
Start = tuple[str, Mapping[str, Sequence[str]]]
"""How it was made, and ids of visits by day."""
Strains = Mapping[str, tuple[Reason, ...]]
SEEDING = 0.4
"""Share of the time that VROOM may take for its seed."""
REPAIRED = 0.5
"""Share of the visits from which on a present plan is repaired: VROOM knows nothing of it, and its time is wanted."""
MOST_FOR_VROOM = 1_000
"""Visits. Its question holds the travel between all of them as text, and its time grows faster than ours."""
MOST_WAYS = 3
"""Ways to place a visit that a plan left out, the cheapest first."""
TIMELY = frozenset(("window_miss", "shift_overrun", "unreachable"))
"""Rules of which a reason tells by how much they would have to give way."""


@dataclass(frozen=True)
class Options:
    """How to search. The same `seed`, `rounds` and `start` give the same plan.

    `rounds` None: as many as the `time_limit` (seconds) allows and as are worth while; `until` ends the search that
    many rounds into them. `level` is VROOM's exploration (0-5); it is asked when insertion leaves visits over.
    `start` replays a plan: ids of visits by day, in place of plans to choose from. VROOM counts its time by the wall,
    so on a busy machine its answer may be another one. `part` is how many days are searched as one when
    there are so many more that they are searched in parts (`parts`). `counts` replays these: the rounds done in each.
    """

    time_limit: float = 10.0
    seed: int = 1
    rounds: int | None = None
    until: int | None = None
    part: int = 100
    counts: Sequence[int] | None = None
    start: Start | None = None
    level: int = 1
    use_vroom: bool = True
    explain: bool = True


DEFAULT = Options()


@dataclass(frozen=True)
class Draft:
    """Finished routes with the visits that found no place; `cost` in points, lower is better."""

    search: Insertion
    left: tuple[Visit, ...]
    cost: float
    trail: Trail


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
    compile_now()  # before the clock runs: a search that has no time left would answer its first idea
    deadline = time.monotonic() + options.time_limit
    eased, strains = settle(problem)
    notes: list[str] = []
    progress(0.05, "search")
    able = _workable(eased)
    if not able.days or not eased.visits:
        empty = Insertion(eased, [()] * len(eased.days))
        best = Draft(empty, eased.visits, cost(empty, eased.visits), Trail("greedy", {}))
    else:
        best = _drawn(eased, *_search(able, options, deadline, stop, progress, notes))
    progress(0.9, "explain")
    return replace(_answer(eased, best, strains, options.explain and not stop()), notes=tuple(notes))


def _workable(problem: Problem) -> Problem:
    """The problem without the days that cannot even be spent without a visit, as when a break fits into no shift."""
    empty = Insertion(problem, follow(problem, [()] * len(problem.days)))
    days = tuple(day for d, day in enumerate(problem.days) if empty.hours(d) is not None)
    return replace(problem, days=days, routes={d.id: problem.routes[d.id] for d in days if d.id in problem.routes})


def _drawn(problem: Problem, routes: Mapping[str, Sequence[Visit]], trail: Trail) -> Draft:
    """The draft with these routes by day; other days stay empty."""
    drawn = Insertion(problem, [routes.get(day.id, ()) for day in problem.days])
    placed = {v.id for route in routes.values() for v in route}
    missing = tuple(v for v in problem.visits if v.id not in placed)
    return Draft(drawn, missing, cost(drawn, missing), trail)


def _search(
    problem: Problem,
    options: Options,
    deadline: float,
    stop: Callable[[], bool],
    progress: Progress,
    notes: list[str],
) -> tuple[Mapping[str, Sequence[Visit]], Trail]:
    """The best routes that the budget allows, by day, and how they were found; what went wrong is noted."""
    search = Search(problem, options.seed)
    method, routes = _begin(problem, options, search, deadline, stop, notes)
    search.start(routes)
    improve = _in_parts if _parts(problem, options) > 1 else _at_once
    trail = improve(search, options, deadline, GENTLE if method == "present" else HOT, stop, progress)
    days = [day.id for day in problem.days]
    start = {day: tuple(visit.id for visit in route) for day, route in zip(days, routes, strict=True)}
    return dict(zip(days, search.routes, strict=True)), replace(trail, method=method, start=start)


def _at_once(
    search: Search, options: Options, deadline: float, hot: float, stop: Callable[[], bool], progress: Progress
) -> Trail:
    """Improve the search's plan; the answer tells the rounds only."""
    rounds = options.rounds if options.rounds is not None else search.rounds_within(deadline - time.monotonic())
    done = search.improve(
        rounds,
        lambda: stop() or (options.rounds is None and time.monotonic() > deadline),
        until=options.until,
        hot=hot,
        progress=lambda share: progress(0.1 + 0.8 * share, "search"),
    )
    return Trail("", {}, (rounds, done))


def _parts(problem: Problem, options: Options) -> int:
    """In how many parts a plan is searched."""
    if options.rounds == 0 or (options.counts is not None and not options.counts):
        return 1
    parts = round(len(problem.days) / options.part)
    return parts if parts >= FEWEST else 1


def _in_parts(
    search: Search, options: Options, deadline: float, hot: float, stop: Callable[[], bool], progress: Progress
) -> Trail:
    """The same for a large plan."""
    budget = Budget(options.rounds, deadline, hot, options.counts)
    divided = Divided(search, _parts(search.problem, options), budget, stop)
    divided.improve(lambda share: progress(0.1 + 0.8 * share, "search"))
    return Trail("", {}, (divided.rounds or 0, sum(divided.done)), tuple(divided.done))


def _begin(
    problem: Problem, options: Options, search: Search, deadline: float, stop: Callable[[], bool], notes: list[str]
) -> tuple[str, Sequence[Sequence[Visit]]]:
    """The plan to begin with: the one that was asked for, or the best of the seeds, every visit inserted that fits."""
    if options.start is not None:
        method, wanted = options.start
        index = problem.visit_index
        return method, [[problem.visits[index[v]] for v in wanted.get(day.id, ())] for day in problem.days]
    best, method = search.start(follow(problem, [()] * len(problem.days))), "greedy"
    routes = search.routes
    for name, seed in _seeds(problem, options, search, deadline, stop, notes):
        points = search.start(follow(problem, seed))
        if points <= best:
            best, routes, method = points, search.routes, name
    return method, routes


def _seeds(
    problem: Problem, options: Options, search: Search, deadline: float, stop: Callable[[], bool], notes: list[str]
) -> Iterator[tuple[str, Sequence[Sequence[Visit]]]]:
    """Plans to begin with besides the empty one; what fails is noted."""
    placed, kept = int(search.best_n.sum()), 0
    if any(problem.routes.values()):
        yield "present", present_routes(problem)
        kept = int(search.best_n.sum())
    wanted = options.use_vroom and max(placed, kept) < len(problem.visits) <= MOST_FOR_VROOM
    if wanted and kept < REPAIRED * len(problem.visits) and not stop():
        limit = max(1.0, SEEDING * (deadline - time.monotonic()))
        try:
            yield "vroom", vroom.seed(problem, level=options.level, time_limit=limit, stop=stop)
        except vroom.VroomFailed as failure:
            notes.append(str(failure))


def _answer(problem: Problem, best: Draft, strains: Strains, explain: bool) -> Plan:
    told = lines(best.search)
    routes = tuple(_route(problem, best, d, line, strains) for d, line in enumerate(told))
    applied = as_told(best.search, told) if explain and best.left else None
    left = tuple(_unassigned(applied, visit) for visit in sorted(best.left, key=lambda v: v.id))
    return Plan(routes, left, _totals(problem, best, routes), problem.travel.source, best.trail)


def _route(problem: Problem, best: Draft, d: int, line: Timeline | None, strains: Strains) -> Route:
    day, hours = problem.days[d], best.search.hours(d)
    noted = strains.get(day.id, ())
    if hours is None or line is None or not hours.stops.visits:
        return Route(day.id, day.engineer_id, (), day.shift_start, day.shift_start, 0, 0, 0, noted)
    return Route(
        day_id=day.id,
        engineer_id=day.engineer_id,
        steps=steps(problem, hours.stops, line),
        start=day.shift_start,
        end=line.end,
        drive_seconds=hours.drive,
        drive_metres=hours.metres(problem),
        overtime=hours.overtime,
        strains=noted,
    )


def _unassigned(applied: Insertion | None, visit: Visit) -> Unassigned:
    """Engineers per rule, each of them once, and days on which the smallest change of hours would do.

    Asked of the plan as it will be once it is applied: what it tells is then kept, so a shift that begins earlier helps
    only where the visit fits ahead of all others. Nothing is explained without it.
    """
    if applied is None:
        return Unassigned(visit.id, {})
    table = applied.table
    fit = table.try_everywhere(visit)
    refused = list(Refusals(table, visit, range(len(table.routes)), brief=True, fits=fit.days))
    obstacles = tally.of_rejections(refused).values()
    counts = Counter(reason.rule for reason in obstacles)
    lacking = Counter(str(reason.numbers["missing"]) for reason in obstacles if reason.rule == "skill")
    added = np.where(fit.fits, fit.added, NEVER).min(axis=1).tolist()
    drives = dict(zip((day.id for day in table.problem.days), added, strict=True))
    ways = sorted((_least(r), drives[r.day_id], r.day_id, n) for n, r in enumerate(refused) if _is_way(r))
    cheapest = tuple(refused[n] for *_, n in ways[:MOST_WAYS])
    return Unassigned(visit.id, dict(sorted(counts.items())), cheapest, dict(sorted(lacking.items())))


def _is_way(rejection: Rejection) -> bool:
    """Whether a dispatcher can lift all that stands in the way: more visits than usual, or hours by a told length."""
    must = {reason.rule for reason in rejection.reasons if not reason.any_of}
    may = {reason.rule for reason in rejection.reasons if reason.any_of}
    return must <= {"max_jobs", *TIMELY} and (not may or bool(may & TIMELY))


def _least(rejection: Rejection) -> int:
    """Seconds of the least change of hours; 0 when none is needed."""
    must = [_change(r.numbers) for r in rejection.reasons if r.rule in TIMELY and not r.any_of]
    may = [_change(r.numbers) for r in rejection.reasons if r.rule in TIMELY and r.any_of]
    return sum(must) + min(may, default=0)


def _change(numbers: Numbers) -> int:
    """By how much a limit of hours has to give way; of a drive its length is told, beside the limit."""
    seconds, limit = numbers["seconds"], numbers.get("limit") or 0
    assert isinstance(seconds, int)
    assert isinstance(limit, int)
    return seconds - limit


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
