"""Tables, collections and simulated phones for the tests of the feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, text

from app.kernel import synced
from app.kernel.actor import Actor, system_actor
from app.kernel.db import Tx, transaction
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from app.kernel.problems import invalid
from app.kernel.synced import Collection, FieldMutation, Outcome, Watch
from sync import feed, triggers
from sync.pull import Request, pull

NAMES = ("tw_tags", "tw_notes", "tw_visits", "tw_sites")
ROW = """org_id uuid NOT NULL DEFAULT current_org(), id uuid NOT NULL, rev integer NOT NULL DEFAULT 1,
         field_revs jsonb NOT NULL DEFAULT '{}', updated_at timestamptz, deleted_at timestamptz"""
TABLES = [
    f"CREATE TABLE tw_sites ({ROW}, name text, shared boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id))",
    f"CREATE TABLE tw_visits ({ROW}, owner uuid, site_id uuid, status text NOT NULL DEFAULT 'dispatched', "
    "title text, remark text, secret text, PRIMARY KEY (org_id, id))",
    f"CREATE TABLE tw_notes ({ROW}, visit_id uuid, body text, PRIMARY KEY (org_id, id))",
    "CREATE TABLE tw_tags (org_id uuid NOT NULL DEFAULT current_org(), site_id uuid, tag text)",
    "CREATE INDEX ON tw_visits (org_id, site_id)",
    "CREATE INDEX ON tw_visits (org_id, owner)",
    "CREATE INDEX ON tw_notes (org_id, visit_id)",
    "CREATE INDEX ON tw_tags (org_id, site_id)",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in NAMES),
    *(f"CREATE POLICY organisation ON {table} USING (org_id = current_org())" for table in NAMES),
    *(f"GRANT ALL ON {table} TO callout_app" for table in NAMES),
    *(f"GRANT SELECT ON {table} TO callout_drain" for table in NAMES),
    *(
        f"CREATE TRIGGER row_changed BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) "
        "EXECUTE FUNCTION row_changed_fields()"
        for table in NAMES
        if table != "tw_tags"
    ),
]


def update_visit(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The command behind `update`; a title that is not text is poison."""
    for name, value in mutation.data.items():
        if name not in ("title", "remark") or not isinstance(value, str):
            raise invalid(f"/{name}", "Must be text.")
        statement = f"UPDATE tw_visits SET {name} = :value WHERE id = :id"
        tx.session.execute(text(statement), {"value": value, "id": mutation.row_id})
    return Outcome()


def move_visit(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The command behind `transition`; after the visit left, the fact is kept and the status is not moved."""
    if mutation.left:
        return Outcome("conflict")
    statement = text("UPDATE tw_visits SET status = :to WHERE id = :id")
    tx.session.execute(statement, {"to": mutation.data["to"], "id": mutation.row_id})
    return Outcome()


def create_note(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The command behind `create`."""
    statement = text("INSERT INTO tw_notes (id, visit_id, body) VALUES (:id, :visit_id, :body)")
    tx.session.execute(statement, {"id": mutation.row_id, **mutation.data})
    return Outcome()


SITES = Collection(
    name="tw_sites",
    body="r.name, (SELECT coalesce(json_agg(t.tag ORDER BY t.tag), '[]') FROM tw_tags t "
    "WHERE t.org_id = r.org_id AND t.site_id = r.id) AS tags",
    buckets="""
        SELECT s.id, 'user:' || v.owner FROM tw_sites s JOIN tw_visits v ON v.org_id = s.org_id AND v.site_id = s.id
        WHERE s.id = ANY(:ids) AND s.deleted_at IS NULL AND v.deleted_at IS NULL AND v.owner IS NOT NULL
        UNION ALL
        SELECT s.id, 'org' FROM tw_sites s WHERE s.id = ANY(:ids) AND s.deleted_at IS NULL AND s.shared
    """,
)
VISITS = Collection(
    name="tw_visits",
    body="r.site_id, r.status, r.title, r.remark, CASE WHEN :masked THEN NULL ELSE r.secret END AS secret",
    buckets="""
        SELECT id, 'user:' || owner FROM tw_visits
        WHERE id = ANY(:ids) AND deleted_at IS NULL AND owner IS NOT NULL
    """,
    touches="""
        SELECT 'tw_sites', site_id FROM tw_visits WHERE id = ANY(:ids)
        UNION ALL SELECT 'tw_notes', id FROM tw_notes WHERE visit_id = ANY(:ids)
    """,
    parents={"site_id": "tw_sites"},
    ties="r.owner, r.site_id, r.deleted_at",
    mutations={"update": update_visit, "transition": move_visit},
)
NOTES = Collection(
    name="tw_notes",
    body="r.visit_id, r.body",
    buckets="""
        SELECT n.id, 'user:' || v.owner FROM tw_notes n JOIN tw_visits v ON v.org_id = n.org_id AND v.id = n.visit_id
        WHERE n.id = ANY(:ids) AND n.deleted_at IS NULL AND v.deleted_at IS NULL AND v.owner IS NOT NULL
    """,
    mutations={"create": create_note},
)
COLLECTIONS = (SITES, VISITS, NOTES)
WATCHES = (Watch("tw_tags", touches="SELECT 'tw_sites', unnest(:ids)", key="site_id", content=True),)


def install_triggers(connection: Connection) -> None:
    """The small world's triggers only: those of the real rooms stay as they are."""
    installed = triggers._installed(connection)
    for touch in triggers.wanted():
        body = triggers._function_body(touch)
        if installed.get(touch.function) != (body, touch.digest):
            triggers._install(connection, touch, body)


@dataclass
class World:
    """One organisation: plain SQL to change it, users to look at it."""

    org_id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.run("INSERT INTO organisations (id, name) VALUES (:org, 'Small world')", org=self.org_id)

    @contextmanager
    def tx(self, actor: Actor | None = None) -> Iterator[Tx]:
        with transaction(actor or system_actor(self.org_id)) as tx:
            yield tx

    def run(self, sql: str, **values: Any) -> None:
        with self.tx() as tx:
            tx.session.execute(text(sql), values)

    def user(self) -> UUID:
        """A person who can own devices."""
        row_id = new_id()
        self.run(
            "INSERT INTO users (id, email, name, role) VALUES (:id, :email, 'Erin', 'engineer')",
            id=row_id,
            email=f"{row_id}@example.org",
        )
        return row_id

    @contextmanager
    def listening(self, collection: str, kind: str) -> Iterator[list[FieldMutation]]:
        """The mutations that reach a command, while the command does nothing."""
        seen: list[FieldMutation] = []
        handlers = dict(synced.collections()[collection].mutations)
        changed = replace(
            synced.collections()[collection], mutations={**handlers, kind: lambda tx, m: seen.append(m) or Outcome()}
        )
        declared = synced._collections
        synced._collections = {**declared, collection: changed}
        try:
            yield seen
        finally:
            synced._collections = declared

    def site(self, name: str = "site", shared: bool = False) -> UUID:
        row_id = new_id()
        self.run(
            "INSERT INTO tw_sites (id, name, shared) VALUES (:id, :name, :shared)", id=row_id, name=name, shared=shared
        )
        return row_id

    def visit(self, owner: UUID | None, site_id: UUID | None = None, title: str = "visit") -> UUID:
        row_id = new_id()
        self.run(
            "INSERT INTO tw_visits (id, owner, site_id, title, secret) VALUES (:id, :owner, :site, :title, 'secret')",
            id=row_id, owner=owner, site=site_id, title=title,
        )  # fmt: skip
        return row_id

    def note(self, visit_id: UUID, body: str = "note") -> UUID:
        row_id = new_id()
        self.run(
            "INSERT INTO tw_notes (id, visit_id, body) VALUES (:id, :visit, :body)",
            id=row_id,
            visit=visit_id,
            body=body,
        )
        return row_id

    def assign(self, visit_id: UUID, owner: UUID | None) -> None:
        self.run("UPDATE tw_visits SET owner = :owner WHERE id = :id", owner=owner, id=visit_id)

    def many_visits(self, owner: UUID, count: int) -> None:
        self.run(
            "INSERT INTO tw_visits (id, owner, title) SELECT gen_random_uuid(), :owner, 'visit ' || n "
            "FROM generate_series(1, :count) AS n",
            owner=owner,
            count=count,
        )

    def drain(self) -> feed.Drained:
        return feed.drain(self.org_id)

    def phone(self, user_id: UUID | None = None, role: Role = Role.ENGINEER) -> Phone:
        return Phone(self, Actor(self.org_id, role, user_id or new_id(), "Somebody", device_id=new_id()))

    def truth(self, actor: Actor) -> dict[str, dict[str, dict[str, Any]]]:
        """The oracle: what this user's copy must equal, by queries that know nothing of the feed."""
        with self.tx() as tx:
            return {
                name: {row.id: orjson.loads(row.body) for row in tx.session.execute(text(sql), {"user": actor.user_id})}
                for name, sql in ORACLE.items()
            }


_MINE = "SELECT * FROM tw_visits WHERE owner = :user AND deleted_at IS NULL"
ORACLE = {
    "tw_visits": f"""
        SELECT id::text, json_build_object('id', id, 'rev', rev, 'site_id', site_id, 'status', status, 'title', title,
            'remark', remark, 'secret', secret)::text AS body FROM ({_MINE}) v""",
    "tw_sites": f"""
        SELECT id::text, json_build_object('id', id, 'rev', rev, 'name', name, 'tags', (
            SELECT coalesce(json_agg(tag ORDER BY tag), '[]') FROM tw_tags WHERE site_id = s.id))::text AS body
        FROM tw_sites s WHERE deleted_at IS NULL AND (shared OR id IN (SELECT site_id FROM ({_MINE}) v))""",
    "tw_notes": f"""
        SELECT id::text, json_build_object('id', id, 'rev', rev, 'visit_id', visit_id, 'body', body)::text AS body
        FROM tw_notes WHERE deleted_at IS NULL AND visit_id IN (SELECT id FROM ({_MINE}) v)""",
}


@dataclass
class Phone:
    """A client that does what the protocol says: its copy of the rows, and where it stands."""

    world: World
    actor: Actor
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    cursor: int | None = None
    leaving: set[str] = field(default_factory=set)

    def page(self, limit: int | None = None, *, keep: bool = True) -> dict[str, Any]:
        """Pulls one page; `keep` False loses the answer on the way."""
        with self.world.tx(self.actor) as tx:
            page = orjson.loads(pull(tx, Request(self.cursor, limit)).encode())
        if keep:
            self.apply(page)
        return page  # type: ignore[no-any-return]

    def apply(self, page: dict[str, Any]) -> None:
        if page["mode"] == "replacement":
            self.rows.clear()
        for collection, changes in page["changes"].items():
            ids = [row["id"] for row in changes["upserts"]] + changes["removed"]
            assert len(ids) == len(set(ids)), "one id appears once per page"
            for row in changes["upserts"]:
                self.rows[collection][row["id"]] = row
                self.leaving.discard(row["id"])
            for row_id in changes["removed"]:
                self.rows[collection].pop(row_id, None)
            self.leaving |= set(changes["leaving"])
        self.cursor = page["cursor"]

    def sync(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Pulls until there is no more."""
        pages = [self.page(limit)]
        while pages[-1]["more"]:
            pages.append(self.page(limit))
            assert len(pages) < 10_000
        return pages

    def copy(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {name: dict(self.rows.get(name, {})) for name in ORACLE}

    def equals_truth(self) -> bool:
        return self.copy() == self.world.truth(self.actor)
