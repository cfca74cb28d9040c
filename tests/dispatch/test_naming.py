"""What reasons speak of is told by its name, in the reader's language: never by an id or a code."""

from __future__ import annotations

from typing import Any

from app.people.models import Skill
from app.stock.models import Part, StockLocation
from tests import factories
from tests.dispatch.world import World


def told(world: World, visit_id: object, language: str = "en") -> list[str]:
    """Every sentence of the answer about those who cannot go."""
    path, asked = "/api/v1/dispatch/recommendations", {"visit_id": str(visit_id)}
    body = world.office.post(path, json=asked, headers={"Accept-Language": language}).get_json()
    return [reason["detail"] for one in body["rejected"] for reason in one["reasons"]]


def test_skills_territories_and_parts_are_told_by_name() -> None:
    world = World()
    world.skills["f-gas"] = factories.add(world.org_id, Skill(code="f-gas", name="Refrigerants"))
    zhang = world.engineer(name="张伟")
    factories.add(world.org_id, StockLocation(kind="van", name="Van", engineer_id=zhang.id))
    world.territory("North", zhang)
    valve = factories.add(world.org_id, Part(number="V-1", name="Valve", unit="piece"))
    needs = [{"part_id": str(valve.id), "quantity": 2}]
    south = world.territory("South", world.engineer(shift=None))
    asked = world.visit(skills={"f-gas": 2}, parts=needs, territory_id=south.id)
    english = {"does not have Refrigerants", "does not serve territory South", "2 × Valve short on the van"}
    assert english <= set(told(world, asked.id))
    chinese = {"不具备“Refrigerants”技能", "不服务区域 South", "车上缺少 Valve 2 件"}
    assert chinese <= set(told(world, asked.id, "zh-CN"))


def test_the_visit_that_would_make_room_is_told_by_its_job_and_place() -> None:
    world = World()
    only = world.engineer(name="Li Na", shift=(8, 9))
    held, asked = world.visit(window=(8, 8.3)), world.visit(window=(8, 8.3))
    world.give(held, only, 8)
    body = world.ask(visit_id=str(asked.id)).get_json()
    (rejected,) = body["rejected"]
    assert rejected["engineer_name"] == "Li Na"
    (room,) = [one["detail"] for one in rejected["reasons"] if one["rule"] == "displaces"]
    assert room.startswith("fits if J-")
    assert room.endswith(" makes room")


def test_whom_a_customer_demands_is_told_by_name() -> None:
    world = World()
    wanted, other = world.engineer(name="Wang Fang"), world.engineer(name="Chen Jie")
    asked = world.visit()
    account = world.office.get(f"/api/v1/visits/{asked.id}").get_json()
    job = world.office.get(f"/api/v1/jobs/{account['job_id']}").get_json()
    wishes = {"engineers": [{"engineer_id": str(wanted.id), "wish": "required"}]}
    assert world.office.put(f"/api/v1/accounts/{job['account_id']}/engineers", json=wishes).status_code == 200
    refused = world.assign(asked, other).get_json()
    assert refused["reasons"][0]["detail"] == "the customer demands Wang Fang"
    assert told(world, asked.id) == ["the customer demands Wang Fang"]


def test_a_visit_without_a_place_says_for_how_many_and_whose_overtime_would_do() -> None:
    world = World()
    only = world.engineer(name="Li Na", shift=(8, 9))
    for _ in range(2):
        world.visit(window=(8, 10))
    left = world.visit(window=(8, 10))
    plan = world.plan(time_limit_s=1)
    (unplaced,) = plan["unassigned"]
    assert unplaced["reasons"][0]["detail"] == "1 without time left in the shift"
    way: dict[str, Any] = unplaced["cheapest"][0]
    assert (way["engineer_id"], way["engineer_name"]) == (str(only.id), "Li Na")
    assert way["detail"].startswith("Li Na: fits with ")
    assert "more overtime" in way["detail"]
    path = f"/api/v1/dispatch/plans/{plan['id']}"
    chinese = world.office.get(path, headers={"Accept-Language": "zh-CN"}).get_json()["unassigned"][0]
    assert chinese["reasons"][0]["detail"] == "1 人班次内没有剩余时间"
    assert chinese["cheapest"][0]["detail"].startswith("Li Na：加班 ")
    assert left is not None
    assert {route["engineer_name"] for route in plan["routes"]} == {"Li Na"}


def test_a_full_day_is_told_as_what_would_have_to_be_allowed() -> None:
    world = World()
    world.engineer(name="Li Na", max_jobs_per_day=1)
    for _ in range(2):
        world.visit()
    plan = world.plan(time_limit_s=1)
    (unplaced,) = plan["unassigned"]
    assert unplaced["reasons"][0]["detail"] == "1 already with as many visits as they may have"
    assert unplaced["cheapest"][0]["detail"] == "Li Na: fits with one visit more than 1"
    path = f"/api/v1/dispatch/plans/{plan['id']}"
    chinese = world.office.get(path, headers={"Accept-Language": "zh-CN"}).get_json()["unassigned"][0]
    assert chinese["cheapest"][0]["detail"] == "Li Na：允许超过 1 个上门即可安排"
