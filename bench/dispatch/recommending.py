"""`./callout bench dispatch-recommend`: who should go, asked of 1,000 engineers with 5,000 planned visits.

The answers are compared with an exhaustive search that tries every position of every day one after another.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.kernel import tokens
from app.kernel.actor import system_actor
from app.kernel.db import Tx, transaction
from app.kernel.ids import new_id
from app.kernel.tokens import Claims
from bench import fleet
from bench.figures import Report, percentile
from bench.house import House, house
from bench.http import Link
from dispatch import queries, recommending, settings
from dispatch.boards import asking
from dispatch.engine.insertion import Insertion, present_routes
from dispatch.engine.rules import allows, load
from dispatch.engine.settle import anchored, settle
from dispatch.queries import Span
from dispatch.saying import Voice

ENGINEERS, VISITS, QUESTIONS, COMPARED, CALLS = 1_000, 5, 60, 8, 300
DAY = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
# Everybody works tomorrow from eight to half past four and has room somewhere; a `common` skill is held by 60 %, a
# `rare` one by 2 %: by a hash of both, for random() alone is drawn once for a skill and all engineers.
MAKE = [
    "INSERT INTO organisations (id, name) VALUES (current_org(), 'City')",
    "INSERT INTO users (id, email, name, role) VALUES (:user, current_org() || '@example.org', 'Desk', 'dispatcher')",
    """INSERT INTO engineers (id, name, home)
       SELECT gen_random_uuid(), 'Engineer ' || n,
              ST_SetSRID(ST_MakePoint(121 + 0.6 * random(), 31 + 0.5 * random()), 4326)
       FROM generate_series(1, :engineers) AS n""",
    """INSERT INTO skills (id, code, name) VALUES (gen_random_uuid(), 'common', 'Common'),
       (gen_random_uuid(), 'rare', 'Rare')""",
    """INSERT INTO engineer_skills (engineer_id, skill_id, level) SELECT e.id, s.id, 1 + floor(random() * 5)::int
       FROM engineers e, skills s
       WHERE hashtext(e.id || s.code) & 1023 < 1024 * CASE s.code WHEN 'common' THEN 0.6 ELSE 0.02 END""",
    """INSERT INTO shifts (id, engineer_id, starts_at, ends_at, breaks)
       SELECT gen_random_uuid(), id, CAST(:day AS timestamptz) + interval '8 hours',
              CAST(:day AS timestamptz) + interval '16 hours 30 minutes',
              jsonb_build_array(jsonb_build_object(
                  'window_start', CAST(:day AS timestamptz) + interval '11 hours 30 minutes',
                  'window_end', CAST(:day AS timestamptz) + interval '13 hours 30 minutes', 'duration_s', 1800))
       FROM engineers""",
    """INSERT INTO job_types (id, code, name, duration_s, required_skills)
       SELECT gen_random_uuid(), code, name, 2700, jsonb_build_array(jsonb_build_object('skill_id', id, 'level', 1))
       FROM skills""",
    "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'Lin & Sons')",
    """INSERT INTO sites (id, account_id, name, location)
       SELECT gen_random_uuid(), a.id, 'Site ' || e.n || '.' || k.n, ST_SetSRID(ST_MakePoint(
              ST_X(e.home) + 0.06 * (random() - 0.5), ST_Y(e.home) + 0.05 * (random() - 0.5)), 4326)
       FROM accounts a, (SELECT home, row_number() OVER (ORDER BY id) AS n FROM engineers) e,
            generate_series(0, :visits) AS k (n)""",
    """INSERT INTO jobs (id, number, job_type_id, site_id, account_id, summary, status, triaged_at, priority)
       SELECT gen_random_uuid(), 'J-' || s.name, t.id, s.id, s.account_id, 'Repair at ' || s.name, 'scheduled', now(),
              1 + floor(random() * 4)::int
       FROM sites s JOIN job_types t ON (t.code = 'rare') = (s.name LIKE '%0.0')""",
    """INSERT INTO visits (id, job_id, engineer_id, status, planned_start, planned_end, sequence, duration_s)
       SELECT gen_random_uuid(), j.id, e.id, 'dispatched', at, at + interval '45 minutes', k.n, 2700
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, floor(6 * random()) AS free FROM engineers) e
       CROSS JOIN LATERAL (SELECT n, CAST(:day AS timestamptz) + interval '7 hours' + n * interval '80 minutes'
                            + (n > e.free)::int * interval '50 minutes' AS at
                     FROM generate_series(1, :visits) AS n) k
       JOIN jobs j ON j.number = 'J-Site ' || e.n || '.' || k.n""",
    """INSERT INTO visits (id, job_id, status, window_start, window_end, duration_s)
       SELECT gen_random_uuid(), id, 'draft', opens, opens + interval '4 hours', 2700
       FROM (SELECT id, CAST(:day AS timestamptz) + interval '4 hours' * (2 + (random() > 0.5)::int) AS opens
             FROM jobs WHERE number LIKE '%.0') j""",
]


def run(report: Report) -> None:
    """Tells the time of an answer through the database and over HTTP, what it leaves out, and a floor for each."""
    with house() as servers:
        org_id, user_id = new_id(), new_id()
        _make(org_id, user_id)
        fleet.analyze()
        asked = _mixed(org_id)
        begun = time.perf_counter()
        _answer(org_id, asked[0])
        report.add("the first question: all days are read", f"{(time.perf_counter() - begun) * 1000:,.0f} ms")
        for code, some in _waiting(org_id).items():
            times = _times(lambda some=some: [_answer(org_id, one) for one in some])
            report.add(f"through the database, {code} skill", *_told([wall for wall, _ in times], "goal p95 ≤ 25 ms"))
            report.add(f"— its CPU here, {code} skill", *_told([cpu for _, cpu in times], "PostgreSQL's not counted"))
        report.add("a transaction with one SELECT", *_told([_bare(org_id) for _ in range(QUESTIONS)], "floor"))
        report.add("why not, everybody who cannot", *_everybody(org_id, asked))
        compared, first, five = _agreement(org_id, asked)
        report.add(f"the best is the exhaustive search's best, {compared} questions", f"{first:.2f}", "goal 1")
        report.add(f"recall of the top 5, {compared} questions", f"{five:.2f}", "goal 1")
        _over_http(report, servers, tokens.issue(Claims(org_id, user_id, None)), asked)


def _make(org_id: UUID, user_id: UUID) -> None:
    with transaction(system_actor(org_id)) as tx:
        for statement in MAKE:
            values = {"engineers": ENGINEERS, "visits": VISITS, "day": DAY, "user": user_id}
            tx.session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})


def _waiting(org_id: UUID) -> dict[str, list[UUID]]:
    """Questions by the skill that they need: held by 60 %, or by 2 %."""
    query = """SELECT v.id FROM visits v JOIN jobs j ON j.id = v.job_id JOIN job_types t ON t.id = j.job_type_id
               WHERE v.status = 'draft' AND t.code = :code ORDER BY v.id LIMIT :half"""
    with transaction(system_actor(org_id)) as tx:
        return {
            code: list(tx.session.scalars(text(query), {"code": code, "half": QUESTIONS // 2}))
            for code in ("common", "rare")
        }


def _mixed(org_id: UUID) -> list[UUID]:
    """Questions of both kinds, in a random order."""
    found = [one for some in _waiting(org_id).values() for one in some]
    random.Random(1).shuffle(found)
    return found


def _answer(org_id: UUID, visit_id: UUID) -> tuple[float, float]:
    """Seconds that one answer takes by the clock and of this process, its transaction included."""
    begun, used = time.perf_counter(), time.process_time()
    with transaction(system_actor(org_id)) as tx:
        recommending.for_visit(tx, visit_id, 5, Voice())
    return time.perf_counter() - begun, time.process_time() - used


def _bare(org_id: UUID) -> float:
    begun = time.perf_counter()
    with transaction(system_actor(org_id)) as tx:
        tx.session.execute(text("SELECT 1"))
    return time.perf_counter() - begun


def _times(work: Any, runs: int = 4) -> list[tuple[float, float]]:
    """What `work` tells, several times over; the first time is not counted."""
    work()
    return [pair for _ in range(runs) for pair in work()]


def _told(seconds: list[float], remark: str) -> tuple[str, str]:
    """p50, p95 and p99 in milliseconds."""
    told = " / ".join(f"{percentile(seconds, share) * 1000:,.1f}" for share in (0.5, 0.95, 0.99))
    return f"{told} ms (p50 / p95 / p99)", remark


def _everybody(org_id: UUID, asked: list[UUID]) -> tuple[str, str]:
    """What the reasons of all who cannot cost, beyond those of nobody: CPU a question, and how many they are."""
    cpu, count = [], []
    with transaction(system_actor(org_id)) as tx:
        for visit_id in asked[:COMPARED]:
            asks = recommending.question(tx, visit_id)
            span = recommending.horizon(asks.row, tx.now)
            marks = [time.process_time()]
            for most in (0, ENGINEERS):
                found = asking.recommend(tx, asks, span, 5, most)
                marks.append(time.process_time())
            cpu.append(marks[2] - 2 * marks[1] + marks[0])
            count.append(len(found.rejected))
    figure = f"{percentile(cpu, 0.5) * 1000:,.1f} ms CPU for {percentile(count, 0.5):,.0f}, "
    return figure + f"{max(cpu) * 1000:,.1f} for {max(count):,.0f}", "median and most; goal ≤ 5 ms"


def _agreement(org_id: UUID, asked: list[UUID]) -> tuple[int, float, float]:
    """How many questions were compared, how often the best is the exhaustive search's, and the share of its best five.

    Questions for which nobody is possible are not counted; the answer must then be empty too.
    """
    first, shares = list[bool](), list[float]()
    for visit_id in asked:
        if len(first) == COMPARED:
            break
        with transaction(system_actor(org_id)) as tx:
            answer = recommending.for_visit(tx, visit_id, 5, Voice())["candidates"]
            found = [(one["engineer_id"], one["score"]) for one in answer]
            best = _exhaustive(tx, visit_id)
        if not best:
            assert not found, visit_id
            continue
        names = {who for who, _ in best}
        # Who scores the same to the cent of a point is as good.
        first.append(bool(found) and abs(found[0][1] - best[0][1]) < 0.01)
        shares.append(len(names & {who for who, _ in found}) / len(names))
    count = max(1, len(first))
    return len(first), sum(first) / count, sum(shares) / count


def _exhaustive(tx: Tx, visit_id: UUID) -> list[tuple[str, float]]:
    """The five best of all engineers, by the scalar score of every position, from rows that no cache has seen."""
    question = recommending.question(tx, visit_id)
    # From the first shift on: how fast people drive is estimated for the hour in which a span begins.
    span = Span(DAY + timedelta(hours=8), DAY + timedelta(days=1), tx.now)
    problem = recommending.problem_of(tx, question, span, list(queries.shifts(tx, span)), settings.zone(tx))
    problem, _ = settle(anchored(problem))
    search, best = Insertion(problem, present_routes(problem)), dict[str, float]()
    visit = problem.visits[problem.visit_index[str(visit_id)]]
    for d, day in enumerate(problem.days):
        if not allows(visit, day) or load(visit, day, search.table.routes[d]):
            continue
        for leg in range(len(search.table.routes[d]) + 1):
            if candidate := search.score(visit, d, leg):
                best[day.engineer_id] = max(best.get(day.engineer_id, -1e18), candidate.score)
    return sorted(best.items(), key=lambda one: -one[1])[:5]


def _over_http(report: Report, servers: House, token: str, asked: list[UUID]) -> None:
    link = Link(servers.port, token)
    for n in range(4 * 8):  # both workers read the days before the clock runs
        link.json("POST", "/api/v1/dispatch/recommendations", {"visit_id": str(asked[n % len(asked)])})
    link.times.clear()
    used = {name: servers.cpu_s(name) for name in ("server", "postgres")}
    for n in range(CALLS):
        link.json("POST", "/api/v1/dispatch/recommendations", {"visit_id": str(asked[n % len(asked)])})
    cpu = {name: (servers.cpu_s(name) - before) / CALLS * 1000 for name, before in used.items()}
    report.add(f"over HTTP, {CALLS} calls", *_told(link.times, "goal p99 < 120 ms"))
    report.add("— CPU of a call", f"server {cpu['server']:.1f} ms, PostgreSQL {cpu['postgres']:.1f} ms", "mean")
    link.times.clear()
    for _ in range(CALLS):
        link.json("GET", "/api/v1/territories?limit=1")
    report.add("a bare endpoint over HTTP", *_told(link.times, "floor"))
