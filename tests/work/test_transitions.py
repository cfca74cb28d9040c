"""The guarded table: every pair × every role, and what each step does."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from app.kernel.permissions import RIGHTS, Role
from app.work import transitions
from app.work.statuses import PASSING, VISIT_STATUSES
from app.work.transitions import STEPS, document
from tests import factories
from tests.work.day import Day

# The table of the product's page, written once more: (from, to) → parties.
OFFICE, FIELD, REVIEW, SPOT = {"dispatcher"}, {"engineer"}, {"supervisor"}, {"customer", "engineer"}
PLAN = {"dispatcher", "customer"}
LEGAL = {
    ("draft", "scheduled"): OFFICE,
    ("scheduled", "dispatched"): OFFICE,
    ("dispatched", "accepted"): FIELD,
    ("dispatched", "rejected"): FIELD,
    ("accepted", "en_route"): FIELD,
    ("en_route", "on_site"): FIELD,
    ("on_site", "working"): FIELD,
    ("working", "paused"): FIELD,
    ("paused", "working"): FIELD,
    ("working", "completed"): FIELD,
    ("working", "aborted"): FIELD,
    ("completed", "approved"): REVIEW,
    ("completed", "sent_back"): REVIEW,
    ("disputed", "approved"): REVIEW,
    ("completed", "confirmed"): SPOT,
    ("completed", "disputed"): SPOT,
    **{(s, "cannot_complete"): FIELD for s in ("accepted", "en_route", "on_site", "working", "paused")},
    **{(s, "cancelled"): PLAN for s in ("draft", "scheduled", "dispatched", "accepted", "en_route", "on_site")},
    **{(s, "scheduled"): PLAN for s in ("dispatched", "accepted", "en_route", "on_site")},
}
MEMBERS = {
    "dispatcher": {Role.ADMIN, Role.MANAGER, Role.DISPATCHER},
    "supervisor": {Role.ADMIN, Role.MANAGER},
    "engineer": {Role.ENGINEER},
    "customer": set(),
}
ROLES = [role for role in Role if role not in (Role.SYSTEM, Role.API_KEY, Role.CUSTOMER)]


@pytest.mark.parametrize("role", ROLES)
def test_every_pair_for_every_role(role: Role) -> None:
    day = Day()
    client = day.engineer if role is Role.ENGINEER else factories.client(role, day.org_id)
    wrong = []
    for source, to in itertools.product(VISIT_STATUSES, VISIT_STATUSES):
        day.put(source)
        before = (day.visit().rev, len(day.events()))
        response = day.go(client, to, reason=None if role in MEMBERS["engineer"] else "why")
        parties = LEGAL.get((source, to))
        if role not in RIGHTS["visits.transition"]:
            expected = {403}
        elif parties is None:
            expected = {409}
        elif not any(role in MEMBERS[party] for party in parties):
            expected = {403}
        else:
            expected = {200, 422} if role is Role.ENGINEER else {200}
            expected |= {409} if to == "aborted" else set()
        if response.status_code not in expected:
            wrong.append((source, to, response.status_code, response.get_json()))
        if response.status_code != 200 and (day.visit().rev, len(day.events())) != before:
            wrong.append((source, to, "changed something"))
        if parties is None and role in RIGHTS["visits.transition"]:
            mine = [t for (s, t), who in LEGAL.items() if s == source and any(role in MEMBERS[p] for p in who)]
            assert sorted(response.get_json()["allowed"]) == sorted(mine)
            assert response.get_json()["type"] == "/problems/illegal-transition"
    assert wrong == []


def test_the_table_is_data_that_clients_get() -> None:
    day = Day()
    table = day.engineer.get("/api/v1/visit-table").get_json()
    assert table == document()
    assert Path(transitions.__file__).with_suffix(".json").read_text() == transitions.render()
    assert {(s["from"], s["to"]) for s in table["steps"] if s["who"]} == set(LEGAL)
    assert {(s.source, s.to) for s in STEPS if not s.who} == set(PASSING.items())


def test_a_day_as_it_should_be() -> None:
    day = Day()
    for to in ("accepted", "en_route", "on_site", "working", "paused", "working", "completed"):
        response = day.go(day.engineer, to, device_at="2026-03-02T08:15:00Z", location={
            "type": "Point", "coordinates": [121.5, 31.2]})  # fmt: skip
        assert response.status_code == 200
        assert response.get_json()["status"] == to
        assert response.headers["ETag"] == f'"{response.get_json()["rev"]}"'
    assert day.job().status == "completed"
    last = day.events()[-1]
    assert (last.event, last.from_status, last.to_status, last.applied) == ("completed", "working", "completed", True)
    assert last.engineer_id == day.engineer.engineer_id
    assert last.device_at.isoformat() == "2026-03-02T08:15:00+00:00"
    assert last.received_at > last.corrected_at
    assert day.go(day.manager, "approved").get_json()["status"] == "approved"
    shown = day.office.get(f"/api/v1/visit-events?visit_id={day.visit_id}&sort=seq").get_json()["items"]
    assert [event["to_status"] for event in shown][-2:] == ["completed", "approved"]
    assert shown[-2]["location"] == {"type": "Point", "coordinates": [121.5, 31.2]}


def test_a_rejection_gives_the_visit_back_without_engineer() -> None:
    day = Day()
    assert day.go(day.engineer, "rejected").status_code == 422
    answer = day.go(day.engineer, "rejected", reason="no ladder").get_json()
    assert (answer["status"], answer["engineer_id"]) == ("scheduled", None)
    assert [(e.from_status, e.to_status) for e in day.events()][-2:] == [
        ("dispatched", "rejected"),
        ("rejected", "scheduled"),
    ]
    assert day.events()[-2].engineer_id == day.engineer.engineer_id
    assert day.engineer.get(f"/api/v1/visits/{day.visit_id}").status_code == 404


def test_sent_back_work_goes_on() -> None:
    day = Day()
    day.walk("accepted", "en_route", "on_site", "working", "completed")
    assert day.go(day.manager, "sent_back").status_code == 422
    assert day.go(day.manager, "sent_back", reason="photo is dark").get_json()["status"] == "working"
    assert day.job().status == "in_progress"


def test_cannot_complete_demands_a_reason_and_drafts_a_follow_up() -> None:
    day = Day()
    day.walk("accepted")
    assert day.go(day.engineer, "cannot_complete").status_code == 422
    assert day.go(day.engineer, "cannot_complete", reason="part missing").status_code == 200
    visits = day.office.get(f"/api/v1/visits?job_id={day.job_id}").get_json()["items"]
    follow = next(visit for visit in visits if visit["follow_up_of"])
    assert follow["follow_up_of"] == str(day.visit_id)
    assert (follow["status"], follow["instructions"], follow["duration_s"]) == ("draft", "part missing", 3600)
    assert day.job().status == "open"


def test_an_abort_is_asked_for_and_acknowledged() -> None:
    day = Day()
    path = f"/api/v1/visits/{day.visit_id}/abort-request"
    assert day.office.post(path, json={"reason": "gas smell"}).status_code == 409
    day.walk("accepted", "en_route", "on_site", "working")
    refused = day.go(day.engineer, "aborted")
    assert (refused.status_code, refused.get_json()["missing"][0]["guard"]) == (409, "abort_asked")
    assert day.office.post(path, json={"reason": "gas smell"}).get_json()["status"] == "working"
    assert day.go(day.engineer, "aborted").get_json()["status"] == "aborted"
    assert day.job().status == "open"


def test_rescheduling_goes_back_to_scheduled() -> None:
    day = Day()
    day.walk("accepted", "en_route")
    answer = day.go(day.office, "rescheduled", reason="customer away").get_json()
    assert answer["status"] == "scheduled"
    assert day.events()[-1].event == "rescheduled"


def test_another_engineer_may_not_and_strangers_find_nothing() -> None:
    day = Day()
    colleague = factories.client("engineer", day.org_id)
    assert day.go(colleague, "accepted").status_code == 403
    assert day.go(colleague, "completed").status_code == 409
    assert day.go(factories.client("dispatcher"), "cancelled", reason="x").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": "sleeping"},
        {"to": "accepted", "device_at": "yesterday"},
        {"to": "accepted", "device_at": "2026-03-02T08:15:00"},
        {"to": "accepted", "location": {"type": "Point", "coordinates": [500, 0]}},
        {"to": "accepted", "speed": 1},
    ],
)
def test_bad_bodies_are_422_and_change_nothing(body: dict[str, object]) -> None:
    day = Day()
    response = day.engineer.post(f"/api/v1/visits/{day.visit_id}/transitions", json=body)
    assert response.status_code == 422
    assert day.visit().status == "dispatched"
