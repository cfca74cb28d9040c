"""WatermelonDB (both adapters) and RxDB, unchanged, live through days against the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests import factories
from tests.clients.phones import House, Phone
from tests.faults.processes import Server
from tests.sync.faces.stock import conflicts
from tests.sync.faces.test_watermelon import CHECKLIST, give_to_somebody_else, office_edits_site, site_of
from tests.work.day import Day

pytestmark = [pytest.mark.committed, pytest.mark.faults]

LINE = [("GET", "cut"), ("GET", "deaf"), ("GET", "deaf")]
WATERMELON = ["loki", pytest.param("sqlite", marks=pytest.mark.long)]  # which has to be compiled first
EVERY_CLIENT = [*WATERMELON, "rxdb"]
PUSH_LOST = [("POST", "cut"), ("POST", "deaf"), ("POST", "deaf")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    opened = House()
    yield opened
    opened.close()


@pytest.fixture
def day() -> Day:
    return Day(type_values={"checklist": CHECKLIST})


@pytest.fixture(params=WATERMELON)
def phone(request: pytest.FixtureRequest, server: Server, house: House, day: Day, tmp_path: Path) -> Iterator[Phone]:
    """A phone whose first sync came through a line that broke again and again."""
    made = Phone(house, server.port, request.param, tmp_path, day.engineer)
    made.sync(*LINE)
    assert list(made.rows("visits")) == [str(day.visit_id)]
    yield made
    made.close()


def stored(day: Day, query: str, **values: Any) -> list[Any]:
    with factories.within(day.org_id) as tx:
        return list(tx.session.scalars(text(query), values))


def only(phone: Phone, table: str) -> str:
    (row_id,) = phone.rows(table)
    return row_id


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
def test_a_day_offline_and_lost_answers_come_to_one_truth(day: Day, phone: Phone) -> None:
    visit_id, site_id = str(day.visit_id), only(phone, "sites")
    note = phone.create("notes", visit_id=visit_id, body="dog in the yard")
    yes: Any = True if phone.adapter == "rxdb" else "true"  # WatermelonDB's columns hold JSON as text
    phone.create("checklist_answers", visit_id=visit_id, item_id=only(phone, "checklist_items"), value=yes)
    phone.edit("sites", site_id, access_notes="bell is broken")
    phone.sync(*PUSH_LOST)
    phone.edit("notes", note, body="two dogs")
    phone.edit("visits", visit_id, status="completed")
    office_edits_site(day, site_id, name="Renamed by the office")
    phone.sync(*PUSH_LOST)
    phone.sync()
    assert conflicts(day) == []
    assert stored(day, "SELECT body FROM notes") == ["two dogs"]
    assert len(stored(day, "SELECT id FROM checklist_answers")) == 1
    steps = [event.to_status for event in day.events()][-5:]
    assert steps == ["accepted", "en_route", "on_site", "working", "completed"]
    assert (site_of(day, site_id).name, site_of(day, site_id).access_notes) == (
        "Renamed by the office", "bell is broken",
    )  # fmt: skip
    assert phone.equals_a_fresh_one()


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
def test_a_visit_that_is_given_away_takes_no_unsent_work_with_it(day: Day, phone: Phone) -> None:
    phone.edit("visits", day.visit_id, status="accepted")
    note = phone.create("notes", visit_id=str(day.visit_id), body="was there")
    give_to_somebody_else(day)
    phone.sync(*PUSH_LOST)
    phone.sync()
    kept = [conflict["mine"] for conflict in conflicts(day)]
    assert "accepted" in str(kept), "the step was lost"
    assert stored(day, "SELECT body FROM notes WHERE id = :id", id=note) == ["was there"]
    assert phone.rows("visits") == {}
    assert phone.equals_a_fresh_one()


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
def test_two_truths_are_kept_once_and_the_phone_shows_the_offices(day: Day, phone: Phone) -> None:
    site_id = only(phone, "sites")
    phone.edit("sites", site_id, access_notes="phone")
    office_edits_site(day, site_id, access_notes="office")
    phone.sync(*PUSH_LOST)
    phone.sync()
    (conflict,) = conflicts(day)
    assert (conflict["mine"], conflict["theirs"]) == ({"access_notes": "phone"}, {"access_notes": "office"})
    assert phone.rows("sites")[site_id]["access_notes"] == "office"
    assert phone.equals_a_fresh_one()


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
def test_quick_edits_of_ones_own_are_no_conflict(day: Day, phone: Phone) -> None:
    site_id = only(phone, "sites")
    for words in ("one", "two", "three"):
        phone.edit("sites", site_id, access_notes=words)
        phone.sync(*PUSH_LOST[:1], *PUSH_LOST[1:2])
    assert site_of(day, site_id).access_notes == "three"
    assert conflicts(day) == []


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
def test_what_is_refused_is_taken_back_kept_and_stops_nothing(day: Day, phone: Phone) -> None:
    ghost = phone.create("notes", visit_id=only(phone, "sites"), body="about nothing")
    good = phone.create("notes", visit_id=str(day.visit_id), body="good")
    phone.remove("sites", site_id := only(phone, "sites"))
    phone.sync()
    phone.sync()
    assert {conflict["row_id"] for conflict in conflicts(day)} == {ghost, site_id}
    assert list(phone.rows("notes")) == [good]
    assert list(phone.rows("sites")) == [site_id]
    assert phone.equals_a_fresh_one()


@pytest.mark.parametrize("phone", EVERY_CLIENT, indirect=True)
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_many_rows_come_through_a_bad_line(day: Day, phone: Phone, count: int) -> None:
    made = "INSERT INTO notes (id, visit_id, job_id, body, device_at, received_at, corrected_at) SELECT "
    made += "gen_random_uuid(), :visit, :job, 'note ' || n, now(), now(), now() FROM generate_series(1, :count) n"
    with factories.within(day.org_id) as tx:
        tx.session.execute(text(made), {"visit": day.visit_id, "job": day.job_id, "count": count})
    phone.sync(("GET", "deaf"), ("GET", "cut"))
    assert len(phone.rows("notes")) == count
    assert phone.equals_a_fresh_one()


@pytest.mark.parametrize("adapter", WATERMELON)
def test_an_updated_app_gets_new_tables_and_columns_and_keeps_unsent_work(
    day: Day, server: Server, house: House, tmp_path: Path, adapter: str
) -> None:
    office_edits_site(day, only_site(day), access_notes="behind the house")
    old = {"sites": {"name": "string"}, "notes": {"visit_id": "string", "body": "string"}}
    phone = Phone(house, server.port, adapter, tmp_path, day.engineer, old)
    phone.sync()
    phone.create("notes", visit_id=str(day.visit_id), body="unsent")
    phone.updated(2, {"jobs": {"status": "string"}}, {"sites": {"access_notes": "string"}})
    phone.sync(*LINE, *PUSH_LOST)
    assert stored(day, "SELECT body FROM notes") == ["unsent"]
    assert list(phone.rows("jobs")) == [str(day.job_id)]
    assert [row["access_notes"] for row in phone.rows("sites").values()] == ["behind the house"]
    assert phone.equals_a_fresh_one()


def only_site(day: Day) -> str:
    (site_id,) = stored(day, "SELECT id::text FROM sites")
    return str(site_id)
