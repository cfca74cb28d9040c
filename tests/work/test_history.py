"""Who changed what of a job: told to those who may read it, and of their own jobs only."""

from __future__ import annotations

from typing import Any

from app.work.models import Job
from tests import factories


def changes(client: Any, job_id: object) -> Any:
    return client.get(f"/api/v1/jobs/{job_id}/changes")


def patch(client: Any, path: str, rev: int, **values: Any) -> None:
    answer = client.patch(path, json=values, headers={"If-Match": f'"{rev}"'})
    assert answer.status_code == 200, answer.json


def test_each_change_names_who_made_it_and_what_stood_there_before() -> None:
    engineer = factories.client("engineer")
    visit = factories.visit(engineer.org_id, summary="Cold")
    office: Any = factories.client("dispatcher", engineer.org_id)
    with factories.within(engineer.org_id) as tx:
        rev = tx.get(Job, visit.job_id).rev
    patch(office, f"/api/v1/jobs/{visit.job_id}", rev, summary="Very cold")
    patch(office, f"/api/v1/visits/{visit.id}", visit.rev, instructions="Ring twice")
    body = {"engineer_id": str(engineer.engineer_id), "force": True, "reason": "Asked for by name"}
    assert office.post(f"/api/v1/visits/{visit.id}/assign", json=body).status_code == 200
    factories.visit(engineer.org_id)  # of another job: nothing of it is told
    told = changes(office, visit.job_id).json["items"]
    assert {one["subject_id"] for one in told} == {str(visit.id), str(visit.job_id)}
    by_action = {one["action"]: one for one in told}
    assert by_action["job.updated"]["fields"] == [{"name": "summary", "before": "Cold", "after": "Very cold"}]
    (field,) = by_action["visit.updated"]["fields"]
    assert (field["name"], field["after"]) == ("instructions", "Ring twice")
    assert by_action["visit.assigned"]["reason"] == "Asked for by name"
    me = office.get("/api/v1/me").json
    for action in ("job.updated", "visit.updated", "visit.assigned"):
        one = by_action[action]
        assert (one["user_id"], one["name"], one["role"]) == (me["id"], me["name"], "dispatcher"), action
    steps = office.get(f"/api/v1/visit-events?visit_id={visit.id}").json["items"]
    assert by_action["visit.transitioned"]["event_id"] in {step["id"] for step in steps}
    assert told == sorted(told, key=lambda one: -one["id"])


def test_the_audit_of_a_job_is_read_within_the_own_scope_and_not_by_engineers() -> None:
    engineer = factories.client("engineer")
    visit = factories.visit(engineer.org_id)
    assert changes(engineer, visit.job_id).status_code == 403
    assert changes(factories.client("agent", engineer.org_id), visit.job_id).status_code == 403
    assert changes(factories.client("dispatcher"), visit.job_id).status_code == 404
    for role in ("admin", "manager", "auditor", "dispatcher"):
        assert changes(factories.client(role, engineer.org_id), visit.job_id).status_code == 200
