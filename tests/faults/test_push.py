"""kill -9 in the middle of pushing and draining: nothing is lost, nothing happens twice, every copy comes true."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import NullPool, create_engine, text

from bench import fleet
from bench.fleet import Phone
from bench.http import Link
from sync import feed
from sync.audit import audit
from tests.factories import within
from tests.faults.processes import Process, Server, await_that, drainer

pytestmark = [pytest.mark.committed, pytest.mark.faults]

KILLS = int(os.environ.get("CALLOUT_FAULT_KILLS", "3"))
BATCH = 10


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    try:
        running.start()
        yield running
    finally:
        running.kill()


def push_all(port: int, phone: Phone, day: list[dict[str, Any]], results: list[dict[str, Any]]) -> None:
    """Pushes a day batch by batch; a batch whose answer is lost is sent again as it was, until it is answered."""
    for start in range(0, len(day), BATCH):
        body = orjson.dumps({"device_id": str(phone.device_id), "mutations": day[start : start + BATCH]})
        deadline = time.monotonic() + 120
        while True:
            try:
                status, answer = Link(port, phone.token()).call("POST", "/api/v1/sync/push", body)
            except OSError:
                status, answer = 503, b""
            if status == 200:
                break
            assert status == 503, answer
            assert time.monotonic() < deadline, "the server does not come back"
            time.sleep(0.02)
        results += orjson.loads(answer)["results"]


def count(org_id: UUID, query: str) -> int:
    with within(org_id) as tx:
        return int(tx.session.execute(text(query)).scalar_one())


def test_a_server_killed_while_phones_push_loses_and_doubles_nothing(server: Server) -> None:
    phones = fleet.make(3, 4)
    org_id = phones[0].org_id
    days = {phone.device_id: phone.day() for phone in phones}
    answered: dict[UUID, list[dict[str, Any]]] = {phone.device_id: [] for phone in phones}
    threads = [
        threading.Thread(target=push_all, args=(server.port, phone, days[phone.device_id], answered[phone.device_id]))
        for phone in phones
    ]
    for thread in threads:
        thread.start()
    total = sum(map(len, days.values()))
    for kill in range(1, KILLS + 1):
        reached = total * kill // (KILLS + 2)
        await_that(lambda least=reached: count(org_id, "SELECT count(*) FROM sync_mutations") >= least, "pushed work")
        server.kill()
        server.start()
    for thread in threads:
        thread.join()
    for phone in phones:
        told = [(result["seq"], result["status"]) for result in answered[phone.device_id]]
        assert told == [(seq, "applied") for seq in range(1, phone.seq + 1)]
    kinds = Counter((m["collection"], m["type"]) for day in days.values() for m in day)
    assert count(org_id, "SELECT count(*) FROM visits WHERE status <> 'completed'") == 0
    for collection in ("notes", "time_entries", "checklist_answers", "part_uses"):
        assert count(org_id, f"SELECT count(*) FROM {collection}") == kinds[collection, "create"], collection
    steps = kinds["visits", "transition"]
    assert count(org_id, "SELECT count(*) FROM visit_events WHERE device_id IS NOT NULL") == steps
    assert count(org_id, "SELECT count(*) FROM events WHERE topic = 'visit.transitioned'") == steps
    assert count(org_id, "SELECT count(*) FROM audit_entries WHERE action = 'visit.transitioned'") == steps
    assert count(org_id, "SELECT count(*) FROM stock_moves WHERE kind = 'use'") == kinds["part_uses", "create"]
    assert count(org_id, "SELECT count(*) FROM conflicts") == 0
    assert count(org_id, "SELECT count(DISTINCT (device_id, seq)) FROM sync_mutations") == total


@pytest.fixture
def running_drainer() -> Iterator[Process]:
    process = drainer()
    try:
        process.start()
        yield process
    finally:
        process.kill()


def test_a_drainer_killed_again_and_again_leaves_no_row_behind(running_drainer: Process) -> None:
    org_id = fleet.make(5, 20)[0].org_id
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def at_work() -> bool:
        query = text("""
            SELECT count(*) FROM pg_stat_activity
            WHERE usename = 'callout_drain' AND datname = current_database() AND state = 'active'
              AND query LIKE '%sync_state%'
        """)
        with owner.connect() as connection:
            return connection.execute(query).scalar_one() > 0 or not _pending(org_id)

    for number in range(KILLS):
        with within(org_id) as tx:
            tx.session.execute(text("UPDATE visits SET instructions = :words"), {"words": f"change {number}"})
            tx.session.execute(text("UPDATE jobs SET summary = :words"), {"words": f"change {number}"})
        await_that(at_work, "the drainer at work")
        running_drainer.kill()
        running_drainer.start()
    await_that(lambda: not _pending(org_id), "the last drain")
    feed.drain(org_id)
    assert audit(org_id) == {}, "the feed is the truth"
    positions = "SELECT count(*) - count(DISTINCT (bucket, pos)) FROM sync_state"
    assert count(org_id, positions) == 0
    assert count(org_id, "SELECT max(pos) - (SELECT pos FROM sync_counters) FROM sync_state") <= 0


def _pending(org_id: UUID) -> bool:
    return count(org_id, "SELECT count(*) FROM sync_outbox") > 0
