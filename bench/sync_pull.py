"""Pulling over HTTP: a first sync of 10,000 rows, a delta of 100 in a small and a larger organisation, nothing."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.kernel import synced
from app.kernel.actor import system_actor
from app.kernel.db import engine, transaction
from app.kernel.ids import new_id
from bench import fleet
from bench.figures import Report, Spread
from bench.fleet import Phone
from bench.house import House, house
from bench.http import Link
from bench.sync_peers import PAGE, PEERS, Row, running
from sync import feed

RUNS = int(os.environ.get("CALLOUT_BENCH_RUNS", "9"))
FIRST_VISITS, DELTA = 970, 100
# A million rows take ten minutes to make and to drain; what a delta costs among those is counted by `sync-buffers`.
SMALL, LARGE = 10_000, int(os.environ.get("CALLOUT_BENCH_ROWS", "100000"))
WARM = 3
ROWS_A_VISIT = 10


def timed(work: Callable[[], object], runs: int = RUNS) -> Spread:
    """Seconds that `work` takes; the first run is not counted."""
    times = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return Spread.of(times[1:])


def whole_copy(link: Link, cursor: int | None = None, limit: int | None = 10_000) -> tuple[int, int]:
    """Pulls until there is no more, in pages of `limit` rows, or in those of a phone (None). (rows, cursor)."""
    rows, more = 0, True
    asked = "/api/v1/sync/pull?" + (f"limit={limit}&" if limit else "")
    while more:
        page = link.json("GET", asked + ("" if cursor is None else f"cursor={cursor}"))
        rows += sum(len(changes["upserts"]) for changes in page["changes"].values())
        cursor, more = page["cursor"], page["more"]
    assert cursor is not None
    return rows, cursor


def all_rows(link: Link) -> list[Row]:
    """Every row that a first sync brings, as peers are given it."""
    rows, cursor, more = [], "", True
    while more:
        page = link.json("GET", f"/api/v1/sync/pull?limit=10000{cursor}")
        for name, changes in page["changes"].items():
            rows += [{"id": row["id"], "collection": name, "row": row} for row in changes["upserts"]]
        cursor, more = f"&cursor={page['cursor']}", page["more"]
    return rows


def first(report: Report) -> None:
    """`sync-first`."""
    with house() as servers:
        (phone,) = fleet.make(1, FIRST_VISITS)
        feed.drain(phone.org_id)
        link = Link(servers.port, phone.token())
        rows, _ = whole_copy(link)
        before = _burnt(servers)
        ours = timed(lambda: whole_copy(link))
        used = [(now - then) / (RUNS + 1) for now, then in zip(_burnt(servers), before, strict=True)]
        before = _burnt(servers)
        floor = timed(lambda: copied(phone.org_id))
        copying = (_burnt(servers)[1] - before[1]) / (RUNS + 1)
        report.add(f"first sync of {rows:,} rows", ours.told("ms", 1000), "goal ≤ 3 × the floor")
        report.add("COPY of the same rows as JSON", floor.told("ms", 1000), "floor")
        report.add("ratio", f"{ours.median / floor.median:.2f}")
        told = " and ".join(f"{seconds * 1000:.0f}" for seconds in used)
        remark = f"web server and PostgreSQL; COPY takes {copying * 1000:.0f} of PostgreSQL"
        report.add("processor time", f"{told} ms", remark)
        plain = Link(servers.port, phone.token(), packed=False)
        unpacked = timed(lambda: whole_copy(plain))
        report.add("the same, not packed", unpacked.told("ms", 1000), "as the peers send it")
        paged = timed(lambda: whole_copy(link, limit=None))
        report.add("the same in the pages of a phone", paged.told("ms", 1000), "64 KB packed")
        _peers_first(report, all_rows(link), {rows + 1: {"": ours, ", not packed": unpacked}, PAGE: {"": paged}})


def _peers_first(report: Report, rows: list[Row], ours: dict[int, dict[str, Spread]]) -> None:
    """ours: what it takes us in which form, by the size of the peers' pages with which it is compared."""
    for kind in PEERS:
        with running(kind) as peer:
            peer.store(rows)
            for limit, forms in ours.items():
                assert peer.first(limit) == len(rows)
                theirs = timed(lambda peer=peer, limit=limit: peer.first(limit))
                what = f"{peer.name}, {limit:,} rows a request"
                report.add(what, theirs.told("ms", 1000), "in memory, for whoever asks")
                for form, mine in forms.items():
                    report.add(f"{what}, against ours{form}", f"{theirs.median / mine.median:.2f}", "goal > 1")


def copied(org_id: UUID) -> int:
    """The bytes of the organisation's synced rows, as COPY writes their bodies."""
    raw = engine().raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT set_config('callout.org_id', %s, false)", (str(org_id),))
    size = 0
    for collection in synced.collections().values():
        if collection.name in ("visits", "jobs", "sites", "checklist_items"):
            sink = io.BytesIO()
            body = collection.body.replace("::", "\0").replace(":masked", "false").replace("\0", "::")
            rows = f'SELECT row_to_json(b) FROM (SELECT r.id, r.rev, {body} FROM "{collection.source}" r) AS b'
            cursor.copy_expert(f"COPY ({rows}) TO STDOUT", sink)
            size += sink.tell()
    raw.close()
    return size


def delta(report: Report) -> None:
    """`sync-delta`."""
    medians = []
    with house() as servers:
        for rows in (SMALL, LARGE):
            phone = _organisation(rows)
            link = Link(servers.port, phone.token())
            _, cursor = whole_copy(link)
            times = []
            for _ in range(RUNS + WARM):
                _change(phone, DELTA)
                feed.drain(phone.org_id)
                begun = time.perf_counter()
                got, cursor = whole_copy(link, cursor)
                times.append(time.perf_counter() - begun)
                assert got == DELTA, got
            spread = Spread.of(times[WARM:])
            medians.append(spread.median)
            report.add(f"delta of {DELTA} rows, {rows:,} rows in the organisation", spread.told("ms", 1000))
            if rows == SMALL:
                _peers_delta(report, all_rows(link), spread)
        report.add("large against small", f"{medians[1] / medians[0]:.2f}", "goal ≤ 1.3")


def _peers_delta(report: Report, held: list[Row], ours: Spread) -> None:
    """Peers know no scope: they hold as many rows as the organisation."""
    rows = [{**row, "id": str(new_id())} for _ in range(SMALL // len(held)) for row in held]
    for kind in PEERS:
        with running(kind) as peer:
            peer.store(rows)
            peer.first(len(rows) + 1)
            times = []
            for run in range(RUNS + WARM):
                peer.store([{**row, "row": {**row["row"], "changed": run}} for row in rows[:DELTA]])
                begun = time.perf_counter()
                got = peer.page(len(rows))
                times.append(time.perf_counter() - begun)
                assert got == DELTA, got
            theirs = Spread.of(times[WARM:])
            remark = f"{len(rows):,} rows in memory"
            report.add(f"delta of {DELTA} rows from {peer.name}", theirs.told("ms", 1000), remark)
            report.add(f"{peer.name} against ours", f"{theirs.median / ours.median:.1f}", "goal > 1")


def _organisation(rows: int) -> Phone:
    """A phone with a hundred visits in an organisation of about so many synced rows."""
    phones = fleet.make(max(1, rows // ROWS_A_VISIT // DELTA), DELTA)
    feed.drain(phones[0].org_id)
    fleet.analyze()
    return phones[0]


def _change(phone: Phone, count: int) -> None:
    with transaction(system_actor(phone.org_id)) as tx:
        statement = text("UPDATE visits SET instructions = instructions || '.' WHERE id = ANY(CAST(:ids AS uuid[]))")
        tx.session.execute(statement, {"ids": list(phone.visits)[:count]})


def empty(report: Report) -> None:
    """`sync-empty`."""
    with house() as servers:
        (phone,) = fleet.make(1, 20)
        link = Link(servers.port, phone.token())
        _, cursor = whole_copy(link)
        before = sum(_burnt(servers))
        ours = timed(_many(link, f"/api/v1/sync/pull?cursor={cursor}"))
        used = (sum(_burnt(servers)) - before) / (RUNS + 1) / 100
        bare = timed(_many(link, "/api/v1/territories?limit=1"))
        report.add("empty pull, mean of 100", ours.told("ms", 10), "goal ≤ 2 × the floor")
        report.add("an endpoint with credential and one SELECT", bare.told("ms", 10), "floor")
        report.add("ratio", f"{ours.median / bare.median:.2f}")
        report.add("processor time of an empty pull", f"{used * 1000:.2f} ms", "web server and PostgreSQL")
        report.add(
            "processor time of a delta of 10 rows", f"{_of_ten(servers, phone, cursor) * 1000:.2f} ms", "the same"
        )


def _of_ten(servers: House, phone: Phone, cursor: int) -> float:
    """Processor seconds of the pull alone; the drain has been before."""
    link, used = Link(servers.port, phone.token()), 0.0
    for _ in range(50):
        _change(phone, 10)
        feed.drain(phone.org_id)
        before = sum(_burnt(servers))
        got, cursor = whole_copy(link, cursor)
        used += sum(_burnt(servers)) - before
        assert got == 10, got
    return used / 50


def _burnt(servers: House) -> tuple[float, float]:
    """Processor seconds of web server and PostgreSQL."""
    return servers.cpu_s("server"), servers.cpu_s("postgres")


def _many(link: Link, path: str) -> Callable[[], Any]:
    def call() -> None:
        for _ in range(100):
            link.json("GET", path)

    return call
