"""PyVRP and OR-Tools on our field days, where they are installed (`bench/requirements.txt`); Callout needs neither.

They are told what they can know: skills, windows, shifts, parts, priorities. PyVRP knows no breaks: its shifts are
shorter by them. What of their answers does not keep all rules is not taken over. Seconds are those of the processor,
so that a busy machine is nobody's disadvantage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench.dispatch.solvers import Solver, as_they_are
from dispatch.engine.model import Problem, Visit
from dispatch.engine.rules import allows
from dispatch.engine.settle import settle

FORBIDDEN = 10**7
"""Seconds of a way that nobody may take; with larger ones PyVRP may never end."""
WORTH = 200_000
"""Seconds of driving that a visit of priority 1 is worth: more than any detour."""

LONGEST = 10
"""By how much the clock may be ahead of the processor before OR-Tools ends all the same."""


def installed(seconds: int) -> Iterator[tuple[str, Solver]]:
    """The solvers that are there, each with so many seconds for a day."""
    if find_spec("pyvrp"):
        yield f"PyVRP {seconds} s", by_pyvrp(seconds)
    if find_spec("ortools"):
        yield f"OR-Tools {seconds} s", by_ortools(seconds)


def by_seeds(seconds: float, seeds: range) -> dict[str, list[Solver]]:
    """The solvers that are there for problems that can be served as a whole; OR-Tools draws nothing by chance."""
    solvers: dict[str, list[Solver]] = {}
    if find_spec("pyvrp"):
        solvers["PyVRP"] = [by_pyvrp(seconds, seed, whole=True) for seed in seeds]
    if find_spec("ortools"):
        solvers["OR-Tools"] = [by_ortools(seconds)]
    return solvers


def by_pyvrp(seconds: float, seed: int = 1, *, whole: bool = False) -> Solver:
    """PyVRP alone: a routing profile for each set of visits that a day may take. `whole`: nothing may be left out."""
    return lambda problem: as_they_are(problem, _pyvrp(settle(problem)[0], seconds, seed, whole))


def by_ortools(seconds: float) -> Solver:
    """OR-Tools' routing alone: insertion, then guided local search."""
    return lambda problem: as_they_are(problem, _ortools(settle(problem)[0], seconds))


def _pyvrp(problem: Problem, seconds: float, seed: int, whole: bool) -> list[list[Visit]]:
    import pyvrp

    visits, drives, parts = problem.visits, _drives(problem), _parts(problem)
    clients = [
        pyvrp.Client(
            n, [v.parts.get(p, 0) for p in parts], service_duration=v.service,
            prize=0 if whole else _worth(drives, v), required=whole,
            tw_early=_window(problem, v)[0], tw_late=_window(problem, v)[1],
        )
        for n, v in enumerate(visits)
    ]  # fmt: skip
    groups: dict[tuple[bool, ...], int] = {}
    alike: dict[tuple[object, ...], list[int]] = {}
    for d, day in enumerate(problem.days):
        profile = groups.setdefault(tuple(allows(v, day) for v in visits), len(groups))
        closes = day.shift_end - sum(b.duration for b in day.breaks)
        room = tuple(day.parts.get(p, 0) for p in parts)
        alike.setdefault((profile, day.start, day.shift_start, closes, room), []).append(d)
    matrices = [_without(drives, [n for n, able in enumerate(group) if not able]) for group in groups]
    vehicles = [
        pyvrp.VehicleType(
            len(days), room, start_depot=n, end_depot=n, profile=profile, tw_early=opens, tw_late=closes, name=str(n)
        )
        for n, ((profile, _, opens, closes, room), days) in enumerate(alike.items())
    ]
    depots = [pyvrp.Depot(len(visits) + days[0]) for days in alike.values()]
    places = [pyvrp.Location(0, 0) for _ in range(len(drives))]
    data = pyvrp.ProblemData(places, clients, depots, vehicles, matrices, matrices)
    found = pyvrp.solve(data, _spent(seconds), seed=seed, collect_stats=False, display=False)
    free = [list(days) for days in alike.values()]
    routes: list[list[Visit]] = [[] for _ in problem.days]
    for route in found.best.routes():
        routes[free[route.vehicle_type()].pop(0)] = [visits[n] for n in _clients(route)]
    return routes


def _spent(seconds: float) -> Callable[..., bool]:
    """Whether so much processor time has gone since now."""
    end = time.process_time() + seconds
    return lambda *_: time.process_time() > end


def _clients(route: Any) -> list[int]:
    """The clients of a route in order."""
    return [one.idx for one in route if one.is_client()]


def _ortools(problem: Problem, seconds: float) -> list[list[Visit]]:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    visits, days, drives = problem.visits, problem.days, _drives(problem)
    homes = [len(visits) + d for d in range(len(days))]
    manager = pywrapcp.RoutingIndexManager(len(drives), len(days), homes, homes)
    routing = pywrapcp.RoutingModel(manager)
    service = np.array([v.service for v in visits] + [0] * len(days))
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(drives.tolist()))
    ways = routing.RegisterTransitMatrix((drives + service[:, None]).tolist())
    horizon = max(day.shift_end for day in days)
    routing.AddDimension(ways, horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for n, visit in enumerate(visits):
        index = manager.NodeToIndex(n)
        time.CumulVar(index).SetRange(*_window(problem, visit))
        able = [d for d, day in enumerate(days) if allows(visit, day)]
        routing.VehicleVar(index).SetValues([-1, *able])  # SetAllowedVehiclesForIndex is missing in Python
        routing.AddDisjunction([index], _worth(drives, visit))
    for part in _parts(problem):
        load = routing.RegisterUnaryTransitVector([v.parts.get(part, 0) for v in visits] + [0] * len(days))
        routing.AddDimensionWithVehicleCapacity(load, 0, [day.parts.get(part, 0) for day in days], True, part)
    solver = routing.solver()
    for d, day in enumerate(days):
        time.CumulVar(routing.Start(d)).SetRange(day.shift_start, day.shift_end)
        time.CumulVar(routing.End(d)).SetRange(day.shift_start, day.shift_end)
        pauses = [solver.FixedDurationIntervalVar(b.earliest, b.latest, b.duration, False, f"{d}") for b in day.breaks]
        spent = [0] * routing.Size()
        for n, visit in enumerate(visits):
            spent[manager.NodeToIndex(n)] = visit.service
        time.SetBreakIntervalsOfVehicle(pauses, d, spent)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.seconds = int(LONGEST * seconds)
    routing.AddSearchMonitor(solver.CustomLimit(_spent(seconds)))
    found = routing.SolveWithParameters(search)
    return [_visited(routing, manager, found, d, visits) for d in range(len(days))] if found else [[] for _ in days]


def _visited(routing: Any, manager: Any, found: Any, d: int, visits: Sequence[Visit]) -> list[Visit]:
    route, index = [], found.Value(routing.NextVar(routing.Start(d)))
    while not routing.IsEnd(index):
        route.append(visits[manager.IndexToNode(index)])
        index = found.Value(routing.NextVar(index))
    return route


def _drives(problem: Problem) -> np.ndarray:
    """Seconds between all visits and homes, in this order. Every day begins and ends at one place."""
    assert all(day.start == day.end and day.travel_percent == 100 for day in problem.days)
    places = np.array([*(v.place for v in problem.visits), *(day.start for day in problem.days)])
    return np.asarray(problem.travel.seconds(places[:, None], places[None, :]), np.int64)


def _without(drives: np.ndarray, nodes: Sequence[int]) -> np.ndarray:
    """The drives with nobody to these nodes."""
    made = drives.copy()
    made[nodes, :], made[:, nodes] = FORBIDDEN, FORBIDDEN
    np.fill_diagonal(made, 0)
    return made


def _window(problem: Problem, visit: Visit) -> tuple[int, int]:
    """When the visit may begin; of several windows the whole span (own field days have one at most)."""
    first = min(day.shift_start for day in problem.days)
    last = max(day.shift_end for day in problem.days)
    return max(first, visit.starts[0][0]), min(last, visit.starts[-1][1])


def _worth(drives: np.ndarray, visit: Visit) -> int:
    return int(visit.priority * max(WORTH, 4 * int(drives.max())))


def _parts(problem: Problem) -> list[str]:
    return sorted({part for visit in problem.visits for part in visit.parts})
