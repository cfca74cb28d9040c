"""Taking an applied plan back."""

from __future__ import annotations

from typing import Any

import pytest

from app.people.models import Engineer
from tests import factories
from tests.dispatch.world import World


@pytest.fixture
def world() -> World:
    made = World()
    made.first, made.second = made.engineer(0.0), made.engineer(0.2)  # type: ignore[attr-defined]
    made.calls = [made.visit(0.0), made.visit(0.2)]  # type: ignore[attr-defined]
    return made


def undo(world: Any, plan_id: str, **body: Any) -> Any:
    return world.office.post(f"/api/v1/dispatch/plans/{plan_id}/undo", json=body)


def test_everybody_gets_back_what_they_had(world: Any) -> None:
    world.give(world.calls[1], world.first, 9)
    before = world.now(world.calls[1])
    plan = world.plan(lock="none", stability=0)
    assert world.apply(plan["id"]).status_code == 200
    assert world.now(world.calls[1]).engineer_id == world.second.id
    assert undo(world, plan["id"]).get_json()["status"] == "done"
    after = world.now(world.calls[1])
    assert (after.engineer_id, after.planned_start) == (world.first.id, before.planned_start)
    left = world.now(world.calls[0])
    assert (left.engineer_id, left.planned_start, left.status) == (None, None, "scheduled")
    assert world.apply(plan["id"]).status_code == 200


def test_what_has_moved_or_begun_since_is_not_taken_back(world: Any) -> None:
    plan = world.plan()
    assert world.apply(plan["id"]).status_code == 200
    with factories.within(world.org_id) as tx:
        visit = tx.session.merge(world.now(world.calls[0]))
        visit.status = "en_route"
    refused = undo(world, plan["id"])
    assert refused.status_code == 409
    assert refused.get_json()["type"].endswith("ground-moved")
    (changed,) = refused.get_json()["changed"]
    assert (changed["visit_id"], changed["what"]) == (str(world.calls[0].id), ["status"])
    assert world.now(world.calls[1]).engineer_id is not None


def test_only_an_applied_plan_is_taken_back(world: Any) -> None:
    plan = world.plan()
    assert undo(world, plan["id"]).status_code == 409
    assert world.office.post(f"/api/v1/dispatch/plans/{plan['id']}/undo").status_code == 409  # without a body, too


def test_those_are_taken_back_that_are_named_and_nobody_else(world: Any) -> None:
    plan = world.plan()
    first, second = str(world.first.id), str(world.second.id)
    for engineer_id in (first, second):
        assert world.apply(plan["id"], engineer_ids=[engineer_id]).status_code == 200
    back = undo(world, plan["id"], engineer_ids=[second]).get_json()
    assert (back["status"], back["applied"]) == ("done", [first])
    assert [world.now(call).engineer_id for call in world.calls] == [world.first.id, None]
    assert undo(world, plan["id"], engineer_ids=[second]).status_code == 409
    again = world.apply(plan["id"], engineer_ids=[second]).get_json()
    assert (again["status"], set(again["applied"])) == ("applied", {first, second})


def test_those_who_exchange_visits_are_taken_back_together(world: Any) -> None:
    world.give(world.calls[1], world.first, 9)
    plan = world.plan(lock="none", stability=0)
    assert world.apply(plan["id"]).status_code == 200
    refused = undo(world, plan["id"], engineer_ids=[str(world.second.id)])
    assert refused.status_code == 422
    with factories.within(world.org_id) as tx:
        assert tx.get(Engineer, world.first.id).name in refused.get_json()["errors"][0]["detail"]
