"""Requests and jobs: nothing is lost on the way, and a job's status cannot disagree with its visits."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.work.commands.deriving import facts_of
from app.work.models import Job
from app.work.rules import job_status
from tests import factories
from tests.work.day import Day


def test_the_same_idempotency_key_gives_one_request_and_one_number() -> None:
    agent = factories.client("agent")
    body = {"subject": "Boiler is cold", "channel": "phone"}
    first, second = (agent.post("/api/v1/requests", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert first.get_json()["number"].startswith("R-")
    assert len(agent.get("/api/v1/requests").get_json()["items"]) == 1


def test_numbers_that_no_client_could_read_back_are_refused() -> None:
    agent = factories.client("agent")
    for number in (2**53 + 1, 1e300, -1e300):
        response = agent.post("/api/v1/requests", json={"subject": "x", "details": {"n": [number]}})
        assert (response.status_code, response.get_json()["errors"][0]["pointer"]) == (422, "/details/n/0")
    assert agent.post("/api/v1/requests", json={"subject": "x", "details": {"n": 2**53}}).status_code == 201


def test_a_request_becomes_a_job_and_loses_nothing() -> None:
    day = Day()
    site = factories.site(day.org_id)
    body = {
        "subject": "Kalt 冷 🥶",
        "description": "line 1\nline 2",
        "priority": 1,
        "site_id": str(site.id),
        "external_id": "SR-7",
        "source": "city",
        "attachments": [
            {"name": "photo.jpg", "url": "https://example.org/photo.jpg"},
            {"media_id": "01900000-0000-7000-8000-000000000000"},
        ],
        "details": {"colour": "red"},
    }
    request = day.office.post("/api/v1/requests", json=body).get_json()
    path = f"/api/v1/requests/{request['id']}"
    assert day.office.post(f"{path}/convert", json={}).get_json()["errors"][0]["pointer"] == "/job_type_id"
    job = day.office.post(f"{path}/convert", json={"job_type_id": str(day.job_type.id)})
    assert job.status_code == 201, job.get_json()
    made = job.get_json()
    for name in ("description", "priority", "site_id", "external_id", "source", "attachments", "details"):
        assert made[name] == body[name]
    assert (made["summary"], made["request_id"], made["status"]) == (body["subject"], request["id"], "open")
    assert made["account_id"] == str(site.account_id)
    after = day.office.get(path).get_json()
    assert (after["status"], after["job_id"]) == ("converted", made["id"])
    assert {key: after[key] for key in body} == body
    assert day.office.post(f"{path}/convert", json={"job_type_id": str(day.job_type.id)}).status_code == 409
    trail = day.office.get(f"/api/v1/job-events?job_id={made['id']}").get_json()["items"]
    assert trail[0]["data"]["request_number"] == request["number"]


def test_an_attachment_leads_to_a_page_and_to_no_script() -> None:
    day = Day()
    for url in ("javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//example.org", "https://a\nb"):
        body = {"subject": "Leak", "attachments": [{"url": url}]}
        answer = day.office.post("/api/v1/requests", json=body)
        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/attachments/0/url"), url
    assert day.office.get("/api/v1/requests").get_json()["items"] == []


def test_merged_requests_follow_the_one_that_goes_on() -> None:
    day = Day()
    one, two, three = (
        day.office.post("/api/v1/requests", json={"subject": f"Leak {n}"}).get_json()["id"] for n in range(3)
    )
    assert day.office.post(f"/api/v1/requests/{one}/merge", json={"into": one}).status_code == 422
    assert day.office.post(f"/api/v1/requests/{one}/merge", json={"into": two}).status_code == 200
    assert day.office.post(f"/api/v1/requests/{two}/merge", json={"into": three}).status_code == 200
    assert day.office.post(f"/api/v1/requests/{three}/merge", json={"into": one}).status_code == 422
    body = {"job_type_id": str(day.job_type.id), "site_id": str(factories.site(day.org_id).id)}
    job = day.office.post(f"/api/v1/requests/{three}/convert", json=body).get_json()
    rows = {row["id"]: row for row in day.office.get("/api/v1/requests").get_json()["items"]}
    assert {rows[one]["job_id"], rows[two]["job_id"], rows[three]["job_id"]} == {job["id"]}
    assert (rows[one]["merged_into"], rows[one]["subject"]) == (three, "Leak 0")


def test_a_job_is_made_with_its_visits() -> None:
    day = Day(type_values={"checklist": [{"label": "OK?", "kind": "bool"}], "duration_s": 5400})
    body = {
        "job_type_id": str(day.job_type.id),
        "site_id": str(factories.site(day.org_id).id),
        "visits": [
            {"window_start": "2026-03-02T08:00:00Z", "window_end": "2026-03-02T10:00:00Z"},
            {"duration_s": 600},
        ],
    }
    job = day.office.post("/api/v1/jobs", json=body)
    assert (job.status_code, job.get_json()["status"]) == (201, "open")
    visits = day.office.get(f"/api/v1/visits?job_id={job.get_json()['id']}&sort=created_at").get_json()["items"]
    assert [(v["status"], v["duration_s"]) for v in visits] == [("draft", 5400), ("draft", 600)]
    for visit in visits:
        items = day.office.get(f"/api/v1/checklist-items?visit_id={visit['id']}").get_json()["items"]
        assert [item["label"] for item in items] == ["OK?"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"site_id": "01900000-0000-7000-8000-000000000000"}, "/site_id"),
        ({"job_type_id": "01900000-0000-7000-8000-000000000000"}, "/job_type_id"),
        ({"account_id": "01900000-0000-7000-8000-000000000000"}, "/account_id"),
        ({"priority": 5}, "/priority"),
        ({"due_at": "2026-01-01T00:00:00"}, "/due_at"),
        ({"earliest_start": "2026-01-02T00:00:00Z", "due_at": "2026-01-01T00:00:00Z"}, "/due"),
        ({"status": "closed"}, "/status"),
        ({"visits": [{"window_start": "2026-01-02T00:00:00Z", "window_end": "2026-01-01T00:00:00Z"}]}, None),
    ],
)
def test_bad_jobs_are_422_and_leave_nothing(change: dict[str, Any], pointer: str | None) -> None:
    office = factories.client("dispatcher")
    site, kind = factories.site(office.org_id), factories.job_type(office.org_id)
    response = office.post("/api/v1/jobs", json={"job_type_id": str(kind.id), "site_id": str(site.id), **change})
    assert response.status_code == 422, response.get_json()
    assert pointer is None or response.get_json()["errors"][0]["pointer"] == pointer
    assert office.get("/api/v1/jobs").get_json()["items"] == []


def test_hold_and_resume() -> None:
    day = Day()
    path = f"/api/v1/jobs/{day.job_id}"
    assert day.office.post(f"{path}/hold", json={}).status_code == 422
    assert day.office.post(f"{path}/hold", json={"reason": "x", "until": "2020-01-01T00:00:00Z"}).status_code == 422
    held = day.office.post(f"{path}/hold", json={"reason": "waiting_parts", "until": "2199-01-01T00:00:00Z"}).get_json()
    assert (held["status"], held["hold_until"]) == ("on_hold", "2199-01-01T00:00:00Z")
    assert day.office.post(f"{path}/hold", json={"reason": "again"}).status_code == 409
    resumed = day.office.post(f"{path}/resume").get_json()
    assert (resumed["status"], resumed["hold_reason"]) == ("scheduled", None)
    assert day.office.post(f"{path}/resume").status_code == 409
    trail = day.office.get(f"/api/v1/job-events?job_id={day.job_id}&event=resumed").get_json()["items"]
    assert trail[0]["data"]["hold_reason"] == "waiting_parts"


def test_cancelling_takes_the_visits_along_but_not_work_under_way() -> None:
    day = Day()
    path = f"/api/v1/jobs/{day.job_id}"
    day.walk("accepted", "en_route", "on_site", "working")
    assert day.office.post(f"{path}/cancel", json={"reason": "moved out"}).status_code == 409
    other = Day()
    cancelled = other.office.post(f"/api/v1/jobs/{other.job_id}/cancel", json={"reason": "moved out"}).get_json()
    assert cancelled["status"] == "cancelled"
    assert (other.visit().status, other.visit().cancel_reason) == ("cancelled", "moved out")
    assert other.office.post("/api/v1/visits", json={"job_id": str(other.job_id)}).status_code == 409
    reopened = other.office.post(f"/api/v1/jobs/{other.job_id}/reopen", json={"reason": "they stay"}).get_json()
    assert reopened["status"] == "open"
    assert other.office.post("/api/v1/visits", json={"job_id": str(other.job_id)}).status_code == 201


def test_a_job_closes_only_when_all_visits_have_ended() -> None:
    day = Day()
    path = f"/api/v1/jobs/{day.job_id}"
    assert day.office.post("/api/v1/visits", json={"job_id": str(day.job_id)}).status_code == 201
    day.walk("accepted", "en_route", "on_site", "working", "completed")
    assert (day.job().status, day.office.post(f"{path}/close").status_code) == ("in_progress", 409)
    visits = day.office.get(f"/api/v1/visits?job_id={day.job_id}&status=draft").get_json()["items"]
    assert day.go(day.office, "cancelled", visits[0]["id"], reason="not needed").status_code == 200
    assert day.office.post(f"{path}/close").get_json()["status"] == "closed"
    patch = day.office.patch(path, json={"summary": "x"}, headers={"If-Match": "*", **MERGE})
    assert patch.status_code == 409


def test_split_names_giver_and_taker() -> None:
    day = Day()
    body = {"reason": "two trades", "visit_ids": [str(day.visit_id)], "summary": "Electric part"}
    child = day.office.post(f"/api/v1/jobs/{day.job_id}/split", json=body)
    assert child.status_code == 201, child.get_json()
    assert (child.get_json()["parent_job_id"], child.get_json()["summary"]) == (str(day.job_id), "Electric part")
    assert day.visit().status == "cancelled"
    trail = day.office.get("/api/v1/job-events?event=split,split_from&sort=created_at").get_json()["items"]
    assert [event["reason"] for event in trail] == ["two trades"] * 2
    assert trail[0]["data"]["child_number"] == child.get_json()["number"]


MERGE = {"Content-Type": "application/merge-patch+json"}


def test_patch_demands_the_revision() -> None:
    day = Day()
    path = f"/api/v1/visits/{day.visit_id}"
    body = {"instructions": "ring twice"}
    assert day.office.patch(path, json=body, headers=MERGE).status_code == 428
    assert day.office.patch(path, json=body, headers={**MERGE, "If-Match": '"999"'}).status_code == 412
    etag = day.office.get(path).headers["ETag"]
    patched = day.office.patch(path, json=body, headers={**MERGE, "If-Match": etag})
    assert (patched.status_code, patched.get_json()["instructions"]) == (200, "ring twice")
    for wrong in ({"status": "completed"}, {"engineer_id": None}, {"job_id": str(day.job_id), "rev": 3}):
        assert day.office.patch(path, json=wrong, headers={**MERGE, "If-Match": "*"}).status_code == 422


def test_stored_statuses_equal_the_derivation() -> None:
    day = Day()
    day.walk("accepted", "en_route", "on_site", "working", "completed")
    for number in range(4):
        job = factories.job(day.org_id, job_type_id=day.job_type.id)
        if number % 2:
            day.office.post(f"/api/v1/jobs/{job.id}/cancel", json={"reason": "x"})
    with factories.within(day.org_id) as tx:
        for job in tx.session.scalars(select(Job)):
            assert job.status == job_status(facts_of(tx, job)), job.number
