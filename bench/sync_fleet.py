"""A fleet's working day, compressed: phones greet, pull, work, push, lose answers and are offline, while the office
changes and reassigns. In the end every copy must equal the server's, and every mutation must have come to something."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.kernel.actor import system_actor
from app.kernel.db import transaction
from bench import fleet
from bench.figures import Report, percentile
from bench.fleet import Phone
from bench.house import house
from bench.http import Link
from sync import feed

PHONES, VISITS, ROUNDS = int(os.environ.get("CALLOUT_BENCH_PHONES", "2000")), 3, 4
CONNECTIONS = 16
Call = Callable[[str, str, Any], Any]

# The office gives every seventh visit to the engineer after its own, and writes into every fifth: visit by visit.
REASSIGNED = """
    SELECT v.id, next.other FROM visits v JOIN (
        SELECT id, coalesce(lead(id) OVER (ORDER BY id), first_value(id) OVER (ORDER BY id)) AS other FROM engineers
    ) AS next ON next.id = v.engineer_id WHERE get_byte(uuid_send(v.id), 15) % 7 = :turn
"""
EDITED = "SELECT id FROM visits WHERE get_byte(uuid_send(id), 14) % 5 = :turn"
REASSIGN = text("UPDATE visits SET engineer_id = :other WHERE id = :id")
EDIT = text("UPDATE visits SET instructions = instructions || '.' WHERE id = :id")


@dataclass
class Life:
    """One phone: its copy {collection: {id: rev}}, where it stands, and what it has not sent yet."""

    phone: Phone
    call: Call
    rest: list[dict[str, Any]] = field(default_factory=list)
    copy: dict[str, dict[str, int]] = field(default_factory=dict)
    cursor: int | None = None
    answers: Counter[str] = field(default_factory=Counter)

    def greet(self) -> None:
        now = datetime.now(UTC).isoformat()
        about = {"device_id": str(self.phone.device_id), "app_version": "1.0.0", "schema_version": 1}
        waiting = {"count": len(self.rest), "oldest_at": None}
        self.call("POST", "/api/v1/sync/handshake", {**about, "device_time": now, "pending": waiting})

    def push(self, count: int, *, lost: bool = False) -> None:
        """Sends the next `count` mutations; when the answer is lost on the way, the same once more."""
        batch = self.rest[:count]
        if not batch:
            return
        for _ in range(1 + lost):
            sent = {"device_id": str(self.phone.device_id), "mutations": batch}
            results = self.call("POST", "/api/v1/sync/push", sent)["results"]
        for result in results:
            kept = "conflict_id" in result or result["status"] in ("applied", "merged")
            self.answers[result["status"] if kept else "lost"] += 1
        del self.rest[:count]

    def pull(self) -> None:
        more = True
        while more:
            at = "" if self.cursor is None else f"?cursor={self.cursor}"
            page = self.call("GET", f"/api/v1/sync/pull{at}", None)
            if page["mode"] == "replacement":
                self.copy.clear()
            for name, changes in page["changes"].items():
                rows = self.copy.setdefault(name, {})
                rows |= {row["id"]: row["rev"] for row in changes["upserts"]}
                for gone in changes["removed"]:
                    rows.pop(gone, None)
            self.cursor, more = page["cursor"], page["more"]

    def converged(self) -> bool:
        """Whether the copy is the server's, by checksum. Pulls first: a checksum is of the newest state only."""
        self.pull()
        theirs = self.call("GET", f"/api/v1/sync/checksum?cursor={self.cursor}", None)["collections"]
        return all(checksum(self.copy.get(name, {})) == told["hash"] for name, told in theirs.items())


def checksum(rows: dict[str, int]) -> str:
    """What the protocol says of rows {id: rev}."""
    return hashlib.sha256("".join(f"{row_id}:{rows[row_id]}\n" for row_id in sorted(rows)).encode()).hexdigest()


def live(lives: Sequence[Life], threads: int = CONNECTIONS, each_round: Callable[[], None] = lambda: None) -> int:
    """The day: rounds in which two of three phones are online while the office changes. Returns how many converged."""
    org_id = lives[0].phone.org_id
    for life in lives:
        life.rest = life.phone.day()
    with ThreadPoolExecutor(threads) as pool:
        for turn in range(ROUNDS):
            office = threading.Thread(target=_office, args=(org_id, turn))
            office.start()
            online = [life for n, life in enumerate(lives) if (n + turn) % 3 or turn == ROUNDS - 1]
            list(pool.map(lambda life, turn=turn: _round(life, turn), online))
            office.join()
            each_round()
        feed.drain(org_id)
        return sum(pool.map(Life.converged, lives))


def _office(org_id: UUID, turn: int) -> None:
    office = system_actor(org_id)
    for asked, change in ((REASSIGNED, REASSIGN), (EDITED, EDIT)):
        with transaction(office) as tx:
            visits = tx.session.execute(text(asked), {"turn": turn}).mappings().all()
        for visit in visits:
            with transaction(office) as tx:
                tx.session.execute(change, dict(visit))


def _round(life: Life, turn: int) -> None:
    if turn == 0 or random.random() < 0.3:
        life.greet()
    share = len(life.rest) if turn == ROUNDS - 1 else len(life.rest) // (ROUNDS - turn)
    life.push(share, lost=random.random() < 0.1)
    life.pull()


def results(org_id: UUID) -> int:
    """How many mutations have a result."""
    with transaction(system_actor(org_id)) as tx:
        return tx.session.scalar(text("SELECT count(*) FROM sync_mutations WHERE status <> 'held'")) or 0


def run(report: Report) -> None:
    """`sync-fleet`."""
    with house() as servers:
        phones = fleet.make(PHONES, VISITS)
        feed.drain(phones[0].org_id)
        links = [Link(servers.port) for _ in phones]
        memory: list[float] = []
        begun = time.perf_counter()
        lives = [Life(phone, _closing(phone, link)) for phone, link in zip(phones, links, strict=True)]
        equal = live(lives, each_round=lambda: memory.append(servers.memory_mb("server")))
        took = time.perf_counter() - begun
        times = [taken for link in links for taken in link.times]
        told = " / ".join(f"{percentile(times, share) * 1000:,.0f}" for share in (0.5, 0.95, 0.99))
        sent, kept = sum(phone.seq for phone in phones), results(phones[0].org_id)
        answers = sum((life.answers for life in lives), Counter())
        report.add(f"phones of {PHONES:,} whose copy equals the server's", f"{equal:,}", "goal: all")
        report.add(f"mutations of {sent:,} without a result", f"{sent - kept:,}", "goal 0")
        report.add("answers", ", ".join(f"{count:,} {status}" for status, count in answers.most_common()))
        report.add("calls answered with 503, and made again", f"{sum(link.refusals for link in links):,}")
        report.add("ms for a call, p50 / p95 / p99", told, f"{len(times):,} calls, {CONNECTIONS} at a time")
        report.add("the whole day", f"{took:,.0f} s", f"{sent / took:,.0f} mutations/s besides the pulls")
        report.add("memory of the server after each round", " ".join(f"{mb:,.0f}" for mb in memory) + " MB", "flat")
        for name in ("server", "postgres", "drain"):
            report.add(f"processor time, {name}", f"{servers.cpu_s(name):,.0f} s")


def _closing(phone: Phone, link: Link) -> Call:
    """Phones come and go: each call with a connection and credential of its own, as after a pause, and again when the
    server says so."""

    def call(method: str, path: str, value: Any) -> Any:
        link.token = phone.token()
        try:
            return link.json(method, path, value, patience_s=60)
        finally:
            link.close()

    return call
