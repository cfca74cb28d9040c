"""The pool: who sees what, who may claim, and exactly one winner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests import factories
from tests.dispatch.methods.scene import Scene


def claim(phone: Any, visit: Any) -> Any:
    return phone.post(f"/api/v1/visits/{visit.id}/claim")


def test_open_work_is_claimed_and_gone() -> None:
    scene = Scene("pool")
    first, second = scene.phone(scene.engineer(0.0)), scene.phone(scene.engineer(0.1))
    visit = scene.visit()
    scene.work_off()
    assert scene.now(visit).engineer_id is None
    seen = first.get("/api/v1/dispatch/pool").get_json()["items"]
    assert [one["id"] for one in seen] == [str(visit.id)]
    assert not {"site_name", "summary", "job_number"} & set(seen[0])
    won = claim(first, visit)
    assert (won.status_code, won.get_json()["engineer_id"]) == (200, str(first.engineer_id))
    assert won.get_json()["status"] == "dispatched"
    assert claim(second, visit).status_code == 409
    assert second.get("/api/v1/dispatch/pool").get_json()["items"] == []
    assert scene.offers(visit) == [(first.engineer_id, "claimed")]


def test_only_what_is_open_and_possible_is_claimed() -> None:
    scene, closed = Scene("pool"), Scene("manual")
    at_work, off = scene.phone(scene.engineer(0.0)), scene.phone(scene.engineer(0.0, shift=None))
    visit = scene.visit()
    assert claim(off, visit).get_json()["reasons"][0]["rule"] == "no_shift"
    assert claim(at_work, closed.visit()).status_code == 404
    assert claim(scene.office, visit).status_code == 403
    north = scene.territory("North", scene.engineer(0.3))
    scene.territory("South", scene.engineer(0.3))
    foreign = scene.visit(territory_id=north.id)
    south = scene.engineer(0.0)
    scene.territory("East", south)
    phone = scene.phone(south)
    assert str(foreign.id) not in {one["id"] for one in phone.get("/api/v1/dispatch/pool").get_json()["items"]}
    assert claim(phone, foreign).get_json()["type"] == "/problems/dispatch-rule-broken"


def test_the_office_puts_one_visit_up_to_be_claimed_and_takes_it_back() -> None:
    scene = Scene("manual")
    phone, visit, other = scene.phone(scene.engineer(0.0)), scene.visit(), scene.visit()

    def method(name: str | None) -> Any:
        path, rev = f"/api/v1/visits/{visit.id}", scene.now(visit).rev
        headers = {"If-Match": f'"{rev}"', "Content-Type": "application/merge-patch+json"}
        return scene.office.patch(path, json={"dispatch_method": name}, headers=headers)

    def seen() -> list[str]:
        return [one["id"] for one in phone.get("/api/v1/dispatch/pool").get_json()["items"]]

    assert method("lottery").status_code == 422
    assert (method("pool").get_json()["dispatch_method"], seen()) == ("pool", [str(visit.id)])
    assert (method(None).status_code, seen(), claim(phone, visit).status_code) == (200, [], 404)
    assert method("pool").status_code == 200
    scene.work_off()
    assert (claim(phone, visit).status_code, claim(phone, other).status_code) == (200, 404)
    assert scene.now(visit).engineer_id == phone.engineer_id


def test_one_visit_finds_somebody_by_itself_when_the_office_says_so() -> None:
    scene = Scene("manual")
    only, visit = scene.engineer(0.0), scene.visit()
    scene.work_off()
    assert scene.offers(visit) == []
    headers = {"If-Match": f'"{scene.now(visit).rev}"', "Content-Type": "application/merge-patch+json"}
    asked = scene.office.patch(f"/api/v1/visits/{visit.id}", json={"dispatch_method": "nearest"}, headers=headers)
    assert asked.status_code == 200, asked.get_json()
    scene.work_off()
    assert [engineer for engineer, _ in scene.offers(visit)] == [only.id]


@pytest.mark.committed
def test_of_many_who_claim_at_once_exactly_one_wins() -> None:
    scene = Scene("pool")
    phones = [scene.phone(scene.engineer(0.01 * n)) for n in range(4)]
    visit = scene.visit()
    start = Barrier(len(phones), timeout=60)

    def run(phone: Any) -> int:
        start.wait()
        return int(claim(phone, visit).status_code)

    with ThreadPoolExecutor(len(phones)) as pool:
        statuses = sorted(pool.map(run, phones))
    assert statuses == [200, 409, 409, 409]
    holder = scene.now(visit).engineer_id
    assert holder in {phone.engineer_id for phone in phones}
    assert scene.offers(visit) == [(holder, "claimed")]


def test_assigning_heeds_the_revision_that_the_dispatcher_saw() -> None:
    scene = Scene("manual")
    only = scene.engineer()
    visit = scene.visit(skills={"gas": 1})
    path = f"/api/v1/visits/{visit.id}/assign"
    body = {"engineer_id": str(only.id), "force": True, "reason": "learns on the job"}
    stale = scene.office.post(path, json=body, headers={"If-Match": '"999"'})
    assert (stale.status_code, scene.now(visit).engineer_id) == (412, None)
    good = scene.office.post(path, json=body, headers={"If-Match": f'"{scene.now(visit).rev}"'})
    assert good.status_code == 200
    assert factories.client("dispatcher").post(path, json=body).status_code == 404
