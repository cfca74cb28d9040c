"""What a phone gets of the work, and that its pushes run the commands of the online API."""

from __future__ import annotations

from typing import Any

from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.work import commands
from tests import factories
from tests.work.day import Day

AT = "2026-03-02T08:15:00Z"


class Phone:
    """The engineer's phone: pulls and pushes as the native client does."""

    def __init__(self, day: Day, client: factories.Client) -> None:
        self.device = factories.device(client.user)
        self.client = factories.sign_in(client.user, self.device)
        self.cursor: int | None = None
        self.seq = 0

    def pull(self) -> dict[str, Any]:
        suffix = f"?cursor={self.cursor}" if self.cursor else ""
        page = self.client.get(f"/api/v1/sync/pull{suffix}")
        assert page.status_code == 200, page.get_json()
        self.cursor = page.get_json()["cursor"]
        return page.get_json()["changes"]  # type: ignore[no-any-return]

    def push(self, collection: str, kind: str, row_id: Any, data: dict[str, Any], base: int | None = None) -> Any:
        self.seq += 1
        mutation: dict[str, Any] = {"id": str(new_id()), "seq": self.seq, "collection": collection, "type": kind}
        mutation |= {"row_id": str(row_id), "data": data, "device_at": AT}
        if base is not None:
            mutation["base_rev"] = base
        body = {"device_id": str(self.device.id), "mutations": [mutation]}
        answer = self.client.post("/api/v1/sync/push", json=body)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()["results"][0]


CHECKLIST = [{"key": "ok", "label": "OK?", "kind": "bool", "required": True}]


def test_a_phone_holds_its_visit_and_all_that_belongs_to_it_and_works_it_offline() -> None:
    day = Day(type_values={"checklist": CHECKLIST})
    day.office.post(f"/api/v1/visits/{day.visit_id}/notes", json={"body": "dog", "internal": True})
    phone = Phone(day, day.engineer)
    changes = phone.pull()
    assert [row["id"] for row in changes["visits"]["upserts"]] == [str(day.visit_id)]
    held = {"visits", "jobs", "sites", "accounts", "job_types", "checklist_items", "notes"}
    assert held <= {name for name, change in changes.items() if change["upserts"]}
    base = changes["visits"]["upserts"][0]["rev"]
    item = changes["checklist_items"]["upserts"][0]["id"]
    for to in ("accepted", "en_route", "on_site", "working"):
        assert phone.push("visits", "transition", day.visit_id, {"to": to}, base)["status"] == "applied"
    refused = phone.push("visits", "transition", day.visit_id, {"to": "completed"}, base)
    assert (refused["status"], refused["problem"]["type"]) == ("rejected", "/problems/guards-unmet")
    visit_id = str(day.visit_id)
    answer = phone.push("checklist_answers", "create", new_id(), {"visit_id": visit_id, "item_id": item, "value": True})
    assert answer["status"] == "applied", answer
    entry = {"visit_id": visit_id, "kind": "work", "started_at": AT}
    entry_id = new_id()
    assert phone.push("time_entries", "create", entry_id, entry)["status"] == "applied"
    ended = phone.push("time_entries", "update", entry_id, {"ended_at": "2026-03-02T09:00:00Z"}, 1)
    assert ended["status"] == "applied", ended
    assert phone.push("notes", "create", new_id(), {"visit_id": visit_id, "body": "done"})["status"] == "applied"
    assert phone.push("visits", "transition", day.visit_id, {"to": "completed"}, base)["status"] == "applied"
    assert day.visit().status == "completed"
    changes = phone.pull()
    assert {"checklist_answers", "time_entries", "notes", "visits"} <= set(changes)


def test_a_reassigned_visit_leaves_the_phone_and_its_late_work_is_a_conflict_there() -> None:
    day = Day()
    phone = Phone(day, day.engineer)
    base = phone.pull()["visits"]["upserts"][0]["rev"]
    other = factories.client("engineer", day.org_id)
    assert day.office.get(f"/api/v1/visits/{day.visit_id}").status_code == 200

    with transaction(day.actor(day.office)) as tx:
        commands.assign(tx, day.visit_id, other.engineer_id)
    late = phone.push("visits", "transition", day.visit_id, {"to": "accepted"}, base)
    assert late["status"] == "conflict", late
    changes = phone.pull()
    assert str(day.visit_id) in changes["visits"]["removed"] + changes["visits"].get("leaving", [])
    assert [row["id"] for row in changes["conflicts"]["upserts"]] == [late["conflict_id"]]
    mate = Phone(day, other)
    assert [row["id"] for row in mate.pull()["visits"]["upserts"]] == [str(day.visit_id)]


def test_a_phones_wish_about_the_plan_is_a_proposal() -> None:
    day = Day()
    phone = Phone(day, day.engineer)
    base = phone.pull()["visits"]["upserts"][0]["rev"]
    wish = phone.push("visits", "update", day.visit_id, {"planned_start": "2026-03-03T08:00:00Z"}, base)
    assert wish["status"] == "conflict", wish
    assert day.visit().planned_start is None
    resolved = day.office.post(f"/api/v1/conflicts/{wish['conflict_id']}/resolve", json={"resolution": "keep_mine"})
    assert resolved.status_code == 200, resolved.get_json()
    assert day.visit().planned_start is not None


def test_an_internal_note_stays_off_a_subcontractors_phone() -> None:
    day = Day()
    outsider = factories.client("subcontractor", day.org_id)
    visit = factories.visit(day.org_id, outsider.engineer_id)
    path = f"/api/v1/jobs/{visit.job_id}/notes"
    day.office.post(path, json={"body": "pays late", "internal": True})
    day.office.post(path, json={"body": "dog in yard"})
    notes = Phone(day, outsider).pull()["notes"]["upserts"]
    assert [note["body"] for note in notes] == ["dog in yard"]
