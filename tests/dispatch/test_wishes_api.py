"""What customers wish about engineers: kept, and heeded by recommendations, plans and assignments."""

from __future__ import annotations

from typing import Any

import pytest

from app.places.models import Account
from tests import factories
from tests.dispatch.world import World, nobody


@pytest.fixture
def world() -> World:
    made = World()
    made.near, made.far = made.engineer(0.0), made.engineer(0.02)  # type: ignore[attr-defined]
    made.account = factories.add(made.org_id, Account(name="Harbour Hotel"))  # type: ignore[attr-defined]
    made.call = made.visit(0.0, account_id=made.account.id)  # type: ignore[attr-defined]
    return made


def wish(world: Any, *wishes: tuple[Any, str]) -> Any:
    body = {"engineers": [{"engineer_id": str(e.id), "wish": w} for e, w in wishes]}
    return world.office.put(f"/api/v1/accounts/{world.account.id}/engineers", json=body)


def first(world: Any) -> str:
    return str(world.ask(visit_id=str(world.call.id)).get_json()["candidates"][0]["engineer_id"])


def test_wishes_are_kept_and_replaced(world: Any) -> None:
    assert wish(world, (world.near, "excluded"), (world.far, "preferred")).status_code == 200
    assert wish(world, (world.far, "required")).status_code == 200
    read = world.office.get(f"/api/v1/accounts/{world.account.id}/engineers").get_json()
    assert read == {"engineers": [{"engineer_id": str(world.far.id), "wish": "required", "reason": None}]}


@pytest.mark.parametrize("kind", ["required", "excluded", "preferred"])
def test_a_recommendation_and_a_plan_heed_them(world: Any, kind: str) -> None:
    assert first(world) == str(world.near.id)
    target = world.near if kind == "excluded" else world.far
    assert wish(world, (target, kind)).status_code == 200
    assert first(world) == str(world.far.id)
    (route,) = [r for r in world.plan(stability=0)["routes"] if r["steps"]]
    assert route["engineer_id"] == str(world.far.id)


def test_assigning_whom_the_customer_does_not_want_has_to_be_forced(world: Any) -> None:
    wish(world, (world.near, "excluded"))
    refused = world.assign(world.call, world.near)
    assert refused.status_code == 409
    assert [reason["rule"] for reason in refused.get_json()["reasons"]] == ["excluded"]
    assert world.assign(world.call, world.near, force=True, reason="Nobody else is there").status_code == 200


def test_bad_wishes_change_nothing(world: Any) -> None:
    wish(world, (world.far, "preferred"))
    path = f"/api/v1/accounts/{world.account.id}/engineers"
    unknown = {"engineer_id": str(nobody()), "wish": "required"}
    twice = [{"engineer_id": str(world.near.id), "wish": w} for w in ("required", "excluded")]
    for engineers in ([unknown], twice, [{"engineer_id": str(world.near.id), "wish": "adored"}]):
        assert world.office.put(path, json={"engineers": engineers}).status_code == 422
    assert [w["wish"] for w in world.office.get(path).get_json()["engineers"]] == ["preferred"]
    assert world.office.get(f"/api/v1/accounts/{nobody()}/engineers").status_code == 404
