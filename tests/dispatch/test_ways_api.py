"""The ways that a plan proposes for what finds no place, tried after it was applied."""

from __future__ import annotations

from datetime import timedelta

from app.people.models import Engineer, Shift
from tests import factories
from tests.dispatch.world import World, at


def test_the_way_that_a_plan_proposes_is_true_once_it_is_applied() -> None:
    """Plan and recommendation drive at one speed: the proposed overtime is enough, and a minute less is not."""
    world = World()
    only = world.engineer(0.0, shift=(8, 12), overtime_limit_s=0)
    for n in range(6):
        world.visit(0.1 * n)
    plan = world.plan()
    assert world.apply(plan["id"]).status_code == 200
    left = plan["unassigned"][0]
    (overtime,) = [one["numbers"] for one in left["cheapest"][0]["reasons"] if one["numbers"].get("side") == "end"]
    for seconds, possible in ((overtime["seconds"], True), (overtime["seconds"] - 60, False)):
        with factories.within(world.org_id) as tx:
            tx.get(Engineer, only.id).overtime_limit_s = seconds
        found = world.ask(visit_id=left["visit_id"]).get_json()
        assert bool(found["candidates"]) is possible


def test_a_shift_that_begins_earlier_is_a_true_way_too() -> None:
    """What the plan told is kept, so it is told only for work that may be done ahead of everything else."""
    world = World()
    only = world.engineer(0.0, shift=(8, 12), overtime_limit_s=0)
    for n in range(5):
        world.visit(0.1 * n)
    early = world.visit(0.0, window=(6, 16), priority=4)
    plan = world.plan()
    assert world.apply(plan["id"]).status_code == 200
    told = [
        (left["visit_id"], one["numbers"]["seconds"])
        for left in plan["unassigned"]
        for one in left["cheapest"][0]["reasons"]
        if one["numbers"].get("side") == "start"
    ]
    assert [visit_id for visit_id, _ in told] == [str(early.id)]
    for less, possible in ((0, True), (60, False)):
        with factories.within(world.org_id) as tx:
            shift = tx.session.query(Shift).filter_by(engineer_id=only.id).one()
            shift.starts_at = at(8) - timedelta(seconds=told[0][1] - less)
        found = world.ask(visit_id=told[0][0]).get_json()
        assert bool(found["candidates"]) is possible
