"""Whole-day plans: checked by the validator, which shares nothing with the search."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.engine import improve, vroom
from dispatch.engine.construct import cost, follow
from dispatch.engine.improve import Search, compile_now
from dispatch.engine.insertion import Insertion
from dispatch.engine.model import Lock, Problem
from dispatch.engine.settle import settle
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations
from tests.dispatch.days import EIGHT, HOUR, MINUTE, city_day, day, line_travel, problems, visit

OWN = Options(use_vroom=False, rounds=300)


@settings(max_examples=100)
@given(problems())
def test_no_plan_breaks_a_hard_rule_or_moves_a_lock(problem: Problem) -> None:
    answer = plan(problem, OWN)
    assert violations(problem, answer) == []


@settings(max_examples=12)
@given(problems())
def test_a_plan_seeded_by_vroom_breaks_nothing_either(problem: Problem) -> None:
    assert violations(problem, plan(problem, Options(time_limit=3.0, rounds=100))) == []


@settings(max_examples=60)
@given(problems())
def test_replanning_a_plan_breaks_nothing_and_is_not_worse(problem: Problem) -> None:
    first = plan(problem, OWN)
    again = replace(problem, routes={route.day_id: route.visit_ids for route in first.routes})
    second = plan(again, OWN)
    assert violations(again, second) == []
    assert second.totals.cost <= first.totals.cost + 0.01


def test_the_same_seed_and_rounds_give_the_same_plan() -> None:
    problem, options = city_day(6, 40, seed=3), replace(OWN, rounds=1_500, seed=5)
    first, second = plan(problem, options), plan(problem, options)
    assert first == second
    assert violations(problem, first) == []
    assert first.totals.assigned == 40
    assert (first.source, first.trail.rounds) == ("city", (1_500, 1_500))
    assert plan(problem, replace(options, seed=6)) != first


def test_a_long_search_is_several_annealings_from_the_best_plan_and_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem, options = city_day(6, 40, seed=3), replace(OWN, rounds=1_200, explain=False)
    monkeypatch.setattr(improve, "ROUNDS_PER_TURN", 10)
    first = plan(problem, options)
    assert violations(problem, first) == []
    assert first == plan(problem, options)
    short = plan(problem, replace(options, until=500))
    assert short.totals.cost >= first.totals.cost, "what an earlier annealing found is never lost"
    monkeypatch.setattr(improve, "ROUNDS_PER_TURN", 10_000)
    assert plan(problem, options) != first


def test_the_search_improves_on_insertion_and_on_vroom() -> None:
    """By rounds and seed, not by time: insertion leaves a third to gain, and VROOM's own plan is left behind too."""
    problem = city_day(6, 40, seed=3)
    greedy, searched = plan(problem, replace(OWN, rounds=0)), plan(problem, replace(OWN, rounds=10_000))
    assert searched.totals.cost < 0.7 * greedy.totals.cost
    assert searched.totals.drive_seconds < 0.8 * greedy.totals.drive_seconds
    assert violations(problem, searched) == []
    search = Search(settle(problem)[0])
    by_vroom = search.start(follow(search.problem, vroom.seed(search.problem, time_limit=120.0)))
    search.improve(10_000, lambda: False)
    assert search.cost <= by_vroom, "the best plan seen is never lost"
    assert min(search.cost, searched.totals.cost) < by_vroom < greedy.totals.cost


@settings(max_examples=60)
@given(problems(), st.integers(0, 2**20))
def test_the_search_counts_exactly_as_the_plan_does(problem: Problem, seed: int) -> None:
    eased, _ = settle(problem)
    search = Search(eased, seed)
    search.start(follow(eased, [()] * len(eased.days)))
    for rounds in (0, 200):
        search.improve(rounds, lambda: False)
        placed = {v.id for route in search.routes for v in route}
        left = [v for v in eased.visits if v.id not in placed]
        assert search.cost == pytest.approx(cost(Insertion(eased, search.routes), left), abs=1e-6)


def test_an_overloaded_day_is_seeded_by_vroom_where_that_is_better() -> None:
    problem = city_day(4, 60, seed=3)
    alone, both = plan(problem, replace(OWN, rounds=0)), plan(problem, Options(rounds=0))
    assert alone.trail.method == "greedy"
    assert both.totals.cost <= alone.totals.cost
    assert violations(problem, both) == []


def test_a_plan_is_found_again_from_where_its_search_began(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the search was ended early, and when VROOM, which counts time by the clock, would answer otherwise."""
    problem, options = city_day(4, 60, seed=3), Options(rounds=3_000, until=700)
    first = plan(problem, options)
    assert (first.trail.method, first.trail.rounds) == ("vroom", (3_000, 700))
    monkeypatch.setattr(vroom, "CHILD", Path("/nowhere/child.py"))
    assert plan(problem, replace(options, start=(first.trail.method, first.trail.start))) == first


def test_a_broken_vroom_still_leaves_a_plan_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city_day(2, 30, seed=1)
    monkeypatch.setattr(vroom, "CHILD", Path("/nowhere/child.py"))
    broken = plan(problem, Options(rounds=100))
    assert broken.trail.method == "greedy"
    assert "VROOM ended with" in broken.notes[0]
    assert violations(problem, broken) == []


def test_a_search_ends_at_its_limit_and_when_it_is_stopped() -> None:
    large = city_day(40, 320, seed=1)
    compile_now()
    began = time.monotonic()
    limited = plan(large, Options(time_limit=2.0, explain=False))
    assert time.monotonic() - began < 2.0 + 10.0, "the slack is for a busy machine"
    assert violations(large, limited) == []
    asked: list[float] = []
    stopped = plan(
        large, Options(rounds=10**7), stop=lambda: len(asked) > 3, progress=lambda share, _: asked.append(share)
    )
    assert stopped.trail.rounds[1] < stopped.trail.rounds[0]
    assert violations(large, stopped) == []


def test_a_solve_is_killed_soon_after_its_limit_and_when_stopped() -> None:
    large = city_day(60, 500, seed=1)
    began = time.monotonic()
    with pytest.raises(vroom.VroomFailed, match="stopped"):
        vroom.seed(large, level=5, time_limit=600.0, stop=lambda: time.monotonic() > began + 2.0)
    assert time.monotonic() - began < 10.0


def test_stability_keeps_the_present_plan_when_moving_costs_more_than_it_saves() -> None:
    problem = city_day(4, 20, seed=5)
    present = plan(problem, replace(OWN, rounds=0))
    held = {v: route.engineer_id for route in present.routes for v in route.visit_ids}
    again = replace(
        problem,
        routes={route.day_id: route.visit_ids for route in present.routes},
        visits=tuple(replace(v, present=held.get(v.id)) for v in problem.visits),
    )
    dear = replace(again, weights=replace(again.weights, stability=10_000.0))
    assert plan(dear, OWN).totals.moved == 0
    free = replace(again, weights=replace(again.weights, stability=0.0))
    assert plan(free, OWN).totals.moved > 0


def test_what_locked_visits_break_by_themselves_is_reported_and_kept() -> None:
    locked = (
        visit(1, lock=Lock("d0", EIGHT + HOUR)),
        visit(2, lock=Lock("d0", EIGHT + HOUR + 600), skills={"gas": 3}),
        visit(3, lock=Lock("d0", EIGHT + 9 * HOUR)),
    )
    problem = Problem((day(),), (*locked, visit(4)), line_travel([0, 5, 6, 7, 8]))
    answer = plan(problem, OWN)
    assert violations(problem, answer) == []
    route = answer.routes[0]
    assert {reason.rule for reason in route.strains} == {"skill", "window_miss", "shift_overrun", "off_shift"}
    assert "v4" in route.visit_ids
    assert [v for v in route.visit_ids if v != "v4"] == ["v1", "v2", "v3"]


def test_a_standing_visit_that_cannot_be_on_time_is_shown_when_it_will_be() -> None:
    crowded = tuple(visit(n, lock=Lock("d0", EIGHT + HOUR)) for n in (1, 2, 3))
    answer = plan(Problem((day(),), crowded, line_travel([0, 10, 20, 30])), OWN)
    assert violations(Problem((day(),), crowded, line_travel([0, 10, 20, 30])), answer) == []
    (route,) = answer.routes
    assert [(s.arrival - EIGHT, s.start - EIGHT, s.late) for s in route.steps] == [
        (10 * MINUTE, 60 * MINUTE, 0),
        (100 * MINUTE, 100 * MINUTE, 40 * MINUTE),
        (140 * MINUTE, 140 * MINUTE, 80 * MINUTE),
    ]
    assert [(r.rule, r.numbers["seconds"], r.numbers["visit"]) for r in route.strains] == [
        ("window_miss", 40 * MINUTE, "v2"),
        ("window_miss", 80 * MINUTE, "v3"),
    ]
    assert route.end == EIGHT + 200 * MINUTE


def test_work_that_began_is_a_fact_whatever_travel_says() -> None:
    begun = visit(1, lock=Lock("d0", EIGHT + 5 * MINUTE, began=True))
    next_ = visit(2, lock=Lock("d0", EIGHT + 30 * MINUTE))
    problem = Problem((day(),), (begun, next_), line_travel([0, 10, 20]))
    answer = plan(problem, OWN)
    assert violations(problem, answer) == []
    (first, second) = answer.routes[0].steps
    assert (first.arrival, first.start, first.late) == (EIGHT + 5 * MINUTE, EIGHT + 5 * MINUTE, 0)
    assert (second.start, second.late) == (EIGHT + 45 * MINUTE, 15 * MINUTE)


def test_of_what_has_begun_no_rule_is_told_as_broken() -> None:
    begun = visit(1, lock=Lock("d0", EIGHT - HOUR, began=True), skills={"gas": 3})
    (route,) = plan(Problem((day(),), (begun,), line_travel([0, 5])), OWN).routes
    assert route.strains == ()


@pytest.mark.parametrize(
    ("closes", "told", "missed"), [(2 * HOUR, 0, 0), (HOUR, 0, 1200), (None, 0, 4800), (None, 9000, 0)]
)
def test_what_stands_late_breaks_its_window_or_the_hour_that_was_told(
    closes: int | None, told: int, missed: int
) -> None:
    """The second stands at nine as the first does, and begins at twenty past."""
    windows = () if closes is None else ((EIGHT, EIGHT + closes),)
    late = visit(2, lock=Lock("d0", EIGHT + HOUR), windows=windows, told=EIGHT + told)
    stands = (visit(1, lock=Lock("d0", EIGHT + HOUR - 20 * MINUTE)), late)
    (route,) = plan(Problem((day(),), stands, line_travel([0, 10, 20])), OWN).routes
    assert route.steps[1].start == EIGHT + HOUR + 20 * MINUTE
    assert [(one.rule, one.numbers["seconds"]) for one in route.strains] == (
        [("window_miss", missed)] if missed else []
    )


def test_every_unplaced_visit_says_how_many_days_each_rule_forbids() -> None:
    lift = visit(1, skills={"lift": 2})
    long = visit(2, service=9 * HOUR)
    days = (day(0, skills={"lift": 1}), day(1))
    answer = plan(Problem(days, (lift, long), line_travel([0, 5, 5])), OWN)
    left = {u.visit_id: u for u in answer.unassigned}
    assert left["v1"].counts == {"skill": 2}
    assert left["v2"].counts == {"shift_overrun": 2}
    assert left["v2"].cheapest[0].reasons[0].numbers["minutes"] == 70


def test_a_day_that_is_full_by_number_says_so_and_one_visit_more_is_the_true_way() -> None:
    """The nearest of those who have the hours comes first; who lacks time as well is asked for that too."""
    near, far = day(0, max_jobs=1, start=1, end=1), day(1, max_jobs=1)
    short = day(2, max_jobs=1, shift_end=EIGHT + 35 * MINUTE)
    visits = [visit(n, place=1) for n in range(3)] + [visit(3, place=2, priority=0.5)]
    problem = Problem((near, far, short), tuple(visits), line_travel([0, 1, 2]))
    (left,) = plan(problem, OWN).unassigned
    assert left.counts["max_jobs"] == 3
    assert [way.day_id for way in left.cheapest] == ["d0", "d1", "d2"]
    assert [[r.rule for r in way.reasons] for way in left.cheapest[:2]] == [["max_jobs"], ["max_jobs"]]
    assert {r.rule: r.any_of for r in left.cheapest[2].reasons} == {"max_jobs": False, "shift_overrun": True}
    allowed = replace(problem, days=(replace(near, max_jobs=2), far, short))
    assert plan(allowed, OWN).unassigned == ()


def test_every_engineer_counts_once_for_what_can_be_changed_least() -> None:
    """Who lacks the skill and is full by number lacks the skill; who has no time counts for the least change."""
    lift = visit(3, place=1, skills={"lift": 1}, service=3 * HOUR, windows=((EIGHT, EIGHT + HOUR),))
    stuck = visit(4, place=1, lock=Lock("d1", EIGHT), service=2 * HOUR)
    days = (day(0, max_jobs=0), day(1, skills={"lift": 1}), day(2, skills={"lift": 1}, max_jobs=0))
    (left,) = plan(Problem(days, (lift, stuck), line_travel([0, 1])), OWN).unassigned
    assert left.counts == {"skill": 1, "window_miss": 1, "max_jobs": 1}
    assert left.lacking == {"lift": 1}


def test_a_repair_spends_its_time_on_the_present_plan_not_on_a_solver_that_knows_nothing_of_it() -> None:
    """Somebody is left over, which is when VROOM is asked where nothing is planned yet."""
    visits = tuple(visit(n, place=1, service=3 * HOUR) for n in range(4))
    fresh = Problem((day(),), visits, line_travel([0, 1]))
    repaired = replace(fresh, routes={"d0": ("v0", "v1")})
    with mock.patch.object(vroom, "seed", side_effect=vroom.VroomFailed("asked")) as asked:
        assert plan(fresh, Options(rounds=10)).notes == ("asked",)
        answer = plan(repaired, Options(rounds=10))
    assert asked.call_count == 1
    assert (answer.trail.method, len(answer.unassigned)) == ("present", 2)


def test_what_has_to_give_way_together_is_a_way_too() -> None:
    late = visit(1, windows=((EIGHT + 7 * HOUR, EIGHT + 7 * HOUR),), service=2 * HOUR)
    busy = visit(2, lock=Lock("d0", EIGHT + MINUTE), service=450 * MINUTE)
    (left,) = plan(Problem((day(),), (late, busy), line_travel([0, 1, 1])), OWN).unassigned
    (way,) = left.cheapest
    assert {reason.rule for reason in way.reasons} == {"window_miss", "shift_overrun"}
    assert not any(reason.any_of for reason in way.reasons)


def test_no_days_or_no_visits_is_a_plan_too() -> None:
    travel = line_travel([0, 1])
    assert plan(Problem((), (visit(1),), travel)).totals.unassigned == 1
    assert plan(Problem((day(),), (), travel)).totals.assigned == 0
