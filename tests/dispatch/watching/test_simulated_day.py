"""A day with an illness, an emergency and an overrun: a plan is proposed each time, applied, and reaches the phones."""

from __future__ import annotations

from typing import Any

from tests.dispatch.watching.scene import Today, soon


def held(phone: Any) -> set[str]:
    """The visits on a phone."""
    page = phone.get("/api/v1/sync/pull?collections=visits").get_json()
    return {row["id"] for row in page["changes"].get("visits", {"upserts": []})["upserts"]}


def proposed(day: Today, kind: str) -> dict[str, Any]:
    """The finished plan that was proposed because of an alert of this kind."""
    day.work_off()
    plan_id = day.alerts(kind=kind, open="true")[0]["plan_id"]
    plan = day.read(plan_id)
    assert plan["status"] == "done", plan
    return plan


def moved(plan: dict[str, Any]) -> int:
    """How many visits go to somebody else."""
    return sum(change["change"] == "moved" for change in plan["difference"])


def test_each_trouble_gets_a_proposal_that_reaches_the_phones() -> None:
    day = Today()
    phones = [day.on_duty(0.02 * n) for n in range(4)]
    visits = {
        phone.engineer_id: [
            day.told(phone, 0.02 * n, at, window_start=at - 10, window_end=at + 120) for at in (40, 110)
        ]
        for n, phone in enumerate(phones)
    }
    day.work_off()
    moves = 0

    ill, *others = phones
    absence = {"engineer_id": str(ill.engineer_id), "reason": "sick"}
    span = {"starts_at": soon(-1).isoformat(), "ends_at": soon(400).isoformat()}
    assert day.office.post("/api/v1/absences", json={**absence, **span}).status_code == 201
    plan = proposed(day, "absence")
    assert held(ill), "a proposal changes nothing"
    moves += moved(plan)
    assert day.apply(plan["id"]).status_code == 200
    orphans = {str(visit.id) for visit in visits[ill.engineer_id]}
    assert held(ill) == set()
    assert orphans <= set().union(*(held(phone) for phone in others))

    urgent = day.visit(0.03, window=None, priority=1, visit={"window_start": soon(0), "window_end": soon(100)})
    plan = proposed(day, "emergency")
    moves += moved(plan)
    assert day.apply(plan["id"]).status_code == 200
    assert sum(str(urgent.id) in held(phone) for phone in others) == 1

    busy = others[0]
    first = day.now(visits[busy.engineer_id][0])
    day.step(busy, first, "accepted", "en_route", "on_site", "working")
    tag = {"If-Match": f'"{day.now(first).rev}"'}
    assert day.office.patch(f"/api/v1/visits/{first.id}", json={"duration_s": 5 * 3600}, headers=tag).status_code == 200
    plan = proposed(day, "promise_at_risk")
    assert day.apply(plan["id"]).status_code == 200
    moves += moved(plan)
    day.look()
    assert day.alerts(kind="promise_at_risk", open="true") == [], "every promise is kept again"
    assert plan["totals"]["broken"] == 0, "whoever was told a window is still served within it"
    assert 2 <= moves <= 9, "the rest of the day stays with whoever had it"
