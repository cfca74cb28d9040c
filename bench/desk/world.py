"""A city for the desk: 500 engineers with fresh positions, 5,000 visits of tomorrow of which 590 wait for somebody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from app.kernel import tokens
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.kernel.tokens import Claims
from bench import fleet
from bench.http import Link

ENGINEERS, VISITS, FREE, EACH = 500, 5_000, 10, 9
"""`FREE` engineers have an empty day; the others have `EACH` visits; whatever is left of the visits waits."""
DAY = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
# Changed at some time of the past eight hours, as on any afternoon: what changed last is a few rows, not all.
MAKE = [
    "INSERT INTO organisations (id, name) VALUES (current_org(), 'City')",
    "INSERT INTO users (id, email, name, role) VALUES (:user, current_org() || '@example.org', 'Desk', 'dispatcher')",
    "INSERT INTO devices (id, user_id, name) VALUES (:device, :user, 'Browser')",
    """INSERT INTO territories (id, name, area)
       SELECT gen_random_uuid(), 'Quarter ' || x * 4 + y + 1,
              ST_MakeEnvelope(121 + x * 0.15, 31 + y * 0.125, 121.15 + x * 0.15, 31.125 + y * 0.125, 4326)
       FROM generate_series(0, 3) AS x, generate_series(0, 3) AS y""",
    """INSERT INTO engineers (id, name, home, consent_tracking)
       SELECT gen_random_uuid(), CASE WHEN n <= :free THEN 'A free day ' ELSE 'Engineer ' END || to_char(n, 'FM000'),
              ST_SetSRID(ST_MakePoint(121 + 0.6 * random(), 31 + 0.5 * random()), 4326), true
       FROM generate_series(1, :engineers) AS n""",
    """INSERT INTO latest_positions (engineer_id, at, location, accuracy)
       SELECT id, now() - random() * interval '20 minutes', home, 10 FROM engineers""",
    """INSERT INTO shifts (id, engineer_id, starts_at, ends_at)
       SELECT gen_random_uuid(), id, CAST(:day AS timestamptz) + interval '7 hours',
              CAST(:day AS timestamptz) + interval '18 hours' FROM engineers""",
    "INSERT INTO job_types (id, code, name, duration_s) VALUES (gen_random_uuid(), 'repair', 'Repair', 2400)",
    "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'Lin & Sons')",
    """INSERT INTO sites (id, account_id, name, location)
       SELECT gen_random_uuid(), a.id, 'Site ' || n,
              ST_SetSRID(ST_MakePoint(121 + 0.6 * random(), 31 + 0.5 * random()), 4326)
       FROM accounts a, generate_series(1, :visits) AS n""",
    """INSERT INTO jobs (id, number, job_type_id, site_id, account_id, summary, status, triaged_at, priority)
       SELECT gen_random_uuid(), 'J-' || s.name, t.id, s.id, s.account_id, 'Repair at ' || s.name, 'scheduled', now(),
              1 + floor(random() * 4)::int FROM sites s, job_types t""",
    """INSERT INTO visits (id, job_id, engineer_id, territory_id, status, planned_start, planned_end, duration_s,
                           updated_at)
       SELECT gen_random_uuid(), j.id, e.id, t.id, 'dispatched', at, at + interval '40 minutes', 2400,
              now() - interval '5 minutes' - random() * interval '8 hours'
       FROM (SELECT id, name, row_number() OVER (ORDER BY name) - 1 AS n FROM engineers) e
       CROSS JOIN LATERAL (SELECT k, CAST(:day AS timestamptz) + interval '7 hours' + k * interval '65 minutes' AS at
                           FROM generate_series(1, :each) AS k) v
       JOIN jobs j ON j.number = 'J-Site ' || (e.n - :free) * :each + v.k
       CROSS JOIN LATERAL (SELECT id FROM territories WHERE name = 'Quarter ' || 1 + e.n % 16) t
       WHERE e.n >= :free""",
    """INSERT INTO visits (id, job_id, status, window_start, window_end, duration_s, updated_at)
       SELECT gen_random_uuid(), j.id, 'draft', CAST(:day AS timestamptz) + interval '7 hours',
              CAST(:day AS timestamptz) + interval '18 hours', 2400,
              now() - interval '5 minutes' - random() * interval '8 hours'
       FROM jobs j WHERE NOT EXISTS (SELECT FROM visits v WHERE v.job_id = j.id)""",
]


@dataclass(frozen=True)
class City:
    """Who sits at the desk of it, and what is to be given to whom."""

    org_id: UUID
    user_id: UUID
    device_id: UUID

    @property
    def date(self) -> str:
        return DAY.date().isoformat()

    @property
    def token(self) -> str:
        return tokens.issue(Claims(self.org_id, self.user_id, self.device_id))

    def session(self, port: int) -> str:
        """What a browser of somebody who has signed in remembers, as a script that puts it there."""
        profile = Link(port, self.token).json("GET", "/api/v1/me")
        kept = {"user": profile, "deviceId": str(self.device_id), "tokens": {"access": self.token, "refresh": ""}}
        return f"localStorage.setItem('callout.session', {json.dumps(json.dumps(kept))});"


def make(*, empty: bool = False) -> City:
    """A fresh organisation; an `empty` one has nobody but the dispatcher."""
    city = City(new_id(), new_id(), new_id())
    values = {
        "user": city.user_id, "device": city.device_id, "day": DAY, "engineers": ENGINEERS, "visits": VISITS,
        "free": FREE, "each": EACH,
    }  # fmt: skip
    with transaction(system_actor(city.org_id)) as tx:
        for statement in MAKE[:3] if empty else MAKE:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            tx.session.execute(text(statement), used)
    fleet.analyze()
    return city
