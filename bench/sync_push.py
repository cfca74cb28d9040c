"""Pushing: 200 phones with batches of 100 mutations; how many a second at most, how long one takes at a steady rate."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import orjson
import psycopg2.extras
from sqlalchemy import text

from app.kernel.actor import system_actor
from app.kernel.db import engine, transaction
from bench import fleet
from bench.figures import Report, Spread, percentile
from bench.fleet import Phone
from bench.house import House, house
from bench.http import Link

T = TypeVar("T")
# Five visits are a batch of a hundred mutations. Fewer phones make a shorter run.
PHONES, VISITS, BATCH = int(os.environ.get("CALLOUT_BENCH_PHONES", "200")), 5, 100
RUNS = 3
BURNING = {"server": "web server", "postgres": "PostgreSQL", "drain": "drainer"}
GOAL_RATE, GOAL_P99_S = 1_000, 0.3
CONNECTIONS = 8


def run(report: Report) -> None:
    """Fills `report`."""
    with house() as servers:
        phones = fleet.make(PHONES, VISITS * (RUNS + 1))
        warm(servers, fleet.make(8, VISITS))
        days = {phone.device_id: _batches(phone) for phone in phones}
        before = {name: servers.cpu_s(name) for name in BURNING}
        rates = [
            saturate(servers, phones, [(phone, days[phone.device_id][number]) for phone in phones])
            for number in range(RUNS)
        ]
        for name, what in BURNING.items():
            used = (servers.cpu_s(name) - before[name]) / (RUNS * len(phones) * BATCH)
            report.add(f"processor time a mutation, {what}", f"{used * 1000:.2f} ms", "two cores have 2 ms at 1,000/s")
        report.add("mutations a second, all phones at once", Spread.of(rates).told("/s", digits=0), "goal ≥ 1,000/s")
        report.add("the same rows by plain multi-row INSERT", f"{floor(phones[0].org_id):,.0f} /s", "floor")
        times = steady(servers, phones, {device_id: day[RUNS:] for device_id, day in days.items()})
        told = " / ".join(f"{percentile(times, share) * 1000:,.0f}" for share in (0.5, 0.95, 0.99))
        report.add(f"ms for a batch at {GOAL_RATE:,} mutations/s, p50 / p95 / p99", told, "goal p99 < 300 ms")
        lost = sum(phone.seq for phone in phones) - stored(phones[0])
        report.add("mutations without a result", str(lost), "goal 0")
        report.add("memory of the server", f"{servers.memory_mb('server'):,.0f} MB")


def _batches(phone: Phone) -> list[bytes]:
    device = str(phone.device_id)
    return [orjson.dumps({"device_id": device, "mutations": part}) for part in _parts(phone.day())]


def _parts(whole: list[T]) -> list[list[T]]:
    return [whole[start : start + BATCH] for start in range(0, len(whole), BATCH)]


def push(link: Link, body: bytes) -> None:
    """Sends one batch; every mutation must be applied."""
    status, answer = link.call("POST", "/api/v1/sync/push", body)
    if status != 200:
        raise RuntimeError(f"{status} {answer[:300]!r}")
    odd = [result for result in orjson.loads(answer)["results"] if result["status"] != "applied"]
    if odd:
        raise RuntimeError(f"not applied: {odd[0]}")


def warm(servers: House, phones: Sequence[Phone]) -> None:
    """Compiles and caches what a server that has run for a while has compiled and cached, statistics among it."""
    saturate(servers, phones, [(phone, body) for phone in phones for body in _batches(phone)])
    fleet.analyze()


def saturate(servers: House, phones: Sequence[Phone], work: Sequence[tuple[Phone, bytes]]) -> float:
    """Pushes everything as fast as the server takes it, each phone one batch at a time. Mutations a second."""
    links = {phone.device_id: Link(servers.port, phone.token()) for phone in phones}
    mine = [
        [(phone, body) for phone, body in work if phone.device_id.int % CONNECTIONS == n] for n in range(CONNECTIONS)
    ]
    begun = time.perf_counter()
    _in_threads([lambda part=part: [push(links[phone.device_id], body) for phone, body in part] for part in mine])
    took = time.perf_counter() - begun
    for link in links.values():
        link.close()
    return len(work) * BATCH / took


def steady(servers: House, phones: Sequence[Phone], work: dict[UUID, list[bytes]]) -> list[float]:
    """Each of the phones pushes now and then, all together at the goal's rate. Seconds that each batch took."""
    links = [Link(servers.port, phone.token()) for phone in phones]
    period = len(phones) * BATCH / GOAL_RATE
    begun = time.perf_counter() + 1

    def live(index: int) -> None:
        first = begun + period * (index + random.random()) / len(phones)
        for number, body in enumerate(work[phones[index].device_id]):
            time.sleep(max(0.0, first + number * period - time.perf_counter()))
            push(links[index], body)

    _in_threads([lambda index=index: live(index) for index in range(len(phones))])
    return [taken for link in links for taken in link.times]


def _in_threads(tasks: Sequence[Callable[[], object]]) -> None:
    failures: list[BaseException] = []

    def guarded(task: Callable[[], object]) -> None:
        try:
            task()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def stored(phone: Phone) -> int:
    """How many mutations of the phone's organisation have a result."""
    with transaction(system_actor(phone.org_id)) as tx:
        return tx.session.scalar(text("SELECT count(*) FROM sync_mutations WHERE status = 'applied'")) or 0


def floor(org_id: UUID) -> float:
    """Rows a second when what was pushed is inserted as it came, without meaning, a hundred a statement and commit."""
    raw = engine().raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT set_config('callout.org_id', %s, false)", (str(org_id),))
    cursor.execute(
        "SELECT device_id, id, seq, user_id, sent::text, status, received_at FROM sync_mutations LIMIT 10000"
    )
    rows = cursor.fetchall()
    cursor.execute("CREATE TEMP TABLE plain (LIKE sync_mutations INCLUDING ALL)")
    raw.commit()
    begun = time.perf_counter()
    statement = "INSERT INTO plain (org_id, device_id, id, seq, user_id, sent, status, received_at) VALUES %s"
    for part in _parts(rows):
        psycopg2.extras.execute_values(cursor, statement, [(str(org_id), *row) for row in part])
        raw.commit()
    took = time.perf_counter() - begun
    raw.close()
    return len(rows) / took
