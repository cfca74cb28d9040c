"""`./callout bench dispatch-plan`: field days, disrupted days, and public instances, beside other solvers in one run.

`CALLOUT_BENCH_SEEDS` says how many days of each size, `CALLOUT_BENCH_SIZES` which (`50x400,50x480`; `1000x8000` only
when it is named, with the time that it gets in `CALLOUT_BENCH_LARGE_S`; `none` for the public instances alone, of which
`instances` tells). PyVRP and OR-Tools take part where they are installed.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from typing import Any

from bench.dispatch import instances, peers
from bench.dispatch.fielddays import disrupted, field_day
from bench.dispatch.solvers import Outcome, Solver, by_vroom, greedy, measured, nearest, own, within
from dispatch.engine.improve import compile_now

SIZES = {(50, 400): 130_000, (50, 480): 180_000, (200, 1600): 200_000}
"""Engineers and visits: the rounds our own search gets."""
LARGE, LARGE_S = (1000, 8000), 100.0
"""By territories, within seconds; no other solver here has an answer to a day of this size."""
PEER_S = 30
"""Seconds of processor time that PyVRP and OR-Tools get for a day."""


def run(report: Any) -> None:
    """Tells service, driving and CPU seconds of each solver as medians over the days."""
    compile_now()
    seeds = range(1, 1 + int(os.environ.get("CALLOUT_BENCH_SEEDS", "3")))
    for (engineers, visits), rounds in _sizes():
        days = [field_day(engineers, visits, seed) for seed in seeds]
        solvers: dict[str, Solver] = {"nearest": nearest, "greedy": greedy, "VROOM level 1": by_vroom(1)}
        if engineers <= 50:
            solvers["VROOM level 3"] = by_vroom(3)
            solvers.update(peers.installed(PEER_S))
        solvers["own"] = own(rounds)
        for name, solver in solvers.items():
            report.add(f"{engineers} × {visits}, {name}", told([measured(solver, day) for day in days]), "")
    if "{}x{}".format(*LARGE) in os.environ.get("CALLOUT_BENCH_SIZES", "").split(","):
        _large(report, seeds)
    if not os.environ.get("CALLOUT_BENCH_SIZES"):
        _replans(report, seeds)
    if folder := os.environ.get("CALLOUT_BENCH_VRP"):
        instances.run(report, Path(folder), seeds)


def _large(report: Any, seeds: range) -> None:
    """A thousand engineers, in parts; every plan is checked."""
    seconds = float(os.environ.get("CALLOUT_BENCH_LARGE_S", LARGE_S))
    days = [field_day(*LARGE, seed) for seed in seeds]
    name = "{} × {}".format(*LARGE)
    report.add(f"{name}, greedy", told([measured(greedy, day) for day in days]), "")
    outcomes = [measured(within(seconds), day) for day in days]
    goal = "no rule broken, within 120 s"
    report.add(f"{name}, own", f"{told(outcomes)}, {max(o.wall_s for o in outcomes):.0f} s at the longest", goal)


def _sizes() -> list[tuple[tuple[int, int], int]]:
    wanted = os.environ.get("CALLOUT_BENCH_SIZES")
    return [
        (size, rounds) for size, rounds in SIZES.items() if not wanted or f"{size[0]}x{size[1]}" in wanted.split(",")
    ]


def told(outcomes: list[Outcome]) -> str:
    """Medians, with the worst service."""
    service = [100 * o.service for o in outcomes]
    hours, cpu = ([getattr(o, name) for o in outcomes] for name in ("travel_h", "cpu_s"))
    return (
        f"{statistics.median(service):.2f} % served (worst {min(service):.2f}), "
        f"{statistics.median(hours):.1f} h driving, {statistics.median(cpu):.1f} s CPU"
    )


def _replans(report: Any, seeds: range) -> None:
    """An illness and five urgent jobs on a planned day."""
    moved, lost, cpu, service, movable = [], [], [], [], []
    for seed in seeds:
        day = field_day(50, 400, seed)
        plan = measured(own(30_000), day).plan
        broken = disrupted(day, plan, seed)
        after = measured(own(5_000), broken)
        holders = {v.id: v.present for v in broken.visits if v.present and not v.lock}
        now = {v: route.engineer_id for route in after.plan.routes for v in route.visit_ids}
        moved.append(sum(now.get(v) not in (None, who) for v, who in holders.items()))
        lost.append(sum(v not in now for v in holders))
        cpu.append(after.cpu_s)
        service.append(100 * after.service)
        movable.append(len(holders))
    figure = (
        f"{statistics.median(moved):.0f} of {statistics.median(movable):.0f} moved, "
        f"{statistics.median(lost):.0f} lost, {statistics.median(service):.2f} % served, "
        f"{statistics.median(cpu):.1f} s CPU"
    )
    report.add("re-plan of 50 × 400: an illness, five urgent jobs", figure, "≤ 4 % moved, ≤ 1 lost")
