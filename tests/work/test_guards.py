"""Nothing is completed while something required is missing; online and from a phone alike."""

from __future__ import annotations

from typing import Any

import pytest

from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.work import commands
from app.work.models import VisitEvidence
from tests import factories
from tests.work.day import Day

CHECKLIST = [
    {"key": "gas", "label": {"en": "Gas off?", "zh": "关气"}, "kind": "bool", "required": True, "at_status": "working"},
    {"key": "bar", "label": "Pressure", "kind": "number", "required": True},
    {"key": "plate", "label": "Type plate", "kind": "photo", "required": True},
    {"key": "colour", "label": "Colour", "kind": "choice", "options": ["red", "green"]},
]


def guarded(**values: Any) -> Day:
    day = Day(type_values={"checklist": CHECKLIST, "requires_signature": True, "required_photos": 2, **values})
    day.items = {}  # type: ignore[attr-defined]
    for item in day.engineer.get(f"/api/v1/checklist-items?visit_id={day.visit_id}").get_json()["items"]:
        day.items[item["key"]] = item["id"]  # type: ignore[attr-defined]
    return day


def answer(day: Day, key: str, value: Any) -> Any:
    body = {"item_id": day.items[key], "value": value}  # type: ignore[attr-defined]
    return day.engineer.post(f"/api/v1/visits/{day.visit_id}/answers", json=body)


def missing(response: Any) -> list[str]:
    assert response.status_code == 409
    assert response.get_json()["type"] == "/problems/guards-unmet"
    return [gap.get("key") or gap["guard"] for gap in response.get_json()["missing"]]


def test_completion_waits_for_everything_that_is_required() -> None:
    day = guarded()
    day.walk("accepted", "en_route", "on_site")
    assert missing(day.go(day.engineer, "working")) == ["gas"]
    assert answer(day, "gas", False).status_code == 201
    day.walk("working")
    assert missing(day.go(day.engineer, "completed")) == ["bar", "plate", "photos", "signature"]
    assert answer(day, "bar", 1.5).status_code == 201
    day.evidence("photo")
    day.evidence("photo", item_id=day.items["plate"])  # type: ignore[attr-defined]
    assert missing(day.go(day.engineer, "completed")) == ["signature"]
    assert day.visit().status == "working"
    day.evidence("signature")
    day.walk("completed")


def test_a_recorded_refusal_stands_for_a_signature_but_needs_a_reason() -> None:
    day = guarded(checklist=[], required_photos=0)
    day.walk("accepted", "en_route", "on_site", "working")
    with pytest.raises(Exception, match="invalid"):
        day.evidence("refusal")
    day.evidence("refusal", reason="in a hurry")
    day.walk("completed")


def test_a_photo_item_may_name_its_photo() -> None:
    day = guarded(requires_signature=False, required_photos=0)
    ref = new_id()
    day.walk("accepted", "en_route", "on_site")
    answer(day, "gas", True)
    day.walk("working")
    answer(day, "bar", 2)
    assert answer(day, "plate", [str(ref)]).status_code == 201
    assert missing(day.go(day.engineer, "completed")) == ["plate"]
    with transaction(day.actor()) as tx:
        commands.record_evidence(tx, day.visit_id, "photo", ref)
        commands.record_evidence(tx, day.visit_id, "photo", ref)
        assert tx.session.query(VisitEvidence).count() == 1
    day.walk("completed")


def test_guards_hold_for_phones_too() -> None:
    day = guarded()
    base = day.visit().rev
    for to in ("accepted", "en_route", "on_site"):
        assert day.offline(to, base).status == "applied"
    with pytest.raises(Exception, match="guards-unmet"):
        day.offline("working", base)


@pytest.mark.parametrize(
    ("key", "value"),
    [("gas", "yes"), ("gas", None), ("bar", True), ("bar", "1"), ("plate", "x"), ("colour", "blue"), ("colour", {})],
)
def test_answers_that_do_not_fit_are_refused(key: str, value: Any) -> None:
    day = guarded()
    assert answer(day, key, value).status_code == 422
    assert day.engineer.get(f"/api/v1/checklist-answers?visit_id={day.visit_id}").get_json()["items"] == []


def test_an_item_of_another_visit_is_refused() -> None:
    day, other = guarded(), guarded()
    body = {"item_id": other.items["gas"], "value": True}  # type: ignore[attr-defined]
    assert day.engineer.post(f"/api/v1/visits/{day.visit_id}/answers", json=body).status_code == 422


def test_the_latest_answer_stands_and_a_colleagues_other_answer_is_a_conflict() -> None:
    day = guarded()
    assert answer(day, "bar", 1).status_code == 201
    assert answer(day, "bar", 2).status_code == 201
    assert day.office.get("/api/v1/conflicts").get_json()["items"] == []
    colleague = factories.client("engineer", day.org_id)
    with transaction(day.actor(day.office)) as tx:
        commands.assign(tx, day.visit_id, colleague.engineer_id)
    body = {"item_id": day.items["bar"], "value": 3}  # type: ignore[attr-defined]
    assert colleague.post(f"/api/v1/visits/{day.visit_id}/answers", json=body).status_code == 201
    (conflict,) = day.office.get("/api/v1/conflicts?status=open&kind=answer").get_json()["items"]
    assert (conflict["theirs"]["value"], conflict["mine"]["value"]) == (2, 3)
    path = f"/api/v1/conflicts/{conflict['id']}/resolve"
    assert day.office.post(path, json={"resolution": "keep_theirs"}).status_code == 200
    answers = day.office.get(f"/api/v1/checklist-answers?item_id={day.items['bar']}&sort=corrected_at")  # type: ignore[attr-defined]
    assert [row["value"] for row in answers.get_json()["items"]] == [1, 2, 3, 2]
