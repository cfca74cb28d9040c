"""Public instances as problems of ours, read from files that the user has: nothing of them is in the repository.

The text of Solomon, Gehring and Homberger; VRPLIB with time windows, also with customers that only some vehicles may
serve (Cordeau and Laporte); Pillac's technicians. `best` is what the user's list of best known values tells of a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.dispatch.fielddays import PLAIN
from dispatch.engine.model import EngineerDay, MatrixTravel, Problem, Visit, Weights

TENTHS, EXACT = 10, 1000
"""Engine seconds for one unit of distance: cut off after one decimal (the convention of the published optima over
distance), or rounded to the thousandth."""


@dataclass(frozen=True)
class Instance:
    """A problem and the best distance that is known for it, None when there is none.

    `longest` are the engine seconds that a route may take from leaving the depot to being back. Our engine knows no
    such rule: a plan is comparable only when it happens to keep it, which whoever compares has to look at.
    """

    name: str
    problem: Problem
    best: float | None
    units: int
    longest: int | None = None
    remark: str = ""

    def distance(self, seconds: int) -> float:
        """Engine seconds of driving as the distance of the instance."""
        return seconds / self.units


@dataclass(frozen=True)
class Customers:
    """One row for each node, the depot first."""

    points: np.ndarray
    demand: Sequence[float]
    service: Sequence[float]
    windows: np.ndarray


def read(path: Path, best: Any = None) -> Instance:
    """A file of any of the forms."""
    if path.suffix == ".vrp":
        return vrplib(path, best)
    return technicians(path, best) if "CREW" in path.read_text() else depot_text(path, best)


def depot_text(path: Path, best: Mapping[str, float]) -> Instance:
    """Solomon's form: one depot, equal vehicles with a capacity.

    Where the best value counts vehicles first, everybody gets as many vehicles as it has: then distances compare.
    """
    rows = [
        [float(cell) for cell in line.split()] for line in path.read_text().splitlines() if line.strip()[:1].isdigit()
    ]
    (vehicles, capacity), nodes = rows[0], np.array(rows[1:])
    cut = "distance_only" in best
    units, value = (TENTHS, best["distance_only"]) if cut else (EXACT, best["distance"])
    fleet = [capacity] * int(vehicles if cut else best["vehicles"])
    customers = Customers(nodes[:, 1:3], nodes[:, 3].tolist(), nodes[:, 6].tolist(), nodes[:, 4:6])
    remark = "" if cut else f"with the {len(fleet)} vehicles of the best known"
    return Instance(path.stem, _around_depot(customers, fleet, units), value, units, remark=remark)


def vrplib(path: Path, best: float | None = None) -> Instance:
    """Types VRPTW (cut to tenths) and SDVRPTW (exact, with a longest route); the best cost lies beside as `.sol`, or is
    `best`."""
    head, tables = _sections(path)
    nodes, cut = np.array(tables["NODE_COORD"])[:, 1:3], head["TYPE"] == "VRPTW"
    units, count = TENTHS if cut else EXACT, len(nodes)
    service = [row[1] for row in tables.get("SERVICE_TIME", ())] or [float(head.get("SERVICE_TIME", 0))] * count
    demand = [row[1] for row in tables.get("DEMAND", ())] or [0.0] * count
    fleet = [row[1] for row in tables.get("CAPACITY", ())] or [float(head["CAPACITY"])] * int(head["VEHICLES"])
    customers = Customers(nodes, demand, [0.0, *service[1:]], np.array(tables["TIME_WINDOW"])[:, 1:3])
    problem = _around_depot(customers, fleet, units)
    if "VEHICLES_ALLOWED_CLIENTS" in tables:
        problem = _only(problem, [{int(cell) - 1 for cell in row[1:]} for row in tables["VEHICLES_ALLOWED_CLIENTS"]])
    longest = int(float(head["VEHICLES_MAX_DURATION"]) * units) if "VEHICLES_MAX_DURATION" in head else None
    if (solution := path.with_suffix(".sol")).exists():
        best = float(solution.read_text().split()[-1]) / (1 if cut else units)
    return Instance(path.stem, problem, best, units, longest)


def technicians(path: Path, best: Mapping[str, float] | None = None) -> Instance:
    """Pillac's form: everybody begins at home with skills, tools and spare parts.

    The published solutions may fetch tools and parts at the depot on the way; Callout knows no such stop, so its
    problem is the narrower one.
    """
    lines = path.read_text().splitlines()
    rows = [line.split(maxsplit=6) for line in lines if line[:1].isdigit() and "[" in line]
    crews = int(next(line for line in lines if line[:1].isdigit() and "[" not in line).split()[0])
    days: list[EngineerDay] = []
    visits: list[Visit] = []
    for n, row in enumerate(rows[1:], 1):
        opens, closes, service = (int(float(cell) * EXACT) for cell in row[3:6])
        skills, tools, parts = ([int(c) for c in cell.strip("[]").split(",") if c] for cell in row[6].split())
        able = {**{f"skill{s}": 1 for s in skills}, **{f"tool{t}": 1 for t in tools}}
        stock = {f"part{p}": number for p, number in enumerate(parts) if number}
        if n <= crews:
            days.append(EngineerDay(f"d{n}", f"e{n}", n, n, opens, closes, skills=able, parts=stock))
        else:
            visits.append(Visit(f"v{n}", n, service, ((opens, closes),), skills=able, parts=stock))
    travel = _travel(np.array([[float(row[1]), float(row[2])] for row in rows]), EXACT)
    problem = Problem(tuple(days), tuple(visits), travel, {}, _price(EXACT))
    return Instance(path.stem, problem, best["distance"] if best else None, EXACT, remark="without trips to the depot")


def _sections(path: Path) -> tuple[dict[str, str], dict[str, list[list[float]]]]:
    """Head and tables of a VRPLIB file."""
    head: dict[str, str] = {}
    tables: dict[str, list[list[float]]] = {}
    rows: list[list[float]] | None = None
    for line in map(str.strip, path.read_text().splitlines()):
        if line == "EOF":
            break
        if line.endswith("_SECTION"):
            rows = tables.setdefault(line.removesuffix("_SECTION"), [])
        elif rows is not None:
            rows.append([float(cell) for cell in line.split()])
        elif ":" in line:
            key, _, value = line.partition(":")
            head[key.strip()] = value.strip()
    return head, tables


def _around_depot(customers: Customers, fleet: Sequence[float], units: int) -> Problem:
    """Vehicles of these capacities at node 0, and a visit for every other node."""
    windows = [(int(a * units), int(b * units)) for a, b in customers.windows]
    days = (EngineerDay(f"d{n}", f"e{n}", 0, 0, *windows[0], parts={"load": int(room)}) for n, room in enumerate(fleet))
    visits = (
        Visit(f"v{n}", n, int(customers.service[n] * units), (windows[n],), parts={"load": int(customers.demand[n])})
        for n in range(1, len(windows))
    )
    return Problem(tuple(days), tuple(visits), _travel(customers.points, units), {}, _price(units))


def _only(problem: Problem, allowed: Sequence[set[int]]) -> Problem:
    """A customer demands as a skill the set of vehicles that may come; a vehicle has those of the sets it is in."""
    sets = {v.id: frozenset(n for n, some in enumerate(allowed) if v.place in some) for v in problem.visits}
    codes = {some: "+".join(map(str, sorted(some))) for some in set(sets.values())}
    days = (
        replace(day, skills={code: 1 for some, code in codes.items() if n in some})
        for n, day in enumerate(problem.days)
    )
    visits = (replace(v, skills={codes[sets[v.id]]: 1}) for v in problem.visits)
    return replace(problem, days=tuple(days), visits=tuple(visits))


def _travel(points: np.ndarray, units: int) -> MatrixTravel:
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)) * units
    whole = (np.floor(apart + 1e-9) if units == TENTHS else np.rint(apart)).astype(np.int32)
    return MatrixTravel(whole, whole, "plane")


def _price(units: int) -> Weights:
    """One point for one unit of distance; leaving a customer out costs more than any distance."""
    return replace(PLAIN, travel=60.0 / units, unserved=1e6)
