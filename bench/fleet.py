"""A fleet of engineers with visits, made by plain SQL in seconds, and the day that each engineer's phone pushes."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import NullPool, create_engine, text

from app.kernel import tokens
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.kernel.tokens import Claims

ITEMS = 7
CHECKLIST = """
    SELECT json_agg(json_build_object('key', 'k' || n, 'label', 'Check ' || n, 'kind', 'bool', 'required', true))
    FROM generate_series(1, 7) AS n
"""
# Every engineer has `:visits` dispatched visits today, each of a job at a site of its own, with a checklist. Ten sites
# are of one account.
MAKE = [
    # Nobody has counted the rows of the statement before: the planner would look through all engineers for each visit.
    "SET LOCAL enable_nestloop = off",
    "INSERT INTO organisations (id, name) VALUES (current_org(), 'Fleet')",
    """INSERT INTO users (id, email, name, role)
       SELECT gen_random_uuid(), current_org() || '-' || n || '@example.org', 'Engineer ' || n, 'engineer'
       FROM generate_series(1, :engineers) AS n""",
    "INSERT INTO engineers (id, user_id, name) SELECT gen_random_uuid(), id, name FROM users",
    "INSERT INTO devices (id, user_id, name, clock_offset_ms) SELECT gen_random_uuid(), id, 'Phone', 0 FROM users",
    """INSERT INTO stock_locations (id, kind, name, engineer_id)
       SELECT gen_random_uuid(), 'van', 'Van of ' || name, id FROM engineers""",
    "INSERT INTO parts (id, number, name) VALUES (gen_random_uuid(), 'P-1', 'Filter')",
    """INSERT INTO stock_moves (id, kind, part_id, quantity, to_location_id)
       SELECT gen_random_uuid(), 'receive', p.id, 1000000, l.id FROM parts p, stock_locations l""",
    f"""INSERT INTO job_types (id, code, name, requires_signature, checklist)
        SELECT gen_random_uuid(), 'T', 'Repair', false, ({CHECKLIST})""",
    """INSERT INTO accounts (id, name)
       SELECT gen_random_uuid(), 'Account ' || n FROM generate_series(0, :engineers * :visits / 10) AS n""",
    """INSERT INTO sites (id, account_id, name, location)
       SELECT gen_random_uuid(), a.id, 'Site ' || n, ST_SetSRID(ST_MakePoint(121 + random(), 31 + random()), 4326)
       FROM generate_series(1, :engineers * :visits) AS n JOIN accounts a ON a.name = 'Account ' || n / 10""",
    """INSERT INTO jobs (id, number, job_type_id, site_id, account_id, summary, status, triaged_at)
       SELECT gen_random_uuid(), 'J-' || s.name, t.id, s.id, s.account_id, 'Repair at ' || s.name, 'scheduled', now()
       FROM sites s, job_types t""",
    """INSERT INTO visits (id, job_id, engineer_id, status, planned_start, planned_end)
       SELECT gen_random_uuid(), j.id, e.id, 'dispatched', now(), now() + interval '1 hour'
       FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM jobs) j
       JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM engineers) e ON e.n = j.n / :visits
       ORDER BY j.n""",
    """INSERT INTO visit_events (id, visit_id, event, from_status, to_status, visit_rev, engineer_id, device_at,
                                 received_at, corrected_at)
       SELECT gen_random_uuid(), id, 'dispatched', 'scheduled', 'dispatched', 1, engineer_id, now(), now(), now()
       FROM visits""",
    f"""INSERT INTO checklist_items (id, visit_id, position, key, label, kind, required)
        SELECT gen_random_uuid(), v.id, n, 'k' || n, to_jsonb('Check ' || n), 'bool', true
        FROM visits v, generate_series(1, {ITEMS}) AS n""",
]
PHONES = """
    SELECT d.id AS device_id, d.user_id, e.id AS engineer_id, (SELECT id FROM parts LIMIT 1) AS part_id,
           array_agg(v.id::text ORDER BY v.id) AS visits
    FROM devices d JOIN engineers e ON e.user_id = d.user_id JOIN visits v ON v.engineer_id = e.id
    GROUP BY d.id, d.user_id, e.id
"""


@dataclass
class Phone:
    """One engineer's phone: who it is, its visits {id: checklist items}, and how far it has numbered its mutations."""

    org_id: UUID
    user_id: UUID
    device_id: UUID
    part_id: UUID
    visits: dict[str, list[str]]
    seq: int = 0

    def token(self) -> str:
        return tokens.issue(Claims(self.org_id, self.user_id, self.device_id))

    def day(self) -> list[dict[str, Any]]:
        """All mutations of the phone's visits, twenty each, in the order in which an engineer makes them."""
        return [mutation for visit_id in self.visits for mutation in self.work(visit_id)]

    def work(self, visit_id: str) -> list[dict[str, Any]]:
        """A visit from acceptance to completion: steps, times, answers, notes, a part."""
        at = datetime.now(UTC) - timedelta(hours=2)
        travel, work, note = str(new_id()), str(new_id()), str(new_id())
        words = " ".join(random.choices(["valve", "leaks", "replaced", "tested", "seal", "ok"], k=12))
        made: list[tuple[str, str, str, int | None, dict[str, Any]]] = [
            ("visits", "transition", visit_id, 1, {"to": "accepted"}),
            ("visits", "transition", visit_id, 1, {"to": "en_route"}),
            ("time_entries", "create", travel, None,
             {"visit_id": visit_id, "kind": "travel", "started_at": at.isoformat()}),
            ("visits", "transition", visit_id, 1, {"to": "on_site"}),
            ("time_entries", "update", travel, 1, {"ended_at": (at + timedelta(minutes=20)).isoformat()}),
            ("visits", "transition", visit_id, 1, {"to": "working"}),
            ("time_entries", "create", work, None,
             {"visit_id": visit_id, "kind": "work", "started_at": at.isoformat()}),
            ("notes", "create", note, None, {"visit_id": visit_id, "body": words}),
            *(("checklist_answers", "create", str(new_id()), None,
               {"visit_id": visit_id, "item_id": item, "value": True}) for item in self.visits[visit_id]),
            ("part_uses", "create", str(new_id()), None,
             {"visit_id": visit_id, "part_id": str(self.part_id), "quantity": "1"}),
            ("notes", "update", note, 1, {"body": words + "!"}),
            ("notes", "create", str(new_id()), None, {"visit_id": visit_id, "body": "Customer informed."}),
            ("time_entries", "update", work, 1, {"ended_at": (at + timedelta(minutes=90)).isoformat()}),
            ("visits", "transition", visit_id, 1, {"to": "completed"}),
        ]  # fmt: skip
        return [self._mutation(at + timedelta(seconds=20 * n), *one) for n, one in enumerate(made)]

    def _mutation(
        self, at: datetime, collection: str, kind: str, row_id: str, base_rev: int | None, data: dict[str, Any]
    ) -> dict[str, Any]:
        self.seq += 1
        seen = {} if base_rev is None else {"base_rev": base_rev}
        return {
            "id": str(new_id()), "seq": self.seq, "collection": collection, "row_id": row_id, "type": kind,
            "data": data, "device_at": at.isoformat(), **seen,
        }  # fmt: skip


def analyze(statement: str = "VACUUM ANALYZE") -> None:
    """Statistics as autovacuum keeps them: a database that was empty a second ago has none."""
    owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(statement))


def make(engineers: int, visits: int) -> list[Phone]:
    """A fresh organisation with so many engineers, each with so many visits; returns their phones."""
    org_id = new_id()
    with transaction(system_actor(org_id)) as tx:
        for statement in MAKE:
            used = {k: v for k, v in {"engineers": engineers, "visits": visits}.items() if f":{k}" in statement}
            tx.session.execute(text(statement), used)
        items: dict[str, list[str]] = {}
        query = text("SELECT visit_id::text, id::text FROM checklist_items ORDER BY visit_id, position")
        for visit_id, item in tx.session.execute(query):
            items.setdefault(visit_id, []).append(item)
        found = tx.session.execute(text(PHONES)).all()
    analyze()
    return [
        Phone(org_id, row.user_id, row.device_id, row.part_id, {one: items[one] for one in row.visits}) for row in found
    ]
