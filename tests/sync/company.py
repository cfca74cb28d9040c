"""An organisation with the real rooms, changed by the real commands, and what each phone must hold by plain queries."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import NullPool, create_engine, text

from app.kernel.actor import Actor
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from app.people.models import Crew, User
from app.work import commands as work
from app.work.models import Visit
from tests import factories
from tests.sync.world import Phone, World

CHECKLIST = [{"key": "ok", "label": "OK?", "kind": "bool", "required": True}]
PEOPLE, SITES = 3, 3


@dataclass
class Company(World):
    """Three engineers with vans, the first two in a crew; a part, a kind of job, and three customers' sites."""

    users: list[User] = field(default_factory=list)
    engineers: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.users = [factories.user("engineer", self.org_id) for _ in range(PEOPLE)]
        with self.tx() as tx:
            found = {row.user_id: row.id for row in tx.session.execute(text("SELECT id, user_id FROM engineers"))}
        self.engineers = [found[user.id] for user in self.users]
        self.sites = [factories.site(self.org_id).id for _ in range(SITES)]
        self.job_type = factories.job_type(self.org_id, checklist=CHECKLIST).id
        self.crew = factories.add(self.org_id, Crew(name="Crew")).id
        for engineer in self.engineers[:2]:
            self.run("INSERT INTO crew_members (crew_id, engineer_id) VALUES (:c, :e)", c=self.crew, e=engineer)
        self.part = new_id()
        self.run("INSERT INTO parts (id, number, name) VALUES (:id, 'P-1', 'Filter')", id=self.part)
        self.run("""INSERT INTO stock_locations (id, kind, name, engineer_id)
                    SELECT gen_random_uuid(), 'van', 'Van ' || id, id FROM engineers""")

    def holder(self, number: int | None) -> dict[str, UUID | None]:
        """Who a visit is given to: an engineer by number, the crew (the number after the last), nobody."""
        if number is None:
            return {"engineer_id": None, "crew_id": None}
        if number == PEOPLE:
            return {"engineer_id": None, "crew_id": self.crew}
        return {"engineer_id": self.engineers[number], "crew_id": None}

    def visit_for(self, number: int | None, site: UUID, days: int) -> UUID:
        """A visit of a new job so many days from now, given to somebody."""
        with self.tx() as tx:
            job = work.create_job(tx, {"site_id": site, "job_type_id": self.job_type, "triaged_at": tx.now})
            made = tx.session.query(Visit).filter_by(job_id=job.id).one()
            self.plan(tx, made.id, days)
            work.assign(tx, made.id, **self.holder(number))
            return made.id

    @staticmethod
    def plan(tx: Any, visit_id: UUID, days: int) -> None:
        statement = text("UPDATE visits SET planned_start = now() + make_interval(days => :days) WHERE id = :id")
        tx.session.execute(statement, {"days": days, "id": visit_id})
        tx.session.expire_all()

    def a_day_passes(self) -> None:
        """Everything comes a day nearer, and no trigger hears of it. As if the feed had looked yesterday."""
        owner = create_engine(os.environ["CALLOUT_DATABASE_OWNER_URL"], poolclass=NullPool)
        with owner.begin() as connection:
            connection.execute(text("SELECT set_config('callout.org_id', :org, true)"), {"org": str(self.org_id)})
            for table, moved in {"visits": "planned_start", "conflicts": "resolved_at"}.items():
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                nearer = f"UPDATE {table} SET {moved} = {moved} - interval '1 day' WHERE org_id = current_org()"
                connection.execute(text(nearer))
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            yesterday = text(
                "UPDATE sync_counters SET day = (CAST(day AS date) - 1)::text WHERE org_id = current_org()"
            )
            connection.execute(yesterday)

    def phone_of(self, number: int) -> Phone:
        """A new device of an engineer."""
        of, engineer_id = self.users[number], self.engineers[number]
        about = {"device_id": new_id(), "engineer_id": engineer_id}
        return Phone(self, Actor(self.org_id, Role.ENGINEER, of.id, of.name, **about))

    def truth(self, actor: Actor) -> dict[str, dict[str, dict[str, Any]]]:
        """What a phone must hold, by queries that know nothing of the feed nor of what it asks."""
        with self.tx() as tx:
            return {
                name: {
                    row.id: orjson.loads(row.body)
                    for row in tx.session.execute(text(sql), {"user": actor.user_id} if ":user" in sql else {})
                }
                for name, sql in TRUTH.items()
            }

    def is_kept(self, word: str) -> bool:
        """Whether a word that a phone sent stands in a row, in its history, or in a Conflict."""
        with self.tx() as tx:
            return bool(tx.session.scalar(text(KEPT), {"word": f"%{word}%"}))


HELD = """
    me AS (SELECT id FROM engineers WHERE user_id = :user AND deleted_at IS NULL),
    held AS (
        SELECT v.* FROM visits v JOIN organisations o ON o.id = v.org_id
        CROSS JOIN LATERAL (
            SELECT (coalesce(v.planned_start, v.window_start, v.created_at) AT TIME ZONE o.timezone)::date
                 - (now() AT TIME ZONE o.timezone)::date AS ahead) AS d
        WHERE v.deleted_at IS NULL AND v.status NOT IN ('draft', 'scheduled') AND d.ahead <= 3
          AND (d.ahead >= -3
               OR v.status IN ('dispatched', 'accepted', 'en_route', 'on_site', 'working', 'paused'))
          AND (v.engineer_id IN (SELECT id FROM me)
               OR v.crew_id IN (SELECT crew_id FROM crew_members WHERE engineer_id IN (SELECT id FROM me)))),
    job AS (SELECT * FROM jobs WHERE deleted_at IS NULL AND id IN (SELECT job_id FROM held)),
    site AS (SELECT * FROM sites WHERE deleted_at IS NULL AND id IN (SELECT site_id FROM job))
"""


OF_VISIT = "visit_id IN (SELECT id FROM held)"
VAN = """(
    SELECT i.*, (
        SELECT coalesce(sum(CASE WHEN m.to_location_id = l.id THEN m.quantity ELSE -m.quantity END), 0)
        FROM stock_moves m WHERE m.part_id = i.part_id AND l.id IN (m.to_location_id, m.from_location_id)
    )::text AS quantity
    FROM stock_items i JOIN stock_locations l ON l.id = i.location_id
    WHERE l.deleted_at IS NULL AND l.engineer_id IN (SELECT id FROM me)) AS van"""
# collection: (where it comes from, which fields are compared, which rows)
COMPARED: dict[str, tuple[str, tuple[str, ...], str]] = {
    "visits": ("held", ("job_id", "engineer_id", "crew_id", "status", "instructions"), "true"),
    "jobs": ("job", ("site_id", "status", "description"), "true"),
    "sites": ("site", ("name", "access_notes"), "true"),
    "accounts": ("accounts", ("name",), "id IN (SELECT account_id FROM site UNION SELECT account_id FROM job)"),
    "checklist_items": ("checklist_items", ("visit_id", "key"), OF_VISIT),
    "checklist_answers": ("checklist_answers", ("item_id", "value", "comment"), OF_VISIT),
    "time_entries": ("time_entries", ("kind", "note"), OF_VISIT),
    "part_uses": ("part_uses", ("part_id", "serial"), OF_VISIT),
    "notes": ("notes", ("job_id", "body"), "job_id IN (SELECT id FROM job)"),
    "conflicts": (
        "conflicts",
        ("kind", "status"),
        "coalesce((SELECT user_id FROM engineers e WHERE e.id = engineer_id), user_id) = :user",
    ),
    "job_types": ("job_types", ("name",), "true"),
    "parts": ("parts", ("name",), "true"),
    "van_stock": (VAN, ("quantity",), "true"),
}


def _told(source: str, fields: tuple[str, ...], where: str) -> str:
    pairs = ", ".join(f"'{name}', {name}" for name in ("id", "rev", *fields))
    body = f"json_build_object({pairs})::text AS body"
    return f"WITH {HELD} SELECT id::text, {body} FROM {source} WHERE deleted_at IS NULL AND {where}"


TRUTH = {name: _told(*compared) for name, compared in COMPARED.items()}
KEPT = " UNION ALL ".join(
    f"SELECT true FROM {table} WHERE {column} LIKE :word"
    for table, column in {
        "notes": "body",
        "sites": "access_notes",
        "checklist_answers": "comment",
        "time_entries": "note",
        "part_uses": "serial",
        "conflicts": "mine::text",
        "audit_entries": "data::text",
    }.items()
)


def copy(phone: Phone) -> dict[str, dict[str, dict[str, Any]]]:
    """A phone's copy, of the fields that are compared."""
    copied = {}
    for name, (_, fields, _) in COMPARED.items():
        rows = phone.rows.get(name, {})
        copied[name] = {row_id: {key: row[key] for key in ("id", "rev", *fields)} for row_id, row in rows.items()}
    return copied
