"""Large plans, searched in parts: the size from which they are cut is lowered, so that small days will do."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.engine import arrays, divide, parts
from dispatch.engine.answer import Plan
from dispatch.engine.model import Lock, Problem
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations
from tests.dispatch.days import city_day, problems

INSERTION = Options(use_vroom=False, rounds=0, explain=False)
CUT = replace(INSERTION, rounds=300, part=1)
"""Each day is a part of its own at first, and with others in the next sweeps."""


@settings(max_examples=40)
@given(problems())
def test_no_plan_in_parts_breaks_a_hard_rule_or_moves_a_lock_or_costs_more_than_insertion(problem: Problem) -> None:
    answer = plan(problem, CUT)
    assert violations(problem, answer) == []
    assert answer.totals.cost <= plan(problem, INSERTION).totals.cost + 0.01


@pytest.fixture(scope="module")
def city() -> Problem:
    """More work than fits into the day, and some of it stands."""
    return with_locks(city_day(16, 140, seed=7))


def with_locks(problem: Problem) -> Problem:
    """The day with the first visit of every third engineer standing, some as facts."""
    first = plan(problem, INSERTION)
    held = {r.steps[0].visit_id: (r.day_id, r.steps[0].start) for r in first.routes[::3] if r.steps[0].visit_id}
    visits = (
        replace(v, lock=Lock(*held[v.id], began=n % 2 == 0)) if v.id in held else v
        for n, v in enumerate(problem.visits)
    )
    return replace(problem, visits=tuple(visits))


PARTS = replace(INSERTION, rounds=2_000, part=4)


def test_the_same_seed_gives_the_same_plan_however_many_threads_search(
    city: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plan(city, PARTS)
    assert len(first.trail.parts) == 4 * len(parts.SWEEPS)
    assert sum(first.trail.parts) == first.trail.rounds[1] <= first.trail.rounds[0] == 2_000
    assert violations(city, first) == []
    monkeypatch.setattr(parts, "THREADS", 1)
    assert plan(city, PARTS) == first
    assert served(plan(city, replace(PARTS, seed=2))) != served(first)


def test_parts_serve_more_than_insertion_and_nothing_that_stands_moves(city: Problem) -> None:
    begun, searched = plan(city, INSERTION), plan(city, PARTS)
    weight = {v.id: v.priority for v in city.visits}
    assert sum(weight[v] for v in served(searched)) > sum(weight[v] for v in served(begun))
    where = {s.visit_id: (r.day_id, s.start) for r in searched.routes for s in r.steps}
    standing = [v for v in city.visits if v.lock]
    assert len(standing) > 3
    for visit in standing:
        assert visit.lock is not None
        assert where[visit.id] == (visit.lock.day_id, visit.lock.start)


def served(answer: Plan) -> dict[str, str]:
    """Visit → day."""
    return {v: route.day_id for route in answer.routes for v in route.visit_ids}


def test_a_plan_that_was_stopped_is_found_again_from_what_is_stored(city: Problem) -> None:
    seen: list[float] = []
    options = replace(PARTS, rounds=20_000)
    first = plan(city, options, stop=lambda: seen[-1] > 0.15, progress=lambda share, _: seen.append(share))
    assert 0 < first.trail.rounds[1] < first.trail.rounds[0] // 2
    assert seen == sorted(seen)
    assert violations(city, first) == []
    trail = first.trail
    again = plan(city, replace(options, start=(trail.method, trail.start), counts=trail.parts, until=trail.rounds[1]))
    assert replace(again, trail=trail, unassigned=()) == replace(first, unassigned=())
    assert again.trail.parts == trail.parts


def test_time_sets_the_rounds_of_the_parts_and_ends_them(city: Problem) -> None:
    seen: list[float] = []
    answer = plan(
        city,
        replace(PARTS, rounds=None, time_limit=60.0),
        stop=lambda: seen[-1] > 0.1,
        progress=lambda share, _: seen.append(share),
    )
    assert violations(city, answer) == []
    assert answer.trail.rounds[0] > 1_000
    assert plan(city, replace(PARTS, rounds=None, time_limit=0.0)).trail.rounds == (0, 0)


def test_a_present_plan_is_where_the_parts_begin(city: Problem) -> None:
    first = plan(city, PARTS)
    present = replace(city, routes={route.day_id: route.visit_ids for route in first.routes})
    again = plan(present, PARTS)
    assert again.trail.method == "present"
    assert again.totals.cost <= first.totals.cost + 0.01


def test_a_small_day_is_not_cut_and_a_stored_plan_without_parts_neither() -> None:
    small = city_day(6, 40, seed=3)
    assert plan(small, replace(INSERTION, rounds=100)).trail.parts == ()
    assert plan(small, replace(PARTS, rounds=100, counts=())).trail.parts == ()
    assert plan(small, replace(PARTS, rounds=100, part=2)).trail.parts != ()


@settings(max_examples=60)
@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 99))
def test_cuts_leave_nothing_out_and_lie_elsewhere_each_time(days: int, wanted: int, seed: int) -> None:
    chance = random.Random(seed)
    at = np.array([(chance.gauss(0, 9), chance.gauss(0, 3)) for _ in range(days)])
    for turned in (None, chance):
        cuts = divide.cut(at, min(wanted, days), turned)
        assert sorted(np.concatenate(cuts).tolist()) == list(range(days))
        assert all(len(part) for part in cuts)
    even = [len(part) for part in divide.cut(at, min(wanted, days), None)]
    assert max(even) - min(even) <= max(1, days // min(wanted, days))


def test_parts_are_neighbourhoods_though_the_engine_knows_no_map() -> None:
    """Between days of one part the way is much shorter than between any two."""
    problem = city_day(40, 120, seed=11)
    m = arrays.model(problem)
    spots = divide.drawn(m)
    homes = m.day[:, 0]
    at = divide.centres(m, spots, [np.empty(0, np.int64)] * len(problem.days))
    for chance in (None, random.Random(5)):
        cuts = divide.cut(at, 5, chance)
        apart = m.seconds[np.ix_(homes, homes)]
        within = np.mean([apart[np.ix_(part, part)].mean() for part in cuts])
        assert within < 0.7 * apart.mean()
    visits = divide.visits_of(m, spots, at, cuts, [np.empty(0, np.int64)] * len(problem.days))
    assert sorted(np.concatenate(visits).tolist()) == list(range(120))
