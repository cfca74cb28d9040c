"""What is told to place an unplaced visit is done to the plan as applied, and seen to place it: no less would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from dispatch.engine.answer import Plan, Reason, Rejection
from dispatch.engine.insertion import recommend
from dispatch.engine.model import Problem
from dispatch.engine.settle import settle
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations
from tests.dispatch.days import EIGHT, HOUR, MINUTE, city_day, day, line_travel, problems, visit
from tests.dispatch.test_whynot import lift, lifted

OWN = Options(use_vroom=False, rounds=200)


def applied(problem: Problem, answer: Plan) -> Problem:
    """The plan as the present one: what it told is kept, as recommendations keep it."""
    start = {step.visit_id: step.start for route in answer.routes for step in route.steps}
    told = tuple(replace(v, earliest=start[v.id]) if v.id in start and not v.lock else v for v in problem.visits)
    return replace(problem, visits=told, routes={route.day_id: route.visit_ids for route in answer.routes})


def ways(answer: Plan) -> Iterator[tuple[str, Rejection, list[Reason]]]:
    """Each sufficient change that a plan tells for a visit that it left out."""
    for left in answer.unassigned:
        for way in left.cheapest:
            must = [reason for reason in way.reasons if not reason.any_of]
            for option in [[reason] for reason in way.reasons if reason.any_of] or [[]]:
                yield left.visit_id, way, [*must, *option]


def placed(problem: Problem, day_id: str, visit_id: str) -> bool:
    """Whether the visit has a place on this day beside all others; the day that it makes keeps every rule."""
    only = replace(problem, days=tuple(d for d in problem.days if d.id == day_id))
    found = recommend(only, visit_id, why_not=0).candidates
    for one in found:
        route = [v for v in problem.routes.get(day_id, ()) if v != visit_id]
        route.insert(one.position, visit_id)
        there = replace(only, visits=tuple(v for v in problem.visits if v.id in route), routes={})
        answer = plan(there, Options(rounds=0, explain=False, start=("as told", {day_id: route})))
        assert violations(there, answer) == []
        assert answer.totals.unassigned == 0
    return bool(found)


def proved(problem: Problem, answer: Plan) -> set[str]:
    """The rules of all ways that were told, each of them proved."""
    present, seen = applied(problem, answer), set()
    for visit_id, way, reasons in ways(answer):
        assert placed(lifted(present, way, visit_id, reasons), way.day_id, visit_id), (visit_id, reasons)
        for reason in reasons:
            seen.add(f"{reason.rule} {reason.numbers.get('side', '')}".strip())
            rest = lifted(present, way, visit_id, [other for other in reasons if other is not reason])
            short = lift(rest, way, visit_id, reason, 1) if reason.any_of and "seconds" in reason.numbers else rest
            assert not placed(short, way.day_id, visit_id), (visit_id, reason)
    return seen


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(problems(locks=False))
def test_every_way_that_a_plan_tells_is_true_once_it_is_applied(drawn: Problem) -> None:
    """Without breaks that lie outside their shift: rows hold none, and a longer shift would make them count."""
    problem, _ = settle(drawn)
    proved(problem, plan(problem, OWN))


def test_on_a_city_day_with_too_much_work_all_ways_are_true() -> None:
    city = city_day(3, 45, seed=2)
    full = replace(city, days=tuple(replace(d, max_jobs=5) for d in city.days))
    assert proved(city, plan(city, OWN)) | proved(full, plan(full, OWN)) >= {"shift_overrun end", "max_jobs"}


def test_a_shift_that_begins_earlier_is_told_only_where_nothing_that_was_told_has_to_move() -> None:
    """Seven hours of work fill the day. Only what may be done before it gains by an earlier shift."""
    filler, extra = visit(1, service=7 * HOUR), visit(2, service=HOUR, priority=0.1)

    def sides(opens: int) -> set[str]:
        wanted = replace(extra, windows=((opens, EIGHT + 9 * HOUR),))
        problem = Problem((day(),), (filler, wanted), line_travel([0, 10, 10]))
        return proved(problem, plan(problem, OWN))

    assert sides(EIGHT - 2 * HOUR) == {"shift_overrun end", "shift_overrun start"}
    assert sides(EIGHT + 10 * MINUTE) == {"shift_overrun end"}
