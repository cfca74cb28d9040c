"""Each method sends a waiting visit its own way; offers run out; nobody outside a shift is asked by itself."""

from __future__ import annotations

from datetime import timedelta

from app.kernel import clock
from app.people.models import Shift
from tests import factories
from tests.dispatch.methods.scene import Scene
from tests.dispatch.world import nobody


def test_by_hand_nothing_happens_by_itself() -> None:
    scene = Scene("manual")
    scene.engineer()
    visit = scene.visit()
    scene.work_off()
    assert (scene.now(visit).engineer_id, scene.offers(visit)) == (None, [])
    assert "visit.waiting" not in scene.topics()


def test_recommended_names_the_best_and_assigns_nobody() -> None:
    scene = Scene("recommend")
    scene.engineer()
    visit = scene.visit()
    scene.work_off()
    assert scene.now(visit).engineer_id is None
    assert "visit.recommended" in scene.topics()


def test_automatic_offers_to_the_best_and_the_phone_sees_until_when() -> None:
    scene = Scene("auto", offer_s=600)
    far, near = scene.engineer(0.5), scene.engineer(0.01)
    visit = scene.visit(0.0)
    scene.work_off()
    now = scene.now(visit)
    assert (now.engineer_id, now.status) == (near.id, "dispatched")
    assert now.offer_expires_at is not None
    pulled = scene.phone(near).get("/api/v1/sync/pull").get_json()
    assert pulled["changes"]["visits"]["upserts"][0]["offer_expires_at"] is not None
    shown = scene.office.get(f"/api/v1/offers?visit_id={visit.id}").get_json()["items"]
    assert [(one["engineer_id"], one["answer"]) for one in shown] == [(str(near.id), "open")]
    assert far.id not in {engineer_id for engineer_id, _ in scene.offers(visit)}


def test_no_answer_asks_the_next_and_at_last_the_dispatcher() -> None:
    scene = Scene("auto")
    near, far = scene.engineer(0.01), scene.engineer(0.3)
    visit = scene.visit(0.0)
    scene.work_off()
    scene.let_time_pass()
    assert scene.offers(visit) == [(near.id, "expired"), (far.id, "open")]
    assert scene.now(visit).engineer_id == far.id
    scene.let_time_pass()
    assert scene.offers(visit) == [(near.id, "expired"), (far.id, "expired")]
    now = scene.now(visit)
    assert (now.engineer_id, now.status, now.offer_expires_at) == (None, "scheduled", None)
    assert scene.topics()[-1] == "visit.nobody_left"


def test_an_offer_does_not_end_before_its_time_nor_twice() -> None:
    scene = Scene("auto")
    near, _ = scene.engineer(0.01), scene.engineer(0.3)
    visit = scene.visit(0.0)
    scene.work_off()
    scene.let_time_pass(seconds=1)
    assert scene.offers(visit) == [(near.id, "open")]
    answer = scene.phone(near).post(f"/api/v1/visits/{visit.id}/transitions", json={"to": "accepted"})
    assert answer.status_code == 200
    assert answer.get_json()["offer_expires_at"] is None
    scene.work_off()
    scene.let_time_pass()
    assert scene.offers(visit) == [(near.id, "accepted")]
    assert scene.now(visit).status == "accepted"


def test_a_refusal_asks_the_next_at_once() -> None:
    scene = Scene("auto")
    near, far = scene.engineer(0.01), scene.engineer(0.3)
    visit = scene.visit(0.0)
    scene.work_off()
    refused = scene.phone(near).post(
        f"/api/v1/visits/{visit.id}/transitions", json={"to": "rejected", "reason": "van broke down"}
    )
    assert refused.status_code == 200
    scene.work_off()
    assert scene.offers(visit) == [(near.id, "declined"), (far.id, "open")]


def test_what_the_dispatcher_does_meanwhile_ends_the_offer() -> None:
    scene = Scene("auto")
    near, far = scene.engineer(0.01), scene.engineer(0.3)
    visit = scene.visit(0.0)
    scene.work_off()
    assert scene.assign(visit, far).status_code == 200
    assert scene.now(visit).offer_expires_at is None
    scene.let_time_pass()
    assert scene.offers(visit) == [(near.id, "withdrawn")]
    assert scene.now(visit).engineer_id == far.id


def test_an_offer_is_withdrawn_when_its_job_goes_on_hold() -> None:
    scene = Scene("auto")
    near, _ = scene.engineer(0.01), scene.engineer(0.3)
    visit = scene.visit(0.0)
    scene.work_off()
    assert scene.offers(visit) == [(near.id, "open")]
    held = scene.office.post(f"/api/v1/jobs/{visit.job_id}/hold", json={"reason": "waiting for the landlord"})
    assert held.status_code == 200, held.get_json()
    scene.work_off()
    assert scene.offers(visit) == [(near.id, "withdrawn")]
    now = scene.now(visit)
    assert (now.engineer_id, now.status, now.offer_expires_at) == (None, "scheduled", None)
    assert scene.office.post(f"/api/v1/jobs/{visit.job_id}/resume", json={}).status_code == 200
    scene.work_off()
    assert scene.offers(visit) == [(near.id, "withdrawn"), (near.id, "open")]


def test_without_time_to_answer_it_is_simply_assigned() -> None:
    scene = Scene("auto", offer_s=0)
    only = scene.engineer()
    visit = scene.visit()
    scene.work_off()
    assert scene.offers(visit) == [(only.id, "assigned")]
    assert scene.now(visit).offer_expires_at is None


def test_in_turn_asks_whoever_was_asked_longest_ago() -> None:
    scene = Scene("round_robin", offer_s=0)
    people = {scene.engineer(lon).id for lon in (0.01, 0.02, 0.03)}
    asked = []
    for _ in range(4):
        visit = scene.visit(0.0)
        scene.work_off()
        asked.append(scene.offers(visit)[0][0])
    assert set(asked[:3]) == people
    assert asked[3] == asked[0]


def test_nearest_goes_by_the_way_alone() -> None:
    scene = Scene("nearest", offer_s=0)
    near, far = scene.engineer(0.02), scene.engineer(0.2)
    busy = scene.visit(0.2, window=(8, 10))
    scene.give(busy, far, 8)  # the best place by added travel is not asked for here
    visit = scene.visit(0.0)
    scene.work_off()
    assert scene.offers(visit) == [(near.id, "assigned")]


def test_nobody_is_sent_outside_a_shift() -> None:
    scene = Scene("auto")
    scene.engineer(0.01, shift=None)
    away = scene.engineer(0.02)
    scene.absence(away, 0, 24)
    visit = scene.visit(0.0)
    scene.work_off()
    assert (scene.offers(visit), scene.now(visit).engineer_id) == ([], None)
    assert "visit.nobody_left" in scene.topics()


def test_an_emergency_is_offered_to_those_on_call_when_nobody_works() -> None:
    scene = Scene("auto")
    now = clock.now()
    ready, _ = scene.engineer(0.2, shift=None), scene.engineer(0.01, shift=None)
    span = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=5)}
    factories.add(scene.org_id, Shift(engineer_id=ready.id, on_call=True, **span))
    ordinary, urgent = scene.visit(0.0, window=None), scene.visit(0.0, window=None, priority=1)
    scene.work_off()
    assert (scene.offers(ordinary), scene.offers(urgent)) == ([], [(ready.id, "open")])


def test_the_method_of_a_territory_counts_before_that_of_the_job_type() -> None:
    scene = Scene("manual")
    only = scene.engineer()
    north = scene.territory("North", only)
    admin = factories.client("admin", scene.org_id)
    path = f"/api/v1/territories/{north.id}"
    tag = admin.get(path).headers["ETag"]
    assert admin.patch(path, json={"dispatch_method": "luck"}, headers={"If-Match": tag}).status_code == 422
    assert admin.patch(path, json={"dispatch_method": "auto"}, headers={"If-Match": tag}).status_code == 200
    visit = scene.visit(territory_id=north.id)
    scene.work_off()
    assert scene.offers(visit) == [(only.id, "open")]


def test_the_dispatcher_offers_to_somebody_or_one_after_the_other() -> None:
    scene = Scene("manual")
    near, far = scene.engineer(0.01), scene.engineer(0.3)
    unskilled = scene.visit(skills={"gas": 2})
    visit, other = scene.visit(), scene.visit()
    path = f"/api/v1/visits/{visit.id}/offers"
    made = scene.office.post(path, json={"engineer_id": str(far.id), "seconds": 120})
    assert (made.status_code, made.get_json()["engineer_id"]) == (201, str(far.id))
    assert scene.office.post(path, json={}).status_code == 409
    assert scene.office.post(f"/api/v1/visits/{other.id}/offers", json={"method": "nearest"}).status_code == 201
    assert scene.offers(other) == [(near.id, "open")]
    refused = scene.office.post(f"/api/v1/visits/{unskilled.id}/offers", json={"engineer_id": str(far.id)})
    assert refused.get_json()["type"] == "/problems/dispatch-rule-broken"
    assert scene.office.post(f"/api/v1/visits/{nobody()}/offers", json={}).status_code == 404
    assert scene.office.post(path, json={"seconds": 5}).status_code == 422
