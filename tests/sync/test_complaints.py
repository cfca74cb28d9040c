"""What users of other systems complained of, where it concerns sync: each test is named after what went wrong."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.work import commands
from tests import factories
from tests.factories import within
from tests.work.day import Day
from tests.work.test_sync import Phone

SYNC = "/api/v1/sync"


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def phone(day: Day) -> Phone:
    return Phone(day, day.engineer)


def mutation(seq: int, collection: str, kind: str, row_id: Any, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    about = {"collection": collection, "type": kind, "row_id": str(row_id), "data": data}
    return {"id": str(new_id()), "seq": seq, **about, "device_at": datetime.now(UTC).isoformat(), **more}


def push(phone: Phone, *mutations: dict[str, Any]) -> Any:
    body = {"device_id": str(phone.device.id), "mutations": list(mutations)}
    answer = phone.client.post(f"{SYNC}/push", json=body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def greet(phone: Phone, **pending: Any) -> None:
    body = {"device_id": str(phone.device.id), "app_version": "1.0.0", "schema_version": 1}
    stamp = datetime.now(UTC).isoformat()
    answer = phone.client.post(f"{SYNC}/handshake", json={**body, "device_time": stamp, "pending": pending})
    assert answer.status_code == 200, answer.get_json()


def test_offline_was_used_to_fake_hours(day: Day, phone: Phone) -> None:
    """A phone that had nothing unsent at nine cannot tell at ten that it was on site at six."""
    greet(phone, count=0, oldest_at=None)
    early = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    note = mutation(1, "notes", "create", new_id(), {"visit_id": str(day.visit_id), "body": "here"}, device_at=early)
    assert push(phone, note)["results"][0]["status"] == "applied"
    with within(day.org_id) as tx:
        kept = tx.session.execute(text("SELECT device_at, received_at, corrected_at, flags FROM notes")).one()
    assert kept.device_at < kept.corrected_at <= kept.received_at, "all three are kept, the honest one counts"
    assert kept.received_at - kept.corrected_at < timedelta(minutes=5)
    assert kept.flags == ["clock_skew"]


def test_a_chain_of_offline_edits_that_arrived_out_of_order_corrupted_the_record(day: Day, phone: Phone) -> None:
    visit = str(day.visit_id)
    row_id = new_id()
    chain = [
        mutation(1, "notes", "create", row_id, {"visit_id": visit, "body": "one"}),
        mutation(2, "notes", "update", row_id, {"body": "two"}, base_rev=1),
        mutation(3, "notes", "update", row_id, {"body": "three"}, base_rev=2),
    ]
    for late in (chain[2], chain[1]):
        assert push(phone, late)["results"][0]["status"] == "held"
    assert push(phone, chain[0])["acked_seq"] == 3
    with within(day.org_id) as tx:
        assert tx.session.scalars(text("SELECT body FROM notes")).all() == ["three"]
        assert tx.session.scalars(text("SELECT kind FROM conflicts")).all() == []


def test_a_queued_message_uncancelled_a_task(day: Day, phone: Phone) -> None:
    base = phone.pull()["visits"]["upserts"][0]["rev"]
    cancelled = day.office.post(
        f"/api/v1/visits/{day.visit_id}/transitions", json={"to": "cancelled", "reason": "customer called"}
    )
    assert cancelled.status_code == 200
    visit = str(day.visit_id)
    results = push(
        phone,
        mutation(1, "visits", "transition", visit, {"to": "accepted"}, base_rev=base),
        mutation(2, "notes", "create", new_id(), {"visit_id": visit, "body": "on my way"}),
    )["results"]
    assert [result["status"] for result in results] == ["conflict", "applied"]
    assert day.visit().status == "cancelled"
    with within(day.org_id) as tx:
        assert tx.session.scalars(text("SELECT body FROM notes")).all() == ["on my way"]


def test_a_cancelled_job_stayed_on_the_calendar_and_the_crew_installed_it(day: Day, phone: Phone) -> None:
    phone.pull()
    day.office.post(f"/api/v1/visits/{day.visit_id}/transitions", json={"to": "cancelled", "reason": "sold the house"})
    (seen,) = phone.pull()["visits"]["upserts"]
    assert (seen["status"], seen["cancel_reason"]) == ("cancelled", "sold the house")


def test_work_done_before_a_reassignment_was_refused_and_forgotten(day: Day, phone: Phone) -> None:
    base = phone.pull()["visits"]["upserts"][0]["rev"]
    other = factories.client("engineer", day.org_id)
    with transaction(day.actor(day.office)) as tx:
        commands.assign(tx, day.visit_id, other.engineer_id)
    visit = str(day.visit_id)
    results = push(
        phone,
        mutation(1, "visits", "transition", visit, {"to": "accepted"}, base_rev=base),
        mutation(2, "time_entries", "create", new_id(),
                 {"visit_id": visit, "kind": "travel", "started_at": datetime.now(UTC).isoformat()}),
        mutation(3, "notes", "create", new_id(), {"visit_id": visit, "body": "valve is worn"}),
    )["results"]  # fmt: skip
    assert [result["status"] for result in results] == ["conflict", "applied", "applied"]
    with within(day.org_id) as tx:
        for table in ("time_entries", "notes"):
            kept = tx.session.execute(text(f"SELECT engineer_id, flags FROM {table}")).one()
            assert (kept.engineer_id, "late" in kept.flags) == (day.engineer.engineer_id, True)
        (facts,) = tx.session.scalars(text("SELECT mine -> 'facts' FROM conflicts WHERE kind = 'late_fact'")).all()
    assert len(facts) == 3, "one Conflict, all facts in it"


def test_the_sync_screen_hid_what_was_pending(day: Day, phone: Phone) -> None:
    oldest = (datetime.now(UTC) - timedelta(minutes=41)).isoformat(timespec="milliseconds")
    greet(phone, count=3, oldest_at=oldest)
    push(phone, mutation(2, "notes", "create", new_id(), {"visit_id": str(day.visit_id), "body": "second"}))
    (told,) = day.office.get(f"{SYNC}/status").get_json()["devices"]
    assert told["pending_count"] == 3
    assert datetime.fromisoformat(told["pending_oldest_at"]) == datetime.fromisoformat(oldest)
    assert told["waiting_since"] is not None, "and that a mutation before it is missing"


def test_it_never_synced_on_a_slow_network_though_messengers_did(day: Day, phone: Phone) -> None:
    """Pages are small, and a first sync goes on where the line broke: every second answer is lost."""
    with within(day.org_id) as tx:
        words = text("""
            INSERT INTO notes (id, job_id, body, device_at, received_at, corrected_at)
            SELECT gen_random_uuid(), :job, string_agg(md5(n || ':' || m), ''), now(), now(), now()
            FROM generate_series(1, 600) AS n, generate_series(1, 30) AS m GROUP BY n
        """)
        tx.session.execute(words, {"job": day.job_id})
    notes: set[str] = set()
    cursor, more, pages = None, True, 0
    while more:
        path = f"{SYNC}/pull?cursor={cursor}" if cursor else f"{SYNC}/pull"
        for lost in (True, False):
            answer = phone.client.get(path, headers={"Accept-Encoding": "gzip"})
            packed = answer.get_data()
            if not lost:
                page = orjson.loads(gzip.decompress(packed) if answer.content_encoding == "gzip" else packed)
        assert len(packed) < 300_000
        notes |= {row["id"] for row in page["changes"].get("notes", {}).get("upserts", [])}
        cursor, more, pages = page["cursor"], page["more"], pages + 1
        assert pages < 50
    assert len(notes) == 600
    assert pages > 2


def test_a_reply_that_was_lost_made_everything_twice(day: Day, phone: Phone) -> None:
    batch = [
        mutation(seq, "notes", "create", new_id(), {"visit_id": str(day.visit_id), "body": f"note {seq}"})
        for seq in range(1, 6)
    ]
    first = push(phone, *batch)["results"]
    again = push(phone, *batch)["results"]
    assert [result.pop("replayed") for result in again] == [True] * 5
    assert again == first
    with within(day.org_id) as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM notes")) == 5
        topic = text("SELECT count(*) FROM events WHERE topic = 'note.created'")
        assert tx.session.scalar(topic) == 5, "nobody is told twice either"
