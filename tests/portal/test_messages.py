"""What a customer writes stands on the job's trail, and nowhere else; not too often, and not as somebody else. What the
office answers stands there too, and on the customer's page."""

from __future__ import annotations

from typing import Any

import pytest

from app.notices.codes import code_of
from app.places.models import Contact
from app.portal import api
from tests import factories

DIGITS = {"digits": "8042"}


def letter(job: Any, text: str, **known: str) -> Any:
    told = {**(known or DIGITS), "text": text}
    return factories.app().test_client().post(f"/api/v1/track/{code_of(job.org_id, job.id)}/messages", json=told)


def a_job() -> Any:
    org_id = factories.organisation().id
    contact = factories.add(org_id, Contact(name="Lin", phone="+86 138 0013 8042"))
    return factories.job(org_id, contact_id=contact.id)


def answer(job: Any, text: Any, role: str = "dispatcher") -> Any:
    return factories.client(role, job.org_id).post(f"/api/v1/jobs/{job.id}/messages", json={"text": text})


def trail(job: Any) -> list[tuple[str, str | None]]:
    found = factories.client("dispatcher", job.org_id).get(f"/api/v1/job-events?job_id={job.id}").get_json()["items"]
    return [(one["event"], one["reason"]) for one in found if one["event"].endswith("_wrote")]


def test_it_is_read_by_the_desk_and_by_its_writer() -> None:
    job = a_job()
    answer = letter(job, "The bell is broken. 门铃坏了。")
    assert answer.status_code == 201, answer.json
    assert [one["text"] for one in answer.json["messages"]] == ["The bell is broken. 门铃坏了。"]
    assert trail(job) == [("customer_wrote", "The bell is broken. 门铃坏了。")]


def test_nobody_else_writes_and_nothing_empty_or_endless_is_kept() -> None:
    job = a_job()
    assert letter(job, "Hello", digits="0000").status_code == 404
    for text in ("", "   ", "x" * 2001, "a\0b"):
        answer = letter(job, text)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/text"), text
    assert trail(job) == []


def test_nobody_floods_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LETTERS", "2 per hour")
    job = a_job()
    answers = [letter(job, f"Number {n}").status_code for n in range(3)]
    assert answers == [201, 201, 429]
    assert len(trail(job)) == 2


def test_the_office_answers_and_the_customer_reads_it() -> None:
    job = a_job()
    letter(job, "Where can I park?")
    answered = answer(job, "In the yard. 可停在院内。")
    assert answered.status_code == 201, answered.json
    thread = [("customer", "Where can I park?"), ("office", "In the yard. 可停在院内。")]
    assert [(one["by"], one["text"]) for one in answered.json["messages"]] == thread
    page = factories.app().test_client().post(f"/api/v1/track/{code_of(job.org_id, job.id)}", json=DIGITS)
    assert [(one["by"], one["text"]) for one in page.json["messages"]] == thread
    desk = factories.client("auditor", job.org_id).get(f"/api/v1/jobs/{job.id}/messages")
    assert [(one["by"], one["text"]) for one in desk.json["messages"]] == thread
    assert sorted(trail(job)) == [(f"{by}_wrote", text) for by, text in thread]


def test_who_may_not_answer_and_what_is_no_answer() -> None:
    job = a_job()
    assert [answer(job, "Hello", role).status_code for role in ("engineer", "auditor", "storekeeper")] == [403] * 3
    elsewhere = factories.client("dispatcher", factories.organisation().id)
    assert elsewhere.post(f"/api/v1/jobs/{job.id}/messages", json={"text": "Hello"}).status_code == 404
    for text in ("", "   ", "x" * 2001, "a\0b", 7, None):
        refused = answer(job, text)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/text"), text
    assert trail(job) == []


def test_what_nobody_could_read_is_not_taken() -> None:
    left, nameless = a_job(), factories.job(factories.organisation().id)
    assert factories.client("admin", left.org_id).delete(f"/api/v1/contacts/{left.contact_id}").status_code == 204
    for job in (left, nameless):
        refused = answer(job, "Hello")
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/state-conflict")
        assert trail(job) == []
