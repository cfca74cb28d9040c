"""Many sequences at once say exactly what the scalar hours, rules and scores say of each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.engine.model import ANYWHERE, Problem, Weights
from dispatch.engine.people import People
from dispatch.engine.rules import standing
from dispatch.engine.score import Hours, standing_terms
from dispatch.engine.settle import settle
from dispatch.engine.sheet import Sheet
from dispatch.engine.timing import NEVER, Stops, earliest, latest
from tests.dispatch.days import day, problems, visit

SLOW = settings(max_examples=80)
ORDERS = st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=3, max_size=3)


def bounded(value: int) -> int:
    """All that never happens is the same."""
    return min(max(value, -NEVER), NEVER)


@SLOW
@given(problems(), ORDERS)
def test_hours_of_many_sequences_equal_those_of_each(drawn: Problem, orders: list[list[int]]) -> None:
    problem, _ = settle(drawn)
    visits = problem.visits
    routes = [[visits[i] for i in dict.fromkeys(order) if i < len(visits)] for order in orders[: len(problem.days)]]
    sheet = Sheet.of(problem, routes)
    soon, late, sums = sheet.batch.earliest[0], sheet.batch.latest, sheet.sums
    for d, here in enumerate(problem.days):
        stops, width = Stops.of(problem, here, routes[d]), len(here.breaks) + 1
        for i in range(len(routes[d]) + 1):
            assert [bounded(int(soon[i][k][d])) for k in range(width)] == earliest(stops)[0][i]
            told = [bounded(int(late[i][k][d])) for k in range(width)]
            assert told == [value if abs(value) < NEVER // 4 else told[k] for k, value in enumerate(latest(stops)[i])]
        hours = Hours.of(problem, here, routes[d])
        assert bool(sums.keeps[d]) == (hours is not None)
        if hours:
            assert (sums.overtime[d], sums.delay[d]) == (hours.overtime, hours.delay)
            assert sums.late[d] == pytest.approx(hours.lateness)


@SLOW
@given(problems(locks=False))
def test_rules_and_wishes_against_all_days_equal_those_of_each(problem: Problem) -> None:
    weights, people = Weights(), People(problem.days)
    for wanted in problem.visits:
        able, points = people.able(wanted), people.points(weights, wanted)
        for d, here in enumerate(problem.days):
            rules = {reason.rule for reason in standing(wanted, here)} - {"parts", "off_shift"}
            assert bool(able[d]) == (not rules)
            assert points[d] == pytest.approx(sum(t.points for t in standing_terms(weights, wanted, here)))


def test_who_serves_anywhere_serves_every_territory() -> None:
    days = (day(0, territories=frozenset({ANYWHERE})), day(1, territories=frozenset({"south"})))
    assert People(days).able(visit(1, territory="north")).tolist() == [True, False]
    assert [bool(standing(visit(1, territory="north"), here)) for here in days] == [False, True]
