"""Public instances beside other solvers in one run: the same processor time for each of them, medians over seeds.

`CALLOUT_BENCH_VRP` names a folder with a folder for each kind of instance and a `best_known.json` beside them;
`CALLOUT_BENCH_INSTANCES` how many of each kind, spread over their names, or which (`kind/name,kind/name`);
`CALLOUT_BENCH_CPU_S` the seconds (VROOM counts by the clock and gets twice as many); `CALLOUT_BENCH_SEEDS` how many
runs of whoever draws by chance; `CALLOUT_BENCH_SOLVERS` who takes part (`own,PyVRP`), everybody unless told.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.dispatch import peers, readers
from bench.dispatch.readers import Instance
from bench.dispatch.solvers import Solver, by_vroom, greedy, measured, nearest, own_within
from dispatch.engine.answer import Plan, Route
from dispatch.engine.model import Problem
from dispatch.engine.timing import Stops, earliest, latest
from dispatch.engine.vroom import VroomFailed

CPU_S = 20.0
STARTING = 10.0
"""Seconds that a child may take on a busy machine to begin."""


def run(report: Any, folder: Path, seeds: range) -> None:
    """Tells for each instance by how much each solver's distance is above the best known one."""
    seconds = float(os.environ.get("CALLOUT_BENCH_CPU_S", CPU_S))
    best = json.loads((folder / "best_known.json").read_text())
    for kind, paths in groupby(_chosen(folder), lambda path: path.parent.name):
        gaps: dict[str, list[Gaps]] = {}
        for path in paths:
            values = {known.lower(): value for known, value in best.items()}.get(kind.lower(), {})
            instance = readers.read(path, values.get(path.stem))
            found = {name: measured_gaps(instance, runs) for name, runs in _solvers(seconds, seeds).items()}
            figure = ", ".join(f"{name} {one.told()}" for name, one in found.items())
            report.add(f"{kind} {instance.name}", figure, instance.remark)
            for name, one in found.items():
                gaps.setdefault(name, []).append(one)
        report.add(f"{kind}, mean", ", ".join(f"{name} {mean_told(some)}" for name, some in gaps.items()), "")


def _chosen(folder: Path) -> Iterator[Path]:
    """The files to be read, kind by kind."""
    wanted = os.environ.get("CALLOUT_BENCH_INSTANCES", "2")
    kinds = sorted(kind for kind in folder.iterdir() if kind.is_dir())
    for kind in kinds:
        files = sorted(p for p in kind.iterdir() if p.suffix in (".vrp", ".txt"))
        if wanted.isdigit():
            count = min(int(wanted), len(files))
            yield from (files[(2 * n + 1) * len(files) // (2 * count)] for n in range(count))
        else:
            yield from (p for p in files if f"{kind.name}/{p.stem}" in wanted.split(","))


def _solvers(seconds: float, seeds: range) -> dict[str, list[Solver]]:
    """One run for each seed of those who draw by chance, one of the others."""
    solvers = {"own": [own_within(seconds, seed) for seed in seeds]}
    solvers.update(peers.by_seeds(seconds, seeds))
    solvers.update({"VROOM level 3": [by_vroom(3, 2 * seconds + STARTING)], "greedy": [greedy], "nearest": [nearest]})
    asked = os.environ.get("CALLOUT_BENCH_SOLVERS", ",".join(solvers)).split(",")
    return {name: runs for name, runs in solvers.items() if name in asked}


@dataclass(frozen=True)
class Gaps:
    """By how many per cent the distances of some runs are above the best known one, and what forbids to tell others."""

    found: tuple[float, ...]
    faults: tuple[str, ...] = ()

    @property
    def median(self) -> float | None:
        """None as soon as one of the runs cannot be compared."""
        return statistics.median(self.found) if self.found and not self.faults else None

    def told(self) -> str:
        """The median with the lowest and highest, or what forbids to tell one."""
        if self.median is None:
            return f"({' / '.join(dict.fromkeys(self.faults))})"
        spread = f" ({min(self.found):.2f}–{max(self.found):.2f})" if len(self.found) > 1 else ""
        return f"{self.median:.2f} %{spread}"


def measured_gaps(instance: Instance, runs: Sequence[Solver]) -> Gaps:
    """One gap, or one fault, for each run."""
    faults, found = list[str](), list[float]()
    for solver in runs:
        try:
            plan = measured(solver, instance.problem).plan
        except VroomFailed:
            faults.append("no answer in time")
            continue
        fault = not_comparable(instance, plan)
        if fault or instance.best is None:
            faults.append(fault or f"{instance.distance(plan.totals.drive_seconds):.1f}")
        else:
            found.append(100 * (instance.distance(plan.totals.drive_seconds) / instance.best - 1))
    return Gaps(tuple(found), tuple(faults))


def mean_told(some: Sequence[Gaps]) -> str:
    """The mean over the instances that have a gap, and how many have none."""
    medians = [one.median for one in some if one.median is not None]
    none = f" ({len(some) - len(medians)} without)" if len(medians) < len(some) else ""
    return f"{statistics.mean(medians):.2f} %{none}" if medians else "—"


def not_comparable(instance: Instance, plan: Plan) -> str:
    """Why the distance of a plan must not be held against the best known one; empty when it may."""
    if plan.unassigned:
        return f"{len(plan.unassigned)} left out"
    if instance.longest is None:
        return ""
    over = sum(least_duration(instance.problem, route) > instance.longest for route in plan.routes if route.visit_ids)
    return f"{over} of {sum(bool(r.visit_ids) for r in plan.routes)} routes too long" if over else ""


def least_duration(problem: Problem, route: Route) -> int:
    """Seconds from leaving to being back when one leaves as late as can be; for one window a visit and no breaks."""
    visits = [problem.visits[problem.visit_index[v]] for v in route.visit_ids]
    stops = Stops.of(problem, problem.days[problem.day_index[route.day_id]], visits)
    assert not stops.day.breaks
    assert all(len(v.starts) == 1 for v in visits)
    busy = sum(stops.drives) + sum(v.service for v in visits)
    return max(busy, earliest(stops)[0][-1][-1] - latest(stops)[0][0])
