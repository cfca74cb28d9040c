"""Solvers under one roof: each takes a problem and gives routes, and is timed in CPU seconds, children included."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dispatch.engine import vroom
from dispatch.engine.answer import Plan, Unassigned
from dispatch.engine.construct import follow, keeps
from dispatch.engine.model import Problem, Visit
from dispatch.engine.rules import allows
from dispatch.engine.settle import settle
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations

TRIAL = 2_000
"""Rounds from which it is told how many can be done."""
Routes = Sequence[Sequence[Visit]]
Solver = Callable[[Problem], Plan]


@dataclass(frozen=True)
class Outcome:
    """What a solver made of a problem: share of the priorities served, driving hours, CPU and wall seconds."""

    plan: Plan
    service: float
    travel_h: float
    cpu_s: float
    wall_s: float


def measured(solver: Solver, problem: Problem) -> Outcome:
    """Run and check. Raises AssertionError when the plan breaks a rule."""
    began = os.times()
    answer = solver(problem)
    ended = os.times()
    broken = violations(problem, answer)
    assert not broken, broken[:3]
    served = {v for route in answer.routes for v in route.visit_ids}
    wanted = sum(v.priority for v in problem.visits)
    share = sum(v.priority for v in problem.visits if v.id in served) / wanted
    cpu_s, wall_s = sum(ended[:4]) - sum(began[:4]), ended.elapsed - began.elapsed
    return Outcome(answer, share, answer.totals.drive_seconds / 3600, cpu_s, wall_s)


def own(rounds: int, seed: int = 1) -> Solver:
    """Our own search, seeds and all. Rounds instead of seconds, so that a busy machine finds the same plan."""
    return lambda problem: plan(problem, Options(time_limit=600.0, rounds=rounds, seed=seed, explain=False))


def own_within(cpu_s: float, seed: int = 1) -> Solver:
    """Our own search for about so many seconds of processor time: as many rounds as a trial says can be done in them.

    As one part, whatever the fleet: that all begin at one depot leaves nothing to divide a plan by.
    """

    def solve(problem: Problem) -> Plan:
        options = Options(time_limit=cpu_s, seed=seed, part=len(problem.days), explain=False)
        begin, _ = timed(lambda: plan(problem, replace(options, rounds=0)))
        both, _ = timed(lambda: plan(problem, replace(options, rounds=TRIAL)))
        each = max(both - begin, 1e-3) / TRIAL
        return plan(problem, replace(options, rounds=max(1, int((cpu_s - begin) / each))))

    return solve


def timed(work: Callable[[], Plan]) -> tuple[float, Plan]:
    """Seconds of processor time, those of children included, and what came out."""
    began = os.times()
    made = work()
    return sum(os.times()[:4]) - sum(began[:4]), made


def within(seconds: float) -> Solver:
    """The same by time, as a dispatcher waits for it."""
    return lambda problem: plan(problem, Options(time_limit=seconds, explain=False))


def greedy(problem: Problem) -> Plan:
    """Our insertion alone."""
    return plan(problem, Options(rounds=0, use_vroom=False, explain=False))


def by_vroom(level: int, time_limit: float = 600.0) -> Solver:
    """VROOM alone: its routes as they are."""
    return lambda problem: as_they_are(problem, vroom.seed(settle(problem)[0], level=level, time_limit=time_limit))


def nearest(problem: Problem) -> Plan:
    """Engineer by engineer, always the nearest visit that still fits behind the last one."""
    eased, _ = settle(problem)
    open_, routes = list(eased.visits), list[list[Visit]]()
    for day in eased.days:
        route: list[Visit] = []
        while True:
            place = route[-1].place if route else day.start
            able = sorted((v for v in open_ if allows(v, day)), key=lambda v: int(eased.travel.seconds(place, v.place)))
            step = next((v for v in able if keeps(eased, day, [*route, v])), None)
            if step is None:
                break
            route.append(step)
            open_.remove(step)
        routes.append(route)
    return as_they_are(problem, routes)


def as_they_are(problem: Problem, routes: Routes) -> Plan:
    """Routes as a plan, without inserting what they leave out."""
    wanted = {v.id for route in follow(settle(problem)[0], routes) for v in route}
    pairs = zip(problem.days, routes, strict=True)
    kept = {day.id: tuple(v.id for v in route if v.id in wanted) for day, route in pairs}
    only = replace(problem, visits=tuple(v for v in problem.visits if v.id in wanted), routes=kept)
    # `start`: were it only one of the plans to begin with, a better one by our insertion would be told in its place
    answer = plan(only, Options(rounds=0, use_vroom=False, explain=False, start=("as they are", kept)))
    return with_left(problem, answer)


def with_left(problem: Problem, answer: Plan) -> Plan:
    """The plan with the visits that it does not know as unassigned."""
    known = {v for route in answer.routes for v in route.visit_ids}
    left = tuple(Unassigned(v.id, {}) for v in problem.visits if v.id not in known)
    return replace(answer, unassigned=left)
