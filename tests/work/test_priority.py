"""Points of jobs: the table, waiting past the threshold, urgent words, weights that total 100, the queue's order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.actor import system_actor
from app.kernel.db import Tx
from app.kernel.models import AuditEntry, Event
from app.places.models import Account
from app.work import commands, priority
from app.work.models import JobEvent
from app.work.priority import Facts, Rules
from app.work.priority_words import sentence
from tests import factories

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("urgency", "importance", "tier", "due", "waited", "points"),
    [
        (1, 1, "platinum", -1.0, 0.0, 100.0),
        (4, 4, "standard", None, 0.0, 0.0),
        (1, 4, "standard", None, 0.0, 40.0),
        (2, 4, "standard", None, 0.0, 26.67),
        (3, 4, "standard", None, 0.0, 13.33),
        (4, 1, "standard", None, 0.0, 30.0),
        (4, 4, "gold", None, 0.0, 13.33),
        (4, 4, "standard", 36.0, 0.0, 5.0),
        (4, 4, "standard", 80.0, 0.0, 0.0),
        (3, 3, "silver", 18.0, 0.0, 37.5),
        (4, 4, "standard", None, 4.0, 0.0),
        (4, 4, "standard", None, 6.5, 5.0),
        (4, 4, "standard", None, 400.0, 20.0),
    ],
)
def test_points(urgency: int, importance: int, tier: str, due: float | None, waited: float, points: float) -> None:
    facts = Facts(urgency, importance, tier, None if due is None else NOW + hours(due), NOW - hours(waited))
    assert priority.score(priority.terms(facts, Rules(), NOW)) == points


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("There is a GAS  smell in the kitchen", "gas smell"),
        ("厨房有燃气味，请尽快", "燃气味"),
        ("it smells of gas", "smells of gas"),
        ("pegas smells", None),
        ("Annual boiler service", None),
        ("", None),
    ],
)
def test_urgent_words(said: str, found: str | None) -> None:
    assert priority.urgent_word(said, Rules()) == ((found, 1) if found else None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_words(language: str) -> None:
    facts = Facts(2, 2, "gold", NOW + hours(3), NOW - hours(60))
    said = [sentence(one.name, one.numbers, language) for one in priority.terms(facts, Rules(), NOW)]
    assert len(set(said)) == 5
    assert all(said)


def test_a_job_that_says_so_is_urgent_and_tells_why() -> None:
    office = factories.client("dispatcher")
    place, kind = factories.site(office.org_id), factories.job_type(office.org_id)
    body = {"site_id": str(place.id), "job_type_id": str(kind.id), "summary": "Kitchen", "priority": 3}
    job = office.post("/api/v1/jobs", json={**body, "description": "老人说有燃气味"}).get_json()
    assert job["priority"] == 1
    why = office.get(f"/api/v1/jobs/{job['id']}/priority", headers={"Accept-Language": "zh"}).get_json()
    assert why["urgent_words"] == [{"words": "燃气味", "priority": 1, "detail": "内容提到“燃气味”"}]
    assert why["score"] == round(sum(term["points"] for term in why["terms"]), 2)
    events = office.get(f"/api/v1/job-events?job_id={job['id']}").get_json()["items"]
    assert [(one["event"], one["data"]["to"]) for one in events] == [("raised", 1)]
    patched = patch(office, job, {"priority": 2})
    assert patched["priority"] == 2, "who decides otherwise has seen the reason"
    assert patch(office, patched, {"description": "Gas leak, they left the house"})["priority"] == 1


def patch(client: Any, job: dict[str, Any], data: dict[str, Any]) -> Any:
    tag = client.get(f"/api/v1/jobs/{job['id']}").headers["ETag"]
    return client.patch(f"/api/v1/jobs/{job['id']}", json=data, headers={"If-Match": tag}).get_json()


def test_a_request_that_says_so_is_urgent() -> None:
    office = factories.client("agent")
    made = office.post("/api/v1/requests", json={"subject": "Smell of gas on the stairs", "priority": 4}).get_json()
    assert made["priority"] == 1


def test_whoever_waits_too_long_climbs_and_it_is_told() -> None:
    office = factories.client("dispatcher")
    job = factories.job(office.org_id, priority=4)
    first = office.get(f"/api/v1/jobs/{job.id}").get_json()["score"]
    climb(office, 3)
    assert office.get(f"/api/v1/jobs/{job.id}").get_json()["score"] == first
    climb(office, 7)
    climb(office, 7)
    assert office.get(f"/api/v1/jobs/{job.id}").get_json()["score"] == pytest.approx(first + 6, abs=0.1)
    with factories.within(office.org_id) as tx:
        told = tx.session.scalars(select(Event).where(Event.topic == "job.aged")).all()
        kept = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "job.aged")).all()
        trail = tx.session.scalars(select(JobEvent).where(JobEvent.event == "aged")).all()
    assert (len(told), len(kept), len(trail)) == (1, 1, 1)
    assert told[0].payload["points"] == 5


def climb(office: Any, later: float) -> None:
    with factories.within(office.org_id) as tx:
        commands.refresh_scores(Tx(tx.session, system_actor(office.org_id), tx.now + hours(later)))


def test_weights_are_the_organisation_s_and_total_100() -> None:
    admin = factories.client("admin")
    rich = factories.add(admin.org_id, Account(name="Lin", tier="platinum"))
    job = factories.job(admin.org_id, site_id=factories.site(admin.org_id, account_id=rich.id).id, priority=4)
    path = f"/api/v1/jobs/{job.id}"
    assert admin.get(path).get_json()["score"] == 30.0
    weights = {"urgency": 10, "importance": 0, "tier": 80, "deadline": 9}
    refused = admin.put("/api/v1/priority/settings", json={"weights": weights})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/weights/urgency")
    assert admin.get(path).get_json()["score"] == 30.0
    kept = admin.put("/api/v1/priority/settings", json={"weights": {**weights, "deadline": 10}, "age_most": 5})
    assert (kept.status_code, kept.get_json()["weights"]["tier"], kept.get_json()["age_most"]) == (200, 80, 5)
    assert admin.get(path).get_json()["score"] == 80.0
    own = {"urgent_words": [{"words": "lift stuck", "priority": 2}]}
    assert admin.put("/api/v1/priority/settings", json=own).status_code == 200
    assert factories.job(admin.org_id, summary="Lift stuck, gas smell", priority=3).priority == 2


def test_the_queue_is_sorted_by_points() -> None:
    office = factories.client("dispatcher")
    low, high, middle = (factories.visit(office.org_id, priority=n) for n in (4, 1, 2))
    found = office.get("/api/v1/visits?unassigned=true&sort=-score").get_json()["items"]
    assert [one["id"] for one in found] == [str(one.id) for one in (high, middle, low)]
    assert found[0]["score"] > found[1]["score"] > found[2]["score"]
    page = office.get("/api/v1/jobs?sort=-score&limit=2").get_json()
    rest = office.get(f"/api/v1/jobs?sort=-score&limit=2&cursor={page['next_cursor']}").get_json()
    assert [one["priority"] for one in (*page["items"], *rest["items"])] == [1, 2, 4]
