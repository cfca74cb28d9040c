"""Parts, locations, the ledger and expenses over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.stock import commands
from tests import factories
from tests.factories import client, within
from tests.stock.goods import Goods, goods

EXPENSE = {"kind": "parking", "amount": "12.30", "currency": "EUR", "spent_on": "2026-03-02"}


def entered(keeper: factories.Client, g: Goods, **body: Any) -> Any:
    return keeper.post("/api/v1/stock-moves", json={"part_id": str(g.part_id), "quantity": "2", **body})


def test_a_part_has_a_price_with_currency_and_is_found_by_its_name() -> None:
    keeper = client("storekeeper")
    body = {"number": "FLT-1", "name": "空气过滤器 Air filter", "price": {"amount": "12.30", "currency": "CNY"}}
    made = keeper.post("/api/v1/parts", json=body)
    assert made.status_code == 201
    assert made.json["price"] == {"amount": "12.30", "currency": "CNY"}
    keeper.post("/api/v1/parts", json={"number": "HSE-1", "name": "Hose"})
    assert [p["number"] for p in keeper.get("/api/v1/parts?q=过滤").json["items"]] == ["FLT-1"]
    assert [p["number"] for p in keeper.get("/api/v1/parts?sort=-number").json["items"]] == ["HSE-1", "FLT-1"]
    part = f"/api/v1/parts/{made.json['id']}"
    changed = keeper.patch(
        part, json={"price": None}, headers={"If-Match": '"1"'}, content_type="application/merge-patch+json"
    )
    assert (changed.status_code, changed.json["price"], changed.headers["ETag"]) == (200, None, '"2"')
    assert keeper.post("/api/v1/parts", json=body).status_code == 409


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("price", {"amount": 12.3, "currency": "EUR"}, "/price/amount"),
        ("price", {"amount": "-1.00", "currency": "EUR"}, "/price/amount"),
        ("price", {"amount": "1.001", "currency": "EUR"}, "/price/amount"),
        ("price", {"amount": "1\n", "currency": "EUR"}, "/price/amount"),
        ("price", {"amount": "1.00", "currency": "euro"}, "/price/currency"),
        ("number", "", "/number"),
        ("colour", "red", "/colour"),
    ],
)
def test_a_wrong_part_changes_nothing(field: str, value: Any, pointer: str) -> None:
    keeper = client("storekeeper")
    answer = keeper.post("/api/v1/parts", json={"number": "FLT-1", "name": "Filter", field: value})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert keeper.get("/api/v1/parts").json["items"] == []


def test_receive_transfer_adjust_and_what_lies_where() -> None:
    keeper = client("storekeeper")
    g = goods(keeper.org_id)
    store, van = str(g.warehouse_id), str(g.van_id)
    made = entered(keeper, g, kind="receive", to_location_id=store, quantity="10")
    assert (made.status_code, made.json["quantity"], made.json["flagged_negative"]) == (201, "10.000", False)
    assert made.headers["Location"] == f"/api/v1/stock-moves/{made.json['id']}"
    assert (
        entered(keeper, g, kind="transfer", from_location_id=store, to_location_id=van, quantity="2.5").status_code
        == 201
    )
    assert entered(keeper, g, kind="adjust", from_location_id=store, reason="broken").status_code == 201
    amounts = [keeper.get(f"/api/v1/stock-locations/{place}/balances").json["items"] for place in (store, van)]
    assert [items[0]["quantity"] for items in amounts] == ["5.500", "2.500"]
    lines = keeper.get(f"/api/v1/stock-moves?location_id={van}").json["items"]
    assert [line["kind"] for line in lines] == ["transfer"]
    assert keeper.get("/api/v1/stock-moves?kind=receive,adjust").status_code == 200
    assert keeper.delete(f"/api/v1/stock-locations/{van}").status_code == 409
    assert keeper.delete(f"/api/v1/parts/{g.part_id}").status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "receive"}, "/to_location_id"),
        ({"kind": "use", "from_location_id": "store"}, "/kind"),
        ({"kind": "return", "to_location_id": "store"}, "/kind"),
        ({"kind": "adjust", "to_location_id": "store"}, "/reason"),
        ({"kind": "transfer", "from_location_id": "store", "to_location_id": "store"}, "/to_location_id"),
        ({"kind": "receive", "to_location_id": "store", "quantity": "0"}, "/quantity"),
        ({"kind": "receive", "to_location_id": "store", "quantity": "0.0001"}, "/quantity"),
        ({"kind": "receive", "to_location_id": "store", "quantity": "1e999"}, "/quantity"),
        ({"kind": "receive", "to_location_id": "store", "quantity": "1E-999999999"}, "/quantity"),
        ({"kind": "receive", "to_location_id": "store", "quantity": True}, "/quantity"),
        ({"kind": "receive", "to_location_id": "unknown"}, "/to_location_id"),
        ({"kind": "receive", "to_location_id": "store", "part_id": "unknown"}, "/part_id"),
        ({"kind": "receive", "to_location_id": "store", "visit_id": "unknown"}, "/visit_id"),
    ],
)
def test_a_wrong_move_changes_nothing(body: dict[str, Any], pointer: str) -> None:
    keeper = client("storekeeper")
    g = goods(keeper.org_id)
    ids = {"store": str(g.warehouse_id), "unknown": str(new_id())}
    answer = entered(keeper, g, **{key: ids.get(str(value), value) for key, value in body.items()})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert keeper.get("/api/v1/stock-moves").json["items"] == []


def test_the_same_key_twice_enters_one_move() -> None:
    keeper = client("storekeeper")
    g = goods(keeper.org_id)
    body = {"kind": "receive", "part_id": str(g.part_id), "quantity": "2", "to_location_id": str(g.warehouse_id)}
    answers = [keeper.post("/api/v1/stock-moves", json=body, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(keeper.get("/api/v1/stock-moves").json["items"]) == 1


def test_an_engineer_sees_the_own_van_only() -> None:
    engineer = client("engineer")
    own = goods(engineer.org_id, engineer.engineer_id)
    other = goods(engineer.org_id, factories.engineer(engineer.org_id).id)
    with within(engineer.org_id) as tx:
        for g in (own, other):
            commands.receive(tx, g.part_id, Decimal(1), g.van_id)
    assert [row["id"] for row in engineer.get("/api/v1/stock-locations").json["items"]] == [str(own.van_id)]
    assert len(engineer.get("/api/v1/stock-moves").json["items"]) == 1
    assert engineer.get(f"/api/v1/stock-locations/{other.van_id}/balances").status_code == 404
    assert entered(engineer, own, kind="receive", to_location_id=str(own.van_id)).status_code == 403


def test_an_engineer_submits_and_a_manager_decides() -> None:
    engineer = client("engineer")
    manager = client("manager", engineer.org_id)
    made = engineer.post("/api/v1/expenses", json=EXPENSE)
    assert (made.status_code, made.json["status"]) == (201, "submitted")
    assert (made.json["engineer_id"], made.json["amount"]) == (str(engineer.engineer_id), "12.30")
    path = f"/api/v1/expenses/{made.json['id']}"
    assert engineer.post(f"{path}/decision", json={"approved": True}).status_code == 403
    assert manager.post(f"{path}/decision", json={"approved": False}).status_code == 422
    decided = manager.post(f"{path}/decision", json={"approved": True})
    assert (decided.json["status"], decided.json["decided_by"]) == ("approved", str(manager.user.id))
    assert manager.post(f"{path}/decision", json={"approved": True}).status_code == 409
    late = engineer.patch(path, json={"amount": "99.00"}, headers={"If-Match": "*"}, content_type="application/json")
    assert late.status_code == 409
    assert engineer.delete(path).status_code == 409


def test_an_engineer_cannot_touch_the_expenses_of_another() -> None:
    engineer = client("engineer")
    other = client("engineer", engineer.org_id)
    path = f"/api/v1/expenses/{engineer.post('/api/v1/expenses', json=EXPENSE).json['id']}"
    assert other.get(path).status_code == 404
    assert other.delete(path).status_code == 404
    assert other.post("/api/v1/expenses", json={**EXPENSE, "engineer_id": str(engineer.engineer_id)}).status_code == 403
    assert engineer.delete(path).status_code == 204
    assert engineer.get(path).status_code == 404


def test_rows_of_another_organisation_are_not_there() -> None:
    g, stranger = goods(), client("admin")
    for path in (f"parts/{g.part_id}", f"stock-locations/{g.van_id}", f"stock-locations/{g.van_id}/balances"):
        assert stranger.get(f"/api/v1/{path}").status_code == 404
    mine = goods(stranger.org_id)
    assert entered(stranger, mine, kind="receive", to_location_id=str(g.van_id)).status_code == 422
