"""`./callout bench dispatch-day`: a working day over HTTP on which somebody falls ill, something burns, work overruns.

A server, two workers, relay and drainer as `./callout up` starts them. How long until a proposal can be read, what it
moves and breaks, and when it is on the phones once it is applied.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.kernel import tokens
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.kernel.tokens import Claims
from bench import fleet
from bench.figures import Report
from bench.house import House, house
from bench.http import Link

ENGINEERS, JOBS = 25, 160
PATIENCE_S, EVERY_S = 180, 0.05
KNOWN_S = 75
"""Until work that goes on breaks a promise."""
ZONE = f"Etc/GMT{min(12, datetime.now(UTC).hour - 10):+d}"
"""It is ten in the morning there (eleven where no zone has ten)."""
MAKE = [
    "INSERT INTO organisations (id, name, timezone) VALUES (current_org(), 'City', :zone)",
    "INSERT INTO users (id, email, name, role) VALUES (:user, current_org() || '@example.org', 'Desk', 'dispatcher')",
    """INSERT INTO users (id, email, name, role)
       SELECT gen_random_uuid(), current_org() || '-' || n || '@example.org', 'Engineer ' || n, 'engineer'
       FROM generate_series(1, :engineers) AS n""",
    """INSERT INTO engineers (id, user_id, name, home)
       SELECT gen_random_uuid(), id, name, ST_SetSRID(ST_MakePoint(121 + 0.3 * random(), 31 + 0.25 * random()), 4326)
       FROM users WHERE role = 'engineer'""",
    """INSERT INTO devices (id, user_id, name, clock_offset_ms)
       SELECT gen_random_uuid(), id, 'Phone', 0 FROM users WHERE role = 'engineer'""",
    """INSERT INTO shifts (id, engineer_id, starts_at, ends_at)
       SELECT gen_random_uuid(), id, now() - interval '2 hours', now() + interval '7 hours' FROM engineers""",
    """INSERT INTO job_types (id, code, name, duration_s, dispatch_method)
       VALUES (gen_random_uuid(), 'repair', 'Repair', 2700, 'recommend')""",
    "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'Lin & Sons')",
    """INSERT INTO sites (id, account_id, name, location)
       SELECT gen_random_uuid(), a.id, 'Site ' || n,
              ST_SetSRID(ST_MakePoint(121 + 0.3 * random(), 31 + 0.25 * random()), 4326)
       FROM accounts a, generate_series(1, :jobs) AS n""",
    """INSERT INTO jobs (id, number, job_type_id, site_id, account_id, summary, status, triaged_at, priority)
       SELECT gen_random_uuid(), 'J-' || s.name, t.id, s.id, s.account_id, 'Repair', 'open', now(),
              2 + floor(random() * 3)::int
       FROM sites s, job_types t""",
    """INSERT INTO visits (id, job_id, status, window_start, window_end, duration_s)
       SELECT gen_random_uuid(), id, 'draft', now() + w * interval '1 hour', now() + (w + 3) * interval '1 hour', 2700
       FROM (SELECT id, CASE WHEN random() < 0.4 THEN floor(random() * 4) END AS w FROM jobs) j""",
]
PHONES = """SELECT e.id, d.user_id, d.id AS device_id FROM engineers e JOIN devices d ON d.user_id = e.user_id"""


@dataclass
class Office:
    """The desk and the phones of one organisation."""

    org_id: UUID
    desk: Link
    phones: dict[str, Link]

    def plan(self, plan_id: str) -> Any:
        """The plan once it is there, None until then."""
        plan = self.desk.json("GET", f"/api/v1/dispatch/plans/{plan_id}")
        return plan if plan["status"] in ("done", "stopped", "failed") else None

    def proposal(self, kind: str) -> Any:
        """What is proposed because of an open alert of this kind."""
        alerts = self.desk.json("GET", f"/api/v1/alerts?kind={kind}&open=true")["items"]
        return next((self.plan(one["plan_id"]) for one in alerts if one["plan_id"]), None)

    def held(self, engineer_id: str) -> set[str]:
        """The visits that a phone gets when it asks for everything."""
        page = self.phones[engineer_id].json("GET", "/api/v1/sync/pull?limit=10000", patience_s=30)
        return {row["id"] for row in page["changes"].get("visits", {"upserts": ()})["upserts"]}

    def day(self, engineer_id: str) -> list[dict[str, Any]]:
        """The visits of an engineer that are not over, in order."""
        found: list[dict[str, Any]] = self.desk.json("GET", f"/api/v1/engineers/{engineer_id}/day")["visits"]
        return [one for one in found if one["eta"]]


def run(report: Report) -> None:
    """Fills `report`."""
    subprocess.run([sys.executable, "-m", "dispatch.engine.improve"], check=True)  # compiled beforehand, as `up` does
    with house() as servers:
        for name, command in {"worker-1": "worker", "worker-2": "worker", "relay": "relay"}.items():
            servers.start(name, "app.cli", command, "--data", str(servers.data))
        office = _office(servers)
        _morning(office)
        chance = random.Random(1)
        for trouble in (_illness, _emergency, _growth, _overrun):
            _told(report, office, *trouble(office, chance))


def _office(servers: House) -> Office:
    org_id, user_id = new_id(), new_id()
    values = {"engineers": ENGINEERS, "jobs": JOBS, "zone": ZONE, "user": user_id}
    with transaction(system_actor(org_id)) as tx:
        for statement in MAKE:
            tx.session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
        rows = tx.session.execute(text(PHONES)).all()
    fleet.analyze()
    phones = {str(row.id): Link(servers.port, tokens.issue(Claims(org_id, row.user_id, row.device_id))) for row in rows}
    return Office(org_id, Link(servers.port, tokens.issue(Claims(org_id, user_id, None))), phones)


def _morning(office: Office) -> None:
    """The day is planned and told; every second engineer is at work, the others are on the way."""
    asked = office.desk.json("POST", "/api/v1/dispatch/plans", {"time_limit_s": 5})
    plan = _until(lambda: office.plan(asked["id"]))
    office.desk.json("POST", f"/api/v1/dispatch/plans/{plan['id']}/apply", {})
    for n, engineer_id in enumerate(office.phones):
        if day := office.day(engineer_id):
            steps = ("accepted", "en_route", "on_site", "working")[: 4 if n % 2 else 2]
            for to in steps:
                office.phones[engineer_id].json("POST", f"/api/v1/visits/{day[0]['visit_id']}/transitions", {"to": to})


def _illness(office: Office, chance: random.Random) -> tuple[str, float, Any]:
    """Somebody with the rest of a day ahead of them reports ill."""
    ill = chance.choice([e for e in office.phones if len(office.day(e)) > 4])
    span = {"starts_at": datetime.now(UTC).isoformat(), "ends_at": (datetime.now(UTC) + timedelta(hours=9)).isoformat()}
    begun = time.perf_counter()
    office.desk.json("POST", "/api/v1/absences", {"engineer_id": ill, "reason": "sick", **span})
    return "an illness", begun, _until(lambda: office.proposal("absence"))


def _emergency(office: Office, chance: random.Random) -> tuple[str, float, Any]:
    """A job of the highest priority comes in, to be begun within two hours."""
    known = office.desk.json("GET", "/api/v1/jobs?limit=1")["items"][0]
    job = {name: known[name] for name in ("job_type_id", "site_id", "account_id")}
    now = datetime.now(UTC)
    window = {"window_start": now.isoformat(), "window_end": (now + timedelta(hours=2)).isoformat()}
    begun = time.perf_counter()
    office.desk.json("POST", "/api/v1/jobs", {**job, "summary": "Gas", "priority": 1, "visits": [window]})
    return "an emergency", begun, _until(lambda: office.proposal("emergency"))


def _growth(office: Office, chance: random.Random) -> tuple[str, float, Any]:
    """Work turns out to take five hours."""
    visit_id = chance.choice(_at_work(office))[0]["visit_id"]
    rev = office.desk.json("GET", f"/api/v1/visits/{visit_id}")["rev"]
    desk = replace(office.desk, also={"If-Match": f'"{rev}"'})
    begun = time.perf_counter()
    desk.json("PATCH", f"/api/v1/visits/{visit_id}", {"duration_s": 5 * 3600})
    return "work that turns out longer", begun, _until(lambda: office.proposal("promise_at_risk"))


def _overrun(office: Office, chance: random.Random) -> tuple[str, float, Any]:
    """Work goes on past its time until the next visit cannot be begun in time any more: from then on it is known."""
    now, next_ = chance.choice(_at_work(office))[:2]
    closes = 60 + next_["travel_s"] + KNOWN_S
    with transaction(system_actor(office.org_id)) as tx:
        tx.session.execute(text("UPDATE visits SET duration_s = 60 WHERE id = :id"), {"id": now["visit_id"]})
        promise = "planned_start = now(), window_start = NULL, window_end = now() + :closes * interval '1 second'"
        tx.session.execute(
            text(f"UPDATE visits SET {promise} WHERE id = :id"), {"id": next_["visit_id"], "closes": closes}
        )
    known = time.perf_counter() + KNOWN_S
    return "work that goes on", known, _until(lambda: office.proposal("promise_at_risk"))


def _at_work(office: Office) -> list[list[dict[str, Any]]]:
    """The days of those who work at a visit and have more ahead of them."""
    days = [office.day(engineer_id) for engineer_id in office.phones]
    return [day for day in days if len(day) > 2 and day[0]["status"] == "working"]


def _told(report: Report, office: Office, what: str, known: float, plan: Any) -> None:
    """What the proposal is, and when the phones have it once it is applied."""
    after = time.perf_counter() - known
    kinds = Counter(change["change"] for change in plan["difference"])
    changes = ", ".join(f"{kinds[kind]} {kind}" for kind in ("assigned", "moved", "retimed", "unassigned"))
    when = f"{after:.1f} s" if after >= 0 else f"{-after:.0f} s before it was known"
    report.add(f"a proposal after {what}", when, "goal ≤ 5 s")
    report.add(f"— of {plan['totals']['assigned']} visits", changes, f"{plan['totals']['broken']} promises broken")
    gains = [one for one in plan["difference"] if one["to_engineer_id"] and one["change"] != "retimed"]
    begun = time.perf_counter()
    office.desk.json("POST", f"/api/v1/dispatch/plans/{plan['id']}/apply", {})
    applied = time.perf_counter() - begun
    if gains:
        visit_id, engineer_id = gains[-1]["visit_id"], gains[-1]["to_engineer_id"]
        _until(lambda: visit_id in office.held(engineer_id) or None)
        report.add("— applied, on a phone", f"{applied:.1f} s, {time.perf_counter() - begun:.1f} s", "")


def _until(ask: Callable[[], Any]) -> Any:
    """What it answers once it is not None."""
    given_up = time.monotonic() + PATIENCE_S
    while (answer := ask()) is None:
        if time.monotonic() > given_up:
            raise RuntimeError("nothing came")
        time.sleep(EVERY_S)
    return answer
