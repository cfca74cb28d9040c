"""What is recorded at a visit: time, parts, notes; and what the database itself refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel.ids import new_id
from app.stock import commands as stock
from app.stock.models import Part, StockLocation
from app.work.models import Note
from tests import factories
from tests.work.day import Day


def test_time_entries_open_and_end() -> None:
    day = Day()
    path = f"/api/v1/visits/{day.visit_id}/time-entries"
    entry = day.engineer.post(path, json={"kind": "work", "started_at": "2026-03-02T08:00:00Z"})
    assert entry.status_code == 201, entry.get_json()
    end = f"/api/v1/time-entries/{entry.get_json()['id']}/end"
    assert day.engineer.post(end, json={"ended_at": "2026-03-02T07:00:00Z"}).status_code == 422
    ended = day.engineer.post(end, json={"ended_at": "2026-03-02T09:30:00Z"}).get_json()
    assert (ended["ended_at"], ended["ended_corrected_at"]) == ("2026-03-02T09:30:00Z",) * 2
    assert factories.client("engineer", day.org_id).post(end, json={}).status_code == 404
    wrong = {"kind": "work", "started_at": "2026-03-02T08:00:00Z", "ended_at": "2026-03-02T07:00:00Z"}
    assert day.engineer.post(path, json=wrong).status_code == 422


def van_with(day: Day, quantity: int) -> tuple[Part, StockLocation]:
    van = factories.add(day.org_id, StockLocation(kind="van", name="Van", engineer_id=day.engineer.engineer_id))
    part = factories.add(day.org_id, Part(number="F-1", name="Filter", unit="piece"))
    with factories.within(day.org_id) as tx:
        stock.receive(tx, part.id, Decimal(quantity), van.id)
    return part, van


def test_parts_leave_the_van_and_may_run_negative() -> None:
    day = Day()
    part, van = van_with(day, 2)
    path = f"/api/v1/visits/{day.visit_id}/part-uses"
    first = day.engineer.post(path, json={"part_id": str(part.id), "quantity": "1.5"})
    assert first.status_code == 201, first.get_json()
    assert (first.get_json()["location_id"], first.get_json()["flags"]) == (str(van.id), [])
    second = day.engineer.post(path, json={"part_id": str(part.id), "quantity": "1"}).get_json()
    assert second["flags"] == ["negative_stock"]
    balances = day.manager.get(f"/api/v1/stock-locations/{van.id}/balances").get_json()["items"]
    assert Decimal(balances[0]["quantity"]) == Decimal("-0.5")
    for wrong in ("0", "-1", "x", "NaN", "1.0001", "99999999"):
        assert day.engineer.post(path, json={"part_id": str(part.id), "quantity": wrong}).status_code == 422, wrong


def test_internal_notes_never_reach_a_subcontractor() -> None:
    day = Day()
    outsider = factories.client("subcontractor", day.org_id)
    visit = factories.visit(day.org_id, outsider.engineer_id)
    path = f"/api/v1/jobs/{visit.job_id}/notes"
    assert day.office.post(path, json={"body": "pays late", "internal": True}).status_code == 201
    assert day.office.post(path, json={"body": "dog in yard"}).status_code == 201
    seen = outsider.get(f"/api/v1/notes?job_id={visit.job_id}").get_json()["items"]
    assert [note["body"] for note in seen] == ["dog in yard"]
    on_visit = f"/api/v1/visits/{visit.id}/notes"
    assert outsider.post(on_visit, json={"body": "x", "internal": True}).status_code == 403
    assert outsider.post(on_visit, json={"body": "done"}).status_code == 201
    assert len(day.office.get(f"/api/v1/notes?job_id={visit.job_id}").get_json()["items"]) == 3
    internal = day.office.get("/api/v1/notes").get_json()["items"]
    hidden = next(note["id"] for note in internal if note["internal"])
    assert outsider.get(f"/api/v1/notes/{hidden}").status_code == 404


def test_others_words_stay_theirs() -> None:
    day = Day()
    note = day.office.post(f"/api/v1/visits/{day.visit_id}/notes", json={"body": "key at no. 5"}).get_json()
    path, headers = f"/api/v1/notes/{note['id']}", {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert day.engineer.patch(path, json={"body": "mine"}, headers=headers).status_code == 403
    assert day.office.patch(path, json={"body": "key at no. 6"}, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["answers", "time-entries", "part-uses", "notes"])
def test_nobody_records_at_a_visit_that_is_not_theirs(path: str) -> None:
    day = Day()
    bodies: dict[str, Any] = {
        "answers": {"item_id": str(day.visit_id), "value": True},
        "time-entries": {"kind": "work", "started_at": "2026-03-02T08:00:00Z"},
        "part-uses": {"part_id": str(day.visit_id), "quantity": "1"},
        "notes": {"body": "x"},
    }
    for client in (factories.client("engineer", day.org_id), factories.client("engineer")):
        assert client.post(f"/api/v1/visits/{day.visit_id}/{path}", json=bodies[path]).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE visits SET job_id = (SELECT id FROM jobs WHERE id <> visits.job_id LIMIT 1)",
        "UPDATE visits SET status = 'asleep'",
        "UPDATE visits SET window_start = now(), window_end = now() - interval '1 hour'",
        "UPDATE jobs SET priority = 7",
        "UPDATE jobs SET held_at = now()",
        "UPDATE visit_events SET to_status = 'completed'",
        "DELETE FROM visit_events",
        "DELETE FROM job_events",
        "UPDATE notes SET visit_id = NULL",
    ],
)
def test_the_database_refuses_by_itself(statement: str) -> None:
    day = Day()
    factories.job(day.org_id)
    with factories.within(day.org_id) as tx:
        tx.add(
            Note(job_id=day.job_id, visit_id=day.visit_id, body="x", device_at=tx.now, received_at=tx.now,
                 corrected_at=tx.now)
        )  # fmt: skip
        with pytest.raises(DBAPIError), tx.savepoint():
            tx.session.execute(text(statement))


def test_sites_from_which_facts_came_late_are_told_as_places_without_signal() -> None:
    day = Day()
    with factories.within(day.org_id) as tx:
        for late in (0, 2, 40, 50):
            tx.session.execute(
                text(
                    """INSERT INTO visit_events (id, visit_id, event, from_status, to_status, visit_rev, device_id,
                                                 device_at, received_at, corrected_at)
                       VALUES (gen_random_uuid(), :visit, 'working', 'on_site', 'working', 1, :device,
                               now() - :late * interval '1 minute', now(), now() - :late * interval '1 minute')"""
                ),
                {"visit": day.visit_id, "late": late, "device": new_id()},
            )
    found = day.office.get("/api/v1/silent-sites").get_json()["items"]
    assert [(one["late"], one["facts"]) for one in found] == [(2, 4)]
    assert found[0]["location"]["type"] == "Point"
    assert factories.client("dispatcher").get("/api/v1/silent-sites").get_json()["items"] == []
