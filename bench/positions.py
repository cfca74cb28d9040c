"""Positions: batches of 50 fixes from 1,000 phones, each of an engineer on shift, beside COPY of the same rows."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.db import Tx, engine, transaction
from bench import fleet
from bench.figures import Report, Spread, percentile
from bench.fleet import Phone
from bench.house import House, house
from bench.http import Link

PHONES, BATCH, RUNS, CONNECTIONS = int(os.environ.get("CALLOUT_BENCH_PHONES", "1000")), 50, 3, 8
ON_DUTY = [
    "UPDATE engineers SET consent_tracking = true",
    """INSERT INTO shifts (id, engineer_id, starts_at, ends_at)
       SELECT gen_random_uuid(), id, now() - interval '12 hours', now() + interval '12 hours' FROM engineers""",
]


def run(report: Report) -> None:
    """Fills `report`."""
    with house() as servers:
        phones = fleet.make(PHONES, 1)
        with transaction(system_actor(phones[0].org_id)) as tx:
            on_duty(tx)
        send(servers, phones[:CONNECTIONS], RUNS)  # what a server that has run for a while has compiled and cached
        used = {name: servers.cpu_s(name) for name in ("server", "postgres")}
        done = [send(servers, phones, number) for number in range(RUNS)]
        cpu = {name: (servers.cpu_s(name) - before) / (RUNS * len(phones)) * 1000 for name, before in used.items()}
        rates, times = [rate for rate, _ in done], [taken for _, calls in done for taken in calls]
        report.add("fixes a second", Spread.of(rates).told("/s", digits=0), "goal ≥ 5,000/s")
        told = " / ".join(f"{percentile(times, share) * 1000:,.0f}" for share in (0.5, 0.95, 0.99))
        report.add(f"ms for a batch of {BATCH}, p50 / p95 / p99", told, f"{CONNECTIONS} connections at full speed")
        figure = f"server {cpu['server']:.1f} ms, PostgreSQL {cpu['postgres']:.1f} ms"
        most = BATCH * 2_000 / sum(cpu.values())
        report.add(f"CPU of a batch of {BATCH}", figure, f"on two cores for itself at most {most:,.0f} fixes/s")
        report.add("the same rows by plain COPY", f"{floor(phones[0]):,.0f} /s", "floor: no rules, no newest fix")
        lost = (RUNS * len(phones) + CONNECTIONS) * BATCH - stored(phones[0])
        report.add("fixes lost", str(lost), "goal 0")


def on_duty(tx: Tx) -> None:
    """Everybody is on shift, twelve hours either way, and has consented."""
    for statement in ON_DUTY:
        tx.session.execute(text(statement))


def batch(number: int) -> bytes:
    """Fifty fixes, five seconds apart, of an hour that no other batch of the phone has."""
    begins = clock.now() - timedelta(hours=2 * number + 3)
    fixes = [_fix(begins + timedelta(seconds=5 * n), n) for n in range(BATCH)]
    return orjson.dumps({"positions": fixes})


def _fix(at: Any, n: int) -> dict[str, Any]:
    where = {"lat": 31.2 + n * 1e-4, "lon": 121.4 + n * 1e-4}
    return {"at": at.isoformat(), **where, "accuracy": 8.0, "speed": 9.5, "bearing": 45.0, "battery": 80.0}


def send(servers: House, phones: Sequence[Phone], number: int) -> tuple[float, list[float]]:
    """One batch of every phone over a few kept connections. Fixes a second, and the seconds that each batch took."""
    parts = [phones[n::CONNECTIONS] for n in range(CONNECTIONS)]
    failures: list[BaseException] = []
    times: list[float] = []
    body = batch(number)

    def live(mine: Sequence[Phone]) -> None:
        try:
            for phone in mine:
                link = Link(servers.port, phone.token())
                answer = link.json("POST", "/api/v1/positions", orjson.loads(body))
                link.close()
                times.extend(link.times)
                if answer["stored"] != BATCH:
                    raise RuntimeError(f"not stored: {answer}")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=live, args=(part,)) for part in parts]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(phones) * BATCH / (time.perf_counter() - begun), times


def floor(phone: Phone) -> float:
    """Rows a second when what was stored is copied into an empty table with the same key."""
    raw = engine().raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT set_config('callout.org_id', %s, false)", (str(phone.org_id),))
    rows = io.StringIO()
    cursor.copy_expert("COPY (SELECT * FROM positions LIMIT 50000) TO STDOUT", rows)
    cursor.execute("CREATE TEMP TABLE plain (LIKE positions INCLUDING DEFAULTS)")
    cursor.execute("ALTER TABLE plain ADD PRIMARY KEY (org_id, engineer_id, at)")
    count = rows.getvalue().count("\n")
    rows.seek(0)
    begun = time.perf_counter()
    cursor.copy_expert("COPY plain FROM STDIN", rows)
    raw.commit()
    took = time.perf_counter() - begun
    raw.close()
    return count / took


def stored(phone: Phone) -> int:
    """How many fixes the organisation has."""
    with transaction(system_actor(phone.org_id)) as tx:
        return tx.session.scalar(text("SELECT count(*) FROM positions")) or 0
