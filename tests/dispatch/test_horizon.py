"""Plans of several days: the urgent work first, and a share of the days ahead kept free for what nobody knows yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.people.models import Shift
from dispatch.engine.answer import Plan
from dispatch.engine.model import EngineerDay, Lock, Problem
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations
from tests import factories
from tests.dispatch.days import EIGHT, HOUR, day, line_travel, visit
from tests.dispatch.world import DAY, World, at

OWN = Options(use_vroom=False, rounds=500)
NEXT = timedelta(days=1)


def ahead(number: int, later: int, **changes: Any) -> EngineerDay:
    """The same engineer, some days after the first of the plan."""
    starts = EIGHT + later * 24 * HOUR
    whole = replace(day(number, later=later), engineer_id="e0", shift_start=starts, shift_end=starts + 8 * HOUR)
    return replace(whole, **changes)


def where(answer: Plan) -> dict[str, str]:
    return {v: route.day_id for route in answer.routes for v in route.visit_ids}


def test_the_urgent_come_first_and_what_does_not_fit_comes_later() -> None:
    calls = tuple(visit(1 + n, service=2 * HOUR - 600, priority=float(1 + n % 4)) for n in range(8))
    problem = Problem((ahead(0, 0), ahead(1, 1)), calls, line_travel([0] * 9))
    answer = plan(problem, OWN)
    assert violations(problem, answer) == []
    days = where(answer)
    assert len(days) == 8
    assert {v.priority for v in calls if days[v.id] == "d0"} == {3.0, 4.0}
    assert {v.priority for v in calls if days[v.id] == "d1"} == {1.0, 2.0}


def test_work_waits_for_no_later_day_without_need_unless_waiting_costs_nothing() -> None:
    travel = line_travel([0, 5, 10])
    calls = (visit(1), visit(2))
    problem = Problem((ahead(0, 0), ahead(1, 1, start=2, end=2)), calls, travel)
    weights = replace(problem.weights, balance=0.0, waiting=30.0)
    assert set(where(plan(replace(problem, weights=weights), OWN)).values()) == {"d0"}
    free = replace(problem, weights=replace(weights, waiting=0.0))
    assert where(plan(free, OWN))["v2"] == "d1", "where the way is shorter"


def test_a_visit_that_has_missed_its_deadline_is_served_all_the_same() -> None:
    """By its lateness alone it would cost more than leaving it out, were what is left out not late too."""
    late = visit(1, deadline=EIGHT - 12 * HOUR)
    problem = Problem((day(),), (late, visit(2)), line_travel([0, 3, 5]))
    answer = plan(problem, OWN)
    assert answer.totals.assigned == 2
    assert violations(problem, answer) == []
    horizon = Problem((ahead(0, 0, max_jobs=1), ahead(1, 1)), (replace(late, priority=0.5), visit(2)), problem.travel)
    assert plan(horizon, OWN).totals.assigned == 2


def test_slack_stays_free_and_the_validator_sees_when_it_does_not() -> None:
    calls = tuple(visit(1 + n, service=HOUR) for n in range(8))
    whole = Problem((day(),), calls, line_travel([0] * 9))
    kept = replace(whole, days=(day(slack=3 * HOUR),))
    full, some = plan(whole, OWN), plan(kept, OWN)
    assert (full.totals.assigned, some.totals.assigned) == (8, 5)
    assert some.routes[0].end <= EIGHT + 5 * HOUR
    assert violations(kept, some) == []
    assert {v.rule for v in violations(kept, full)} == {"shift"}


def test_what_stands_in_the_slack_is_no_strain_and_leaves_the_rest_of_it_free() -> None:
    held = visit(1, service=HOUR, lock=Lock("d0", EIGHT + 5 * HOUR + 1800))
    calls = (held, *(visit(2 + n, service=HOUR) for n in range(8)))
    problem = Problem((day(slack=3 * HOUR),), calls, line_travel([0] * 10))
    answer = plan(problem, OWN)
    (route,) = answer.routes
    assert route.strains == ()
    assert route.end == EIGHT + 6 * HOUR + 1800
    assert violations(problem, answer) == []
    beyond = replace(problem, visits=(replace(held, lock=Lock("d0", EIGHT + 7 * HOUR + 1800)), *calls[1:]))
    (strain,) = plan(beyond, OWN).routes[0].strains
    assert (strain.rule, strain.numbers["seconds"]) == ("shift_overrun", 1800)


class TwoDays(World):
    """One engineer who works tomorrow and the day after, and more than fits into one day: the first are urgent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.only = self.engineer(max_jobs_per_day=3)
        shift = Shift(engineer_id=self.only.id, starts_at=at(8) + NEXT, ends_at=at(16) + NEXT, breaks=[])
        self.second = factories.add(self.org_id, shift)
        urgent_and_not = enumerate((1, 4, 1, 4, 1, 4))
        self.calls = [self.visit(0.01 * n, window=None, priority=priority) for n, priority in urgent_and_not]


@pytest.fixture
def world() -> TwoDays:
    return TwoDays()


def starts(plan: dict[str, Any]) -> dict[str, datetime]:
    """Visit → when it begins."""
    steps = [step for route in plan["routes"] for step in route["steps"] if step["kind"] == "visit"]
    return {step["visit_id"]: datetime.fromisoformat(step["start"]) for step in steps}


def test_a_plan_of_two_days_over_http(world: TwoDays) -> None:
    single = world.plan()
    assert (single["days"], len(starts(single)), len(single["unassigned"])) == (1, 3, 3)
    plan = world.plan(days=2)
    assert (plan["days"], plan["date"]) == (2, DAY.date().isoformat())
    begins = starts(plan)
    assert len(begins) == 6
    assert {begins[str(v.id)].date() for v in world.calls[::2]} == {DAY.date()}, "the urgent ones"
    assert {begins[str(v.id)].date() for v in world.calls[1::2]} == {(DAY + NEXT).date()}
    assert [route["engineer_id"] for route in plan["routes"]] == [str(world.only.id)] * 2
    applied = world.apply(plan["id"])
    assert applied.status_code == 200, applied.get_json()
    assert applied.get_json()["status"] == "applied"
    for call in world.calls:
        now = world.now(call)
        assert (now.status, now.engineer_id, now.planned_start) == ("dispatched", world.only.id, begins[str(call.id)])
    assert world.office.post(f"/api/v1/dispatch/plans/{plan['id']}/undo").status_code == 200
    assert {world.now(call).engineer_id for call in world.calls} == {None}


def test_the_ground_of_the_last_day_moves_too(world: TwoDays) -> None:
    plan = world.plan(days=2)
    with factories.within(world.org_id) as tx:
        tx.get(Shift, world.second.id).ends_at = at(12) + NEXT
    answer = world.apply(plan["id"])
    assert answer.status_code == 409
    assert answer.get_json()["changed"] == [{"engineer_id": str(world.only.id), "what": ["shift"]}]
    assert {world.now(call).engineer_id for call in world.calls} == {None}


def test_the_slack_of_an_organisation_is_kept_on_every_day_after_today(world: TwoDays) -> None:
    admin = factories.client("admin", world.org_id)
    path = "/api/v1/dispatch/settings"
    assert admin.get(path).get_json()["slack_percent"] == 0
    assert admin.put(path, json={"slack_percent": 51}).status_code == 422
    assert admin.put(path, json={"slack_percent": 50}).get_json()["slack_percent"] == 50
    world.visit(0.01, window=(12.5, 16))
    world.visit(0.02, window=(11, 16))
    plan = world.plan()
    assert datetime.fromisoformat(plan["routes"][0]["end"]) <= at(12)
    left = {one["visit_id"]: one["reasons"] for one in plan["unassigned"]}
    assert len(left) == 5
    assert any(reason["rule"] == "off_shift" for reasons in left.values() for reason in reasons)


@pytest.mark.parametrize("days", [0, 15, "two", 1.5, None])
def test_a_plan_spans_one_to_fourteen_days(days: Any) -> None:
    answer = World().office.post("/api/v1/dispatch/plans", json={"days": days})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/days"
