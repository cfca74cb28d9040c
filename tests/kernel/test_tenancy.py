"""The second wall: the application's role cannot reach another organisation's rows, whatever SQL it runs."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.kernel import audit
from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.people.models import Organisation


def organisation(name: str) -> Organisation:
    row = Organisation(id=new_id(), name=name)
    with transaction(system_actor(row.id)) as tx:
        tx.session.add(row)
    return row


def test_hand_written_sql_sees_only_the_own_organisation() -> None:
    one, other = organisation("One"), organisation("Other")
    with transaction(system_actor(one.id)) as tx:
        audit.record(tx, "secret.made", "secret")
    with transaction(system_actor(other.id)) as tx:
        assert tx.session.scalars(text("SELECT name FROM organisations")).all() == ["Other"]
        assert tx.session.scalar(text("SELECT count(*) FROM audit_entries")) == 0
        assert tx.session.execute(text("UPDATE organisations SET name = 'x' WHERE name = 'One'")).rowcount == 0


def test_a_row_cannot_be_written_into_another_organisation() -> None:
    one, other = organisation("One"), organisation("Other")
    with pytest.raises(ProgrammingError, match="row-level security"), transaction(system_actor(other.id)) as tx:
        tx.session.execute(
            text("INSERT INTO events (org_id, topic, payload) VALUES (:org, 'x', '{}')"), {"org": one.id}
        )


def test_the_application_role_is_not_the_owner_and_cannot_bypass_row_security() -> None:
    with transaction(system_actor(organisation("One").id)) as tx:
        role = tx.session.execute(text("SELECT * FROM pg_roles WHERE rolname = current_user")).mappings().one()
        assert (role["rolsuper"], role["rolbypassrls"]) == (False, False)
        owners = tx.session.scalars(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))
        assert role["rolname"] not in owners.all()


def test_audit_chain_is_sealed_and_tampering_is_refused_and_found() -> None:
    with transaction(system_actor(organisation("One").id)) as tx:
        for number in range(3):
            audit.record(tx, "thing.done", "thing", data={"number": number})
        assert audit.seal(tx) == 3
        assert audit.broken_at(tx) is None
        with pytest.raises(ProgrammingError, match="permission denied"), tx.savepoint():
            tx.session.execute(text("UPDATE audit_entries SET action = 'nothing'"))
        with pytest.raises(ProgrammingError, match="permission denied"), tx.savepoint():
            tx.session.execute(text("DELETE FROM audit_entries"))
