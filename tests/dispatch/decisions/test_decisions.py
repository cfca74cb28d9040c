"""What is decided by hand is kept beside the engine's proposal, and compared by the month."""

from __future__ import annotations

from app.kernel import clock
from tests import factories
from tests.dispatch.world import World, iso


def test_a_month_of_decisions_is_compared_with_the_engine() -> None:
    world = World()
    near, far, unskilled = world.engineer(0.0, skills={"gas": (3, None)}), world.engineer(0.3), world.engineer(0.0)
    followed, other = world.visit(0.0, skills={"gas": 2}), world.visit(0.3)
    forced = world.visit(0.0, skills={"gas": 2})
    assert world.assign(followed, near).status_code == 200
    assert world.assign(other, near, reason="the customer asked for her").status_code == 200
    assert world.assign(forced, unskilled, start=iso(9), force=True, reason="learns on the job").status_code == 200
    told = world.office.get("/api/v1/dispatch/comparison").get_json()
    counts = {name: told[name] for name in ("by_hand", "followed", "overridden", "forced")}
    assert counts == {"by_hand": 3, "followed": 1, "overridden": 2, "forced": 1}
    assert told["extra_travel_s"] > 600
    by_reason = {one["reason"]: one["count"] for one in told["reasons"]}
    assert by_reason == {"the customer asked for her": 1, "learns on the job": 1}
    rows = world.office.get(f"/api/v1/dispatch/decisions?visit_id={other.id}").get_json()["items"]
    assert [(row["engineer_id"], row["proposed_id"]) for row in rows] == [(str(near.id), str(far.id))]
    rows = world.office.get(f"/api/v1/dispatch/decisions?visit_id={forced.id}").get_json()["items"]
    assert (rows[0]["rules"], rows[0]["proposed_id"]) == (["skill"], str(near.id))


def test_other_months_and_organisations_are_not_counted() -> None:
    world = World()
    only = world.engineer()
    assert world.assign(world.visit(), only, preview=True).status_code == 200
    assert world.office.get("/api/v1/dispatch/comparison").get_json()["by_hand"] == 0, "a look is no decision"
    assert world.assign(world.visit(), only).status_code == 200
    last_year = f"{clock.now().year - 1}-12"
    assert world.office.get(f"/api/v1/dispatch/comparison?month={last_year}").get_json()["by_hand"] == 0
    assert world.office.get("/api/v1/dispatch/comparison?month=2026-13").status_code == 422
    assert factories.client("dispatcher").get("/api/v1/dispatch/comparison").get_json()["by_hand"] == 0
