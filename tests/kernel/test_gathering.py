"""Among many commands rows are written together; what they come to is the same as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.kernel.actor import Actor, system_actor
from app.kernel.db import Memory, Tx, transaction
from app.kernel.ids import new_id
from app.work.models import Job, Note, VisitEvent
from tests import factories


@pytest.fixture
def actor() -> Actor:
    return system_actor(factories.organisation().id)


@contextmanager
def writing() -> Iterator[list[str]]:
    """The statements that write, as they are sent."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "/* make " in statement or "/* change " in statement or statement.startswith(("INSERT", "UPDATE")):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def many(actor: Actor) -> Iterator[Tx]:
    with transaction(actor) as tx:
        tx.memory = Memory()
        yield tx


def new_note(tx: Tx, job: Job, body: str = "x", **values: Any) -> Note:
    times = dict.fromkeys(("device_at", "received_at", "corrected_at"), tx.now)
    return tx.append(Note(job_id=job.id, body=body, **times, **values))


def test_rows_of_a_table_are_one_statement_and_there_for_whoever_asks(actor: Actor) -> None:
    job = factories.job(actor.org_id)
    with writing() as sent, many(actor) as tx:
        made = [new_note(tx, job, f"note {n}", flags=["late"] * (n % 2)) for n in range(10)]
        assert sent == []
        found = tx.session.scalars(select(Note).order_by(Note.body)).all()
        assert [(row.id, row.rev, row.internal, row.org_id) for row in found] == [
            (row.id, 1, False, actor.org_id) for row in made
        ]
        assert [row.flags for row in found] == [["late"] * (n % 2) for n in range(10)]
        assert {row.device_at for row in found} == {tx.now}
        assert all(row.created_at and row.field_revs == {} for row in found)
    assert len(sent) == 1


def test_they_are_written_in_their_order_and_with_values_of_every_kind(actor: Actor) -> None:
    visit = factories.visit(actor.org_id)
    with many(actor) as tx:
        about: dict[str, Any] = {"visit_id": visit.id, "visit_rev": 1, "data": {"crew": "one", "n": 1}}
        about |= dict.fromkeys(("device_at", "received_at", "corrected_at"), tx.now)
        here = "SRID=4326;POINT(121.5 31.2)"
        made = [tx.append(VisitEvent(event=f"e{n}", to_status="x", location=here, **about)) for n in range(5)]
    with transaction(actor) as tx:
        rows = tx.session.scalars(select(VisitEvent).where(VisitEvent.visit_id == visit.id).order_by(VisitEvent.seq))
        found = rows.all()[-5:]
        assert [row.id for row in found] == [row.id for row in made]
        assert all(row.applied and row.data == {"crew": "one", "n": 1} for row in found)
        assert tx.session.scalar(select(VisitEvent.location.ST_X()).where(VisitEvent.id == made[0].id)) == 121.5


def test_changes_of_many_rows_are_one_statement_and_one_revision_each(actor: Actor) -> None:
    jobs = [factories.job(actor.org_id) for _ in range(3)]
    with writing() as sent, many(actor) as tx:
        rows = [tx.get(Job, job.id, lock=True) for job in jobs]
        for row in rows:
            assert tx.settle(row, summary="first", description="same") == row.rev + 1
            assert tx.settle(row, summary="second") == row.rev + 1
        assert tx.settle(rows[0], summary="second") == jobs[0].rev + 1
    assert len(sent) == 1
    with transaction(actor) as tx:
        for job in jobs:
            row = tx.get(Job, job.id)
            assert (row.summary, row.description, row.rev) == ("second", "same", job.rev + 1)
            assert {row.field_revs[name] for name in ("summary", "description")} == {row.rev}


def test_a_value_that_takes_back_what_is_not_written_yet_counts_as_a_change_of_its_own(actor: Actor) -> None:
    job = factories.job(actor.org_id, summary="was")
    with many(actor) as tx:
        row = tx.get(Job, job.id, lock=True)
        assert [tx.settle(row, summary=summary) - job.rev for summary in ("is", "was")] == [1, 2]
    with transaction(actor) as tx:
        assert (tx.get(Job, job.id).summary, tx.get(Job, job.id).rev) == ("was", job.rev + 2)


def test_what_was_set_in_the_usual_way_is_written_before(actor: Actor) -> None:
    job = factories.job(actor.org_id)
    with many(actor) as tx:
        row = tx.get(Job, job.id, lock=True)
        row.description = "plainly"
        assert tx.settle(row, summary="gathered") == job.rev + 2
        row.description = "plainly again"
    with transaction(actor) as tx:
        row = tx.get(Job, job.id)
        assert (row.summary, row.description, row.rev) == ("gathered", "plainly again", job.rev + 3)


def test_a_row_that_was_made_takes_changes_before_and_after_it_is_written(actor: Actor) -> None:
    job = factories.job(actor.org_id)
    with many(actor) as tx:
        row = new_note(tx, job)
        assert tx.settle(row, body="y") == 1
        assert tx.session.scalar(select(Note.body).where(Note.id == row.id)) == "y"
        assert tx.settle(row, body="z") == 2
        assert tx.find(Note, row.id, lock=True) is row
    with transaction(actor) as tx:
        assert (tx.get(Note, row.id).body, tx.get(Note, row.id).rev) == ("z", 2)


@pytest.mark.parametrize("asked", [True, False], ids=["written", "waiting"])
def test_an_undone_savepoint_takes_along_what_was_gathered_in_it(actor: Actor, asked: bool) -> None:
    job, row_id = factories.job(actor.org_id, summary="was"), new_id()
    with transaction(actor) as tx:
        for fate in ("undone", "done"):
            tx.memory = Memory()
            row = tx.get(Job, job.id, lock=True)
            assert (row.summary, row.rev) == ("was", job.rev)
            try:
                with tx.savepoint():
                    tx.settle(row, summary=fate)
                    new_note(tx, row, fate, id=row_id)
                    if asked:
                        assert tx.session.scalars(select(Note.body)).all() == [fate]
                    if fate == "undone":
                        raise ValueError(fate)
            except ValueError:
                tx.memory = None
                assert tx.get(Job, job.id).summary == "was"
                assert tx.find(Note, row_id) is None
    with transaction(actor) as tx:
        assert (tx.get(Job, job.id).summary, tx.get(Note, row_id).body) == ("done", "done")


def test_what_the_database_refuses_fails_where_it_is_written_and_is_gone_then(actor: Actor) -> None:
    job = factories.job(actor.org_id)

    def unlike(tx: Tx) -> None:
        with tx.savepoint():
            new_note(tx, job)
            new_note(tx, Job(id=new_id()))

    with many(actor) as tx:
        with pytest.raises(IntegrityError):
            unlike(tx)
        assert tx.session.scalars(select(Note.id)).all() == []


def test_a_change_of_a_row_that_is_gone_is_no_silent_loss(actor: Actor) -> None:
    job = factories.job(actor.org_id)
    with transaction(actor) as tx:
        tx.memory = Memory()
        row = new_note(tx, job)
        tx.session.flush()
        tx.session.execute(update(Note).values(deleted_at=tx.now))
        row.id = new_id()
        tx.settle(row, body="nowhere")
        with pytest.raises(StaleDataError):
            tx.session.flush()
