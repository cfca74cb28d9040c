"""What was told is kept wherever that costs nothing, and nothing else is made worse for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from dispatch.engine import told as told_hours
from dispatch.engine.answer import Plan
from dispatch.engine.insertion import Insertion
from dispatch.engine.model import Break, Lock, Problem
from dispatch.engine.score import Hours
from dispatch.engine.settle import settle
from dispatch.engine.solve import Options, plan
from dispatch.engine.told import PATIENCE, kept
from dispatch.engine.validate import violations
from tests.dispatch.days import EIGHT, HOUR, MINUTE, city_day, day, line_travel, problems, visit

OWN = Options(use_vroom=False, rounds=300)


def starts(answer: Plan) -> dict[str, int]:
    """Visit → when it begins."""
    return {step.visit_id: step.start for route in answer.routes for step in route.steps if step.visit_id}


def told(problem: Problem, answer: Plan) -> Problem:
    """The plan as the present one, everybody told."""
    begins, holder = starts(answer), {v: route.engineer_id for route in answer.routes for v in route.visit_ids}
    visits = tuple(replace(v, told=begins.get(v.id), present=holder.get(v.id)) for v in problem.visits)
    return replace(problem, visits=visits, routes={route.day_id: route.visit_ids for route in answer.routes})


def without(problem: Problem, gone: str) -> Problem:
    """The problem once a visit is cancelled."""
    routes = {d: tuple(v for v in route if v != gone) for d, route in problem.routes.items()}
    return replace(problem, visits=tuple(v for v in problem.visits if v.id != gone), routes=routes)


@settings(max_examples=100)
@given(problems())
def test_keeping_what_was_told_costs_nothing(problem: Problem) -> None:
    answer = plan(problem, replace(OWN, explain=False))
    assert violations(problem, answer) == []
    eased, _ = settle(problem)
    visits = {v.id: v for v in eased.visits}
    search = Insertion(eased, [[visits[v] for v in route.visit_ids] for route in answer.routes])
    for d, route in enumerate(answer.routes):
        hours = search.hours(d)
        if hours is None or not route.visit_ids:
            continue
        assert route.overtime == max(0, route.end - eased.days[d].shift_end) == hours.overtime
        for one, counted in zip(hours.stops.visits, hours.line.starts, strict=True):
            begins = starts(answer)[one.id]
            assert counted <= begins <= max(counted, counted + PATIENCE if one.told is None else one.told)
            end, due = begins + one.service, one.deadline
            assert due is None or one.lock or end - due <= max(0, counted + one.service - due)


@settings(max_examples=60)
@given(problems(locks=False))
def test_a_cancelled_visit_moves_nobody_of_the_others_in_time(drawn: Problem) -> None:
    """Without deadlines, for which who was told a late hour would come sooner after all."""
    problem, _ = settle(replace(drawn, visits=tuple(replace(v, deadline=None) for v in drawn.visits)))
    first = plan(problem, OWN)
    gone = next((v for route in first.routes for v in route.visit_ids), None)
    if gone is None:
        return
    again = without(told(problem, first), gone)
    visits = {v.id: v for v in again.visits}
    for route in first.routes:
        rest = [visits[v] for v in route.visit_ids if v != gone]
        hours = Hours.of(again, again.days[again.day_index[route.day_id]], rest)
        if hours is None:
            continue
        for one, begins, counted in zip(rest, kept(hours).starts, hours.line.starts, strict=True):
            assert begins == max(counted, one.told or 0)


def test_a_repaired_city_day_keeps_its_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second visit of everybody is cancelled: what lies behind would be told anew. Who goes is dear to change."""
    city = city_day(6, 40, seed=3)
    city = replace(city, weights=replace(city.weights, stability=1_000.0))
    broken = told(city, plan(city, replace(OWN, rounds=1_000)))
    for route in broken.routes.values():
        broken = without(broken, route[1])
    hours = {v.id: v.told for v in broken.visits}

    def anew() -> int:
        repaired = plan(broken, OWN)
        assert violations(broken, repaired) == []
        return sum(begins != hours[v] for v, begins in starts(repaired).items())

    kept_hours = anew()
    monkeypatch.setattr(told_hours, "kept", lambda counted: counted.line)
    assert 2 * kept_hours < anew()


def hours_of(here: Problem) -> list[int]:
    """Minutes after eight at which the only day's visits begin, in the order of the problem."""
    hours = Hours.of(here, here.days[0], here.visits)
    assert hours is not None
    return [(start - EIGHT) // MINUTE for start in kept(hours).starts]


def test_who_could_come_sooner_waits_for_the_told_hour_but_makes_nobody_late() -> None:
    travel = line_travel([0, 10, 20, 30])
    first, second = visit(1, told=EIGHT + HOUR), visit(2, told=EIGHT + 2 * HOUR)
    assert hours_of(Problem((day(),), (first, second), travel)) == [60, 120]
    soon = replace(second, told=EIGHT + 80 * MINUTE)
    assert hours_of(Problem((day(),), (first, soon), travel)) == [40, 80], "half an hour of work, ten minutes to drive"
    late = replace(second, told=EIGHT + 30 * MINUTE)
    assert hours_of(Problem((day(),), (first, late), travel)) == [10, 50], "late as it is, not later"
    urgent = replace(second, deadline=EIGHT + 90 * MINUTE)
    assert hours_of(Problem((day(),), (first, urgent), travel)) == [20, 60], "in time rather than at the told hour"


def test_who_was_told_nothing_waits_a_quarter_of_an_hour_and_the_shift_ends_in_time() -> None:
    travel = line_travel([0, 10, 20, 30])
    first, fresh = visit(1, told=EIGHT + HOUR), visit(2)
    assert hours_of(Problem((day(),), (first, fresh), travel)) == [25, 65]
    short = day(shift_end=EIGHT + 80 * MINUTE)
    assert hours_of(Problem((short,), (first,), travel)) == [40]
    tired = day(shift_end=EIGHT + 45 * MINUTE, overtime_limit=HOUR)
    assert hours_of(Problem((tired,), (first,), travel)) == [10], "no minute of overtime more"


def test_breaks_and_standing_visits_keep_their_place() -> None:
    lunch = Break(EIGHT + 50 * MINUTE, EIGHT + 70 * MINUTE, 30 * MINUTE)
    first, stands = visit(1, told=EIGHT + 45 * MINUTE), visit(2, lock=Lock("d0", EIGHT + 2 * HOUR))
    problem = Problem((day(breaks=(lunch,)),), (first, stands), line_travel([0, 10, 20]))
    assert hours_of(problem) == [40, 120], "lunch begins at nine ten at the latest"
