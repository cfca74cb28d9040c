"""kill -9 in the middle of pushing and draining: nothing is lost, nothing happens twice, every copy comes true."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bench import fleet
from bench.fleet import Phone
from tests.factories import within
from tests.faults import oracle, phones
from tests.faults.ground import held, reached
from tests.faults.processes import Process, Server, await_that, drainer

pytestmark = [pytest.mark.committed, pytest.mark.faults]

KILLS = int(os.environ.get("CALLOUT_FAULT_KILLS", "2"))
BATCH = 10
MUTATIONS = "SELECT count(*) FROM sync_mutations"


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
    call = phones.stubborn(port, phone)
    for start in range(0, len(day), BATCH):
        body = {"device_id": str(phone.device_id), "mutations": day[start : start + BATCH]}
        results += call("POST", "/api/v1/sync/push", body)["results"]


def test_a_server_killed_while_phones_push_loses_and_doubles_nothing(server: Server) -> None:
    owners = fleet.make(3, 4)
    org_id = owners[0].org_id
    days = {phone.device_id: phone.day() for phone in owners}
    answered: dict[UUID, list[dict[str, Any]]] = {phone.device_id: [] for phone in owners}
    threads = [
        threading.Thread(target=push_all, args=(server.port, phone, days[phone.device_id], answered[phone.device_id]))
        for phone in owners
    ]
    for thread in threads:
        thread.start()
    total = sum(map(len, days.values()))
    for kill in range(1, KILLS + 1):
        so_far = total * kill // (KILLS + 2)
        await_that(lambda least=so_far: oracle.count(org_id, MUTATIONS) >= least, "pushed work")
        server.kill()
        server.start()
    for thread in threads:
        thread.join()
    for phone in owners:
        told = [(result["seq"], result["status"]) for result in answered[phone.device_id]]
        assert told == [(seq, "applied") for seq in range(1, phone.seq + 1)]
    oracle.assert_each_happened_once(org_id, days.values())


@pytest.fixture
def running_drainer() -> Iterator[Process]:
    process = drainer()
    try:
        process.start()
        yield process
    finally:
        process.kill()


def test_a_drainer_killed_again_and_again_leaves_no_row_behind(running_drainer: Process) -> None:
    """Each time in its middle: what it took from the outbox is not stamped yet."""
    org_id = fleet.make(5, 20)[0].org_id
    for number in range(KILLS):
        with held("drain"):
            with within(org_id) as tx:
                tx.session.execute(text("UPDATE visits SET instructions = :words"), {"words": f"change {number}"})
                tx.session.execute(text("UPDATE jobs SET summary = :words"), {"words": f"change {number}"})
            await_that(lambda: reached("drain"), "the drainer at work")
            running_drainer.kill()
        running_drainer.start()
    await_that(lambda: not oracle.pending(org_id), "the last drain")
    oracle.assert_the_feed_is_the_truth(org_id)
