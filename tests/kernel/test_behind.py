"""Audit entries, events and their tasks are written right before the commit, in their order, with what they tell of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from app.kernel import audit, clock, events
from app.kernel.actor import Actor, system_actor
from app.kernel.db import Memory, Tx, enter_organisation, new_session, transaction
from app.kernel.models import AuditEntry, Event
from app.work.models import Note
from tests import factories


@pytest.fixture
def actor() -> Actor:
    return system_actor(factories.organisation().id)


def topics(actor: Actor) -> list[str]:
    with transaction(actor) as tx:
        return list(tx.session.scalars(select(Event.topic).order_by(Event.id)))


def actions(actor: Actor) -> list[str]:
    with transaction(actor) as tx:
        return list(tx.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def deed(tx: Tx, name: str) -> None:
    audit.record(tx, name, "door")
    events.emit(tx, name, {"name": name})


def test_they_come_in_the_order_of_the_deeds_in_one_statement_a_table(actor: Actor) -> None:
    sent: list[str] = []
    note: Callable[..., None] = lambda connection, cursor, statement, *_: sent.append(statement)  # noqa: E731
    with transaction(actor) as tx:
        for number in range(20):
            deed(tx, f"door.{number:02}")
        event.listen(Engine, "before_cursor_execute", note)
    event.remove(Engine, "before_cursor_execute", note)
    assert topics(actor) == actions(actor) == [f"door.{number:02}" for number in range(20)]
    assert len([statement for statement in sent if "/* write " in statement]) == 2


def test_a_savepoint_that_is_undone_takes_its_own_along_and_no_others(actor: Actor) -> None:
    with transaction(actor) as tx:
        deed(tx, "before")
        with tx.session.begin_nested() as outer:
            deed(tx, "undone")
            with tx.savepoint():
                deed(tx, "undone too")
            outer.rollback()
        with tx.savepoint():
            deed(tx, "after")
    assert topics(actor) == actions(actor) == ["before", "after"]


def test_a_transaction_that_is_undone_leaves_nothing_for_the_next(actor: Actor) -> None:
    with new_session() as session:
        for fate in ("undone", "done"):
            enter_organisation(session, actor.org_id)
            deed(Tx(session, actor, clock.now()), fate)
            session.rollback() if fate == "undone" else session.commit()
    assert topics(actor) == actions(actor) == ["done"]


def test_what_was_appended_is_there_for_whoever_asks(actor: Actor) -> None:
    job = factories.job(actor.org_id)
    words: dict[str, Any] = {"job_id": job.id, "body": "x"}
    with transaction(actor) as tx:
        times = dict.fromkeys(("device_at", "received_at", "corrected_at"), tx.now)
        made = [tx.append(Note(**words, **times)) for _ in range(3)]
        assert tx.session.scalars(select(Note.id).order_by(Note.id)).all() == sorted(note.id for note in made)
        assert {note.rev for note in made} == {1}


def test_a_memory_asks_once_and_believes_only_locks_when_a_lock_is_wanted(actor: Actor) -> None:
    asked = []
    with transaction(actor) as tx:
        tx.memory = Memory()
        for _ in range(2):
            assert tx.recall("question", lambda: asked.append(1) or "answer") == "answer"  # type: ignore[func-returns-value]
        tx.learn("question", "another")
        assert tx.recall("question", lambda: "answer") == "another"
        job = factories.job(actor.org_id)
        tx.memory.keep([job])
        assert tx.find(type(job), job.id) is job
        assert tx.find(type(job), job.id, lock=True) is not job
    assert asked == [1]
