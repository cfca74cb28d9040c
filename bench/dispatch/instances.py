"""Public instances beside other solvers in one run: the same processor time for each of them, medians over seeds.

`CALLOUT_BENCH_VRP` names a folder with a folder for each kind of instance and a `best_known.json` beside them;
`CALLOUT_BENCH_INSTANCES` how many of each kind, spread over their names, or which (`kind/name,kind/name`);
`CALLOUT_BENCH_CPU_S` the seconds (VROOM counts by the clock and gets twice as many); `CALLOUT_BENCH_SEEDS` how many
runs of whoever draws by chance.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator
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
        gaps: dict[str, list[str]] = {}
        for path in paths:
            values = {known.lower(): value for known, value in best.items()}.get(kind.lower(), {})
            instance = readers.read(path, values.get(path.stem))
            told = {name: _median(instance, runs) for name, runs in _solvers(seconds, seeds).items()}
            figure = ", ".join(f"{name} {one}" for name, one in told.items())
            report.add(f"{kind} {instance.name}", figure, instance.remark)
            for name, one in told.items():
                gaps.setdefault(name, []).append(one)
        report.add(f"{kind}, mean", ", ".join(f"{name} {_mean(some)}" for name, some in gaps.items()), "")


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
    return {**solvers, "VROOM level 3": [by_vroom(3, 2 * seconds + STARTING)], "greedy": [greedy], "nearest": [nearest]}


def _median(instance: Instance, runs: list[Solver]) -> str:
    """The median gap with the lowest and highest, or what forbids to tell one."""
    faults, gaps = [], []
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
            gaps.append(100 * (instance.distance(plan.totals.drive_seconds) / instance.best - 1))
    if faults:
        return f"({' / '.join(dict.fromkeys(faults))})"
    spread = f" ({min(gaps):.2f}–{max(gaps):.2f})" if len(gaps) > 1 else ""
    return f"{statistics.median(gaps):.2f} %{spread}"


def _mean(told: list[str]) -> str:
    """Over the instances that have a gap, and how many have none."""
    gaps = [float(one.split(" %")[0]) for one in told if not one.startswith("(")]
    none = f" ({len(told) - len(gaps)} without)" if len(gaps) < len(told) else ""
    return f"{statistics.mean(gaps):.2f} %{none}" if gaps else "—"


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
