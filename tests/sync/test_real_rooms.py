"""The declarations of the real rooms: after any change of any link between rows, the drained feed equals the truth.

The audit is the oracle: it computes every bucket of every row anew. What it finds, a trigger or `touches` has missed.
"""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from app.demo.cities import find
from app.demo.making import make
from app.demo.world import Scale
from app.factory import load_rooms
from app.kernel import synced
from app.kernel.permissions import Role
from sync.audit import audit
from tests.factories import within
from tests.sync.changes import CHANGES, PREPARE
from tests.sync.world import Phone, World


@pytest.fixture(scope="module")
def collections() -> None:
    load_rooms()


@pytest.fixture
def org_id(collections: None) -> UUID:
    """A city day with work in progress, and a few rows of the kinds that it lacks; drained, and in order."""
    made = make(Scale(find("Berlin"), 3, 10, 11))
    org_id = made.world.org_id
    with within(org_id) as tx:
        for statement in PREPARE.split(";"):
            tx.session.execute(text(statement))
    assert audit(org_id) == {}
    return org_id


def test_no_change_escapes_the_feed(org_id: UUID) -> None:
    escaped = {}
    for name, statement in CHANGES.items():
        with within(org_id) as tx, tx.session.begin_nested() as trial:
            changed = tx.session.execute(text(statement))
            assert changed.rowcount, name
            if found := audit(org_id):
                escaped[name] = found
            trial.rollback()
    assert escaped == {}


def test_the_audit_finds_and_mends_what_no_trigger_told(org_id: UUID) -> None:
    with within(org_id) as tx:
        tx.session.execute(text(CHANGES["a visit is taken back"]))
        tx.session.execute(text("DELETE FROM sync_outbox"))
    assert audit(org_id)["visits"] == 1
    assert audit(org_id) == {}


def test_every_engineers_copy_is_what_the_truth_says(org_id: UUID) -> None:
    """A first sync in small pages holds exactly the rows whose buckets are the user's."""
    world = World.__new__(World)
    world.org_id = org_id
    with within(org_id) as tx:
        users = tx.session.execute(text("SELECT id, role FROM users WHERE role = 'engineer'")).all()
    assert len(users) == 3
    for user in users[:2]:
        phone = world.phone(user.id, Role(user.role))
        phone.sync(25)
        assert {name: set(rows) for name, rows in phone.rows.items() if rows} == expected(org_id, phone)
        assert {"visits", "jobs", "sites", "engineers", "parts", "van_stock"} <= set(phone.rows)


def expected(org_id: UUID, phone: Phone) -> dict[str, set[str]]:
    """Ids by collection, from the declarations alone."""
    held = {}
    buckets = [f"user:{phone.actor.user_id}", "org", "parts"]
    with within(org_id) as tx:
        for collection in synced.collections().values():
            ids = list(tx.session.scalars(text(f'SELECT id::text FROM "{collection.source}"')))
            statement = text(
                f"SELECT DISTINCT row_id::text FROM ({collection.buckets.replace(':ids', 'CAST(:ids AS uuid[])')}) "
                "AS b(row_id, bucket) WHERE bucket = ANY(:buckets)"
            )
            rows = set(tx.session.scalars(statement, {"ids": "{" + ",".join(ids) + "}", "buckets": buckets}))
            if rows:
                held[collection.name] = rows
    return held


def test_no_body_holds_json_as_somebody_wrote_it(org_id: UUID) -> None:
    """Between the rows of a page stands a line break, which a column of type `json` might hold as well."""
    with within(org_id) as tx:
        cursor = tx.session.connection().connection.cursor()
        for collection in synced.collections().values():
            body = collection.body.replace(":masked", "false")
            cursor.execute(f'SELECT {body} FROM "{collection.source}" r LIMIT 0')
            assert [column.name for column in cursor.description if column.type_code == 114] == [], collection.name
