"""WatermelonDB's face: each trap of its stock client is a test."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.places.models import Site
from app.work import commands
from tests import factories
from tests.sync.faces.stock import ODDLY_SPELLED, Watermelon, conflicts
from tests.work.day import Day

CHECKLIST = [{"key": "ok", "label": "OK?", "kind": "bool", "required": True}]


@pytest.fixture
def day() -> Day:
    return Day(type_values={"checklist": CHECKLIST})


@pytest.fixture
def phone(day: Day) -> Watermelon:
    phone = Watermelon(day.engineer)
    phone.sync()
    return phone


def site_id(phone: Watermelon) -> str:
    return next(iter(phone.table("sites")))


def office_edits_site(day: Day, row_id: str, **values: Any) -> None:
    row = day.office.get(f"/api/v1/sites/{row_id}")
    headers = {"If-Match": row.headers["ETag"]}
    changed = day.office.patch(
        f"/api/v1/sites/{row_id}",
        data=orjson.dumps(values),
        headers=headers,
        content_type="application/merge-patch+json",
    )
    assert changed.status_code == 200, changed.get_json()


def site_of(day: Day, row_id: str) -> Site:
    with factories.within(day.org_id) as tx:
        return tx.session.query(Site).filter_by(id=row_id).one()


def give_to_somebody_else(day: Day) -> factories.Client:
    other = factories.client("engineer", day.org_id)
    with transaction(day.actor(day.office)) as tx:
        commands.assign(tx, day.visit_id, other.engineer_id)
    return other


def test_the_first_sync_brings_the_scope_as_updated_rows_with_text_for_what_is_nested(
    day: Day, phone: Watermelon
) -> None:
    assert list(phone.table("visits")) == [str(day.visit_id)]
    site = next(iter(phone.table("sites").values()))
    assert orjson.loads(site["location"])["type"] == "Point"
    job_type = phone.table("job_types")[str(day.job_type.id)]
    assert orjson.loads(job_type["checklist"])[0]["key"] == "ok"
    assert phone.sync()[-1]["changes"] == {}


def test_a_day_of_edits_arrives_and_both_sides_are_equal(day: Day, phone: Watermelon) -> None:
    item = next(iter(phone.table("checklist_items")))
    visit_id = str(day.visit_id)
    phone.create("checklist_answers", visit_id=visit_id, item_id=item, value="true", comment=None, flags=None, rev=None)
    phone.create("notes", visit_id=visit_id, body="dog in the yard", internal=False, author_id=None, job_id=None)
    phone.edit("visits", visit_id, status="completed")
    phone.edit("sites", site_id(phone), access_notes="bell is broken")
    phone.sync()
    assert conflicts(day) == []
    assert day.visit().status == "completed"
    assert [event.to_status for event in day.events()][-5:] == [
        "accepted", "en_route", "on_site", "working", "completed",
    ]  # fmt: skip
    assert site_of(day, site_id(phone)).access_notes == "bell is broken"
    phone.sync()
    assert phone.equals_server()


def test_a_lost_answer_pushes_rows_as_created_again_and_nothing_happens_twice(day: Day, phone: Watermelon) -> None:
    note = phone.create("notes", visit_id=str(day.visit_id), body="first")
    for _ in range(3):
        phone.sync(answered=False)
    phone.edit("notes", note, body="second")
    phone.sync()
    phone.sync()
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["second"]
    assert conflicts(day) == []
    assert phone.equals_server()


def test_only_the_columns_that_were_changed_are_applied(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="mine")
    phone.pull()
    office_edits_site(day, row_id, name="Renamed after the pull")
    phone.push()
    assert (site_of(day, row_id).name, site_of(day, row_id).access_notes) == ("Renamed after the pull", "mine")
    assert conflicts(day) == []
    phone.sync()
    assert phone.equals_server()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_edit_upon_what_the_office_changed_keeps_both_though_the_client_merged_it_first(
    day: Day, phone: Watermelon, lost: int
) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="phone")
    office_edits_site(day, row_id, access_notes="office")
    for _ in range(lost):
        phone.sync(answered=False)
    phone.sync()
    (conflict,) = conflicts(day)
    assert (conflict["kind"], conflict["mine"], conflict["theirs"]) == (
        "field", {"access_notes": "phone"}, {"access_notes": "office"},
    )  # fmt: skip
    assert site_of(day, row_id).access_notes == "office"
    phone.sync()
    assert phone.table("sites")[row_id]["access_notes"] == "office"
    assert phone.equals_server()


def test_a_second_quick_edit_of_ones_own_is_no_conflict(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    for words in ("one", "two", "three"):
        phone.edit("sites", row_id, access_notes=words)
        phone.sync(answered=words != "two")
    assert site_of(day, row_id).access_notes == "three"
    assert conflicts(day) == []


def test_a_later_edit_after_seeing_the_conflict_is_applied(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="phone")
    office_edits_site(day, row_id, access_notes="office")
    phone.sync()
    phone.sync()
    phone.edit("sites", row_id, access_notes="phone")
    phone.sync()
    assert site_of(day, row_id).access_notes == "phone"
    assert len(conflicts(day)) == 1


def test_a_reassigned_visit_leaves_in_two_steps_and_its_unsent_edit_is_kept(day: Day, phone: Watermelon) -> None:
    phone.edit("visits", day.visit_id, status="accepted")
    note = phone.create("notes", visit_id=str(day.visit_id), body="was there")
    give_to_somebody_else(day)
    pages = phone.sync()
    first = next(page for page in pages if "visits" in page["changes"])
    (announced,) = first["changes"]["visits"]["updated"]
    assert set(announced) == {"id", "leaving_at"}
    assert first["more"] is True
    assert phone.table("visits") == {}
    kept = conflicts(day)
    assert kept, "the edits were lost"
    assert "accepted" in str(kept)
    with factories.within(day.org_id) as tx:
        stored = tx.session.execute(text("SELECT body FROM notes WHERE id = :id"), {"id": note}).scalars().all()
    assert stored == ["was there"]
    phone.sync()
    assert phone.equals_server()


def test_a_push_that_never_arrived_comes_before_the_removal_of_its_row(day: Day, phone: Watermelon) -> None:
    phone.edit("visits", day.visit_id, status="accepted")
    give_to_somebody_else(day)
    announced = phone.pull()
    assert announced["changes"]["visits"]["deleted"] == []
    for _ in range(2):
        again = phone.pull()
        assert (again["changes"], again["more"]) == ({}, True)
    phone.push()
    assert "accepted" in str([conflict["mine"] for conflict in conflicts(day)])
    phone.sync()
    assert phone.table("visits") == {}


def test_a_push_that_never_arrived_keeps_its_base(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="phone")
    office_edits_site(day, row_id, access_notes="office")
    phone.pull()
    phone.sync()
    (conflict,) = conflicts(day)
    assert (conflict["mine"], conflict["theirs"]) == ({"access_notes": "phone"}, {"access_notes": "office"})
    assert site_of(day, row_id).access_notes == "office"


def test_an_updated_client_whose_push_never_arrived_gets_its_new_tables(day: Day, phone: Watermelon) -> None:
    phone.edit("sites", site_id(phone), access_notes="unsent")
    phone.pull()
    phone.rows.pop("job_types")
    page = phone.pull(migration=orjson.dumps({"from": 1, "tables": ["job_types"], "columns": []}).decode())
    assert (list(page["changes"]), page["more"]) == (["job_types"], True)
    phone.sync()
    assert phone.equals_server()


def test_what_is_refused_is_accepted_kept_and_taken_back(day: Day, phone: Watermelon) -> None:
    ghost = phone.create("notes", visit_id=str(new_id()), body="about nothing")
    engineer = next(iter(phone.table("engineers")))
    phone.edit("engineers", engineer, name="Somebody else")
    phone.delete("sites", site := site_id(phone))
    phone.sync()
    assert {c["row_id"] for c in conflicts(day)} == {ghost, engineer, site}
    assert "about nothing" in str(conflicts(day))
    phone.sync()
    assert ghost not in phone.table("notes")
    assert site in phone.table("sites")
    assert phone.equals_server()
    assert phone.sync()[-1]["changes"] == {}


def test_a_word_with_the_status_is_the_reason_of_the_step(day: Day, phone: Watermelon) -> None:
    phone.edit("visits", day.visit_id, status="cannot_complete", status_reason="nobody home")
    phone.sync()
    assert [event.reason for event in day.events()][-1] == "nobody home"
    assert day.visit().status == "cannot_complete"


def test_edits_of_a_plan_are_proposals(day: Day, phone: Watermelon) -> None:
    phone.edit("visits", day.visit_id, planned_start="2026-03-03T08:00:00+00:00", updated_at=1772445600000)
    phone.sync()
    (conflict,) = conflicts(day)
    assert conflict["kind"] == "proposal"
    phone.sync()
    assert phone.equals_server()


def test_strict_aborts_when_a_row_was_changed_after_the_pull(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="mine")
    phone.create("notes", visit_id=str(day.visit_id), body="goes along")
    phone.pull(unsent=False)
    office_edits_site(day, row_id, name="Renamed")
    body = {"changes": phone.dirty()}
    refused = phone.client.post(f"/api/v1/sync/watermelon?strict=1&last_pulled_at={phone.last}", json=body)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/modified-since-pull")
    assert site_of(day, row_id).access_notes is None
    phone.pull(unsent=False)
    phone.push(strict=1)
    assert (site_of(day, row_id).name, site_of(day, row_id).access_notes) == ("Renamed", "mine")


def test_a_replacement_lets_the_client_push_first_and_then_comes_whole(day: Day, phone: Watermelon) -> None:
    row_id = site_id(phone)
    phone.edit("sites", row_id, access_notes="unsent")
    phone.rows["parts"] = {"gone": {"id": "gone", "_status": "synced", "_changed": ""}}
    with factories.within(day.org_id) as tx:
        tx.session.execute(text("UPDATE sync_views SET digest = 'of other buckets'"))
    pages = phone.sync()
    assert [page.get("experimentalStrategy") for page in pages] == [None, "replacement"]
    assert pages[0]["changes"] == {}
    assert phone.table("parts") == {}
    assert site_of(day, row_id).access_notes == "unsent"
    assert phone.equals_server()


def test_a_migrated_client_gets_new_tables_and_what_is_in_new_columns(day: Day, phone: Watermelon) -> None:
    office_edits_site(day, site_id(phone), name="Changed meanwhile")
    asset = day.office.post("/api/v1/assets", json={"site_id": site_id(phone), "name": "Boiler", "serial": "S-1"})
    assert asset.status_code == 201
    phone.sync()
    phone.rows.pop("job_types")
    phone.schema_version = 2
    new = [{"table": "assets", "columns": ["serial"]}, {"table": "accounts", "columns": ["no_such"]}]
    page = phone.pull(migration=orjson.dumps({"from": 1, "tables": ["job_types"], "columns": new}).decode())
    assert {name for name, changes in page["changes"].items() if changes["updated"]} == {"job_types", "assets"}
    phone.sync()
    assert phone.equals_server()


def test_pages_can_be_small(day: Day) -> None:
    phone = Watermelon(day.engineer)
    assert len(phone.sync(limit=2)) > 3
    assert phone.equals_server()


@pytest.mark.parametrize("query", ["migration={", "last_pulled_at=x", "last_pulled_at=-1", "collections=nowhere"])
def test_bad_queries_are_told(phone: Watermelon, query: str) -> None:
    assert phone.client.get(f"/api/v1/sync/watermelon?{query}").status_code == 422


@pytest.mark.parametrize(
    "row",
    [
        {"id": 7},
        {},
        7,
        None,
        {"id": "not a uuid", "body": "x"},
        {"id": str(new_id()), "body": "a\x00b"},
        {"id": "\ud800"},
        *({"id": spelled} for spelled in ODDLY_SPELLED),
    ],
)
def test_one_bad_row_never_blocks_its_neighbours_and_is_kept(day: Day, phone: Watermelon, row: Any) -> None:
    good = {"id": str(new_id()), "visit_id": str(day.visit_id), "body": "good"}
    changes = {"notes": {"created": [row, good], "updated": [], "deleted": []}, "nowhere": {"created": [good]}}
    answer = phone.client.post(f"/api/v1/sync/watermelon?last_pulled_at={phone.last}", json=changes)
    assert (answer.status_code, answer.get_json()) == (200, {})
    with factories.within(day.org_id) as tx:
        assert tx.session.execute(text("SELECT body FROM notes")).scalars().all() == ["good"]
    assert len(conflicts(day)) == 2
    phone.sync()


def test_a_device_must_be_signed_in(day: Day) -> None:
    for response in (day.engineer.get("/api/v1/sync/watermelon"),):
        assert response.status_code == 422
        assert "device" in response.get_json()["detail"]


def test_a_revoked_device_is_shown_nothing_and_its_work_is_kept(day: Day, phone: Watermelon) -> None:
    phone.edit("sites", row_id := site_id(phone), access_notes="late")
    device = day.manager.get("/api/v1/devices").get_json()["items"]
    (mine,) = [row["id"] for row in device if row["user_id"] == str(day.engineer.user.id)]
    assert day.manager.delete(f"/api/v1/devices/{mine}").status_code in (200, 204)
    phone.push()
    assert phone.client.get("/api/v1/sync/watermelon").status_code == 401
    assert site_of(day, row_id).access_notes is None
    assert "late" in str(conflicts(day))
