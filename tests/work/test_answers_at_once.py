"""Two of a crew answer the same item at the same moment: neither answer passes for the only one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.kernel.db import Memory, transaction
from app.people.models import Crew, CrewMember
from app.work import commands, preparing
from app.work.models import ChecklistItem, Conflict
from tests import factories
from tests.factories import Client
from tests.work.day import Day

CHECKLIST = [{"key": "gas", "label": "Gas off?", "kind": "bool", "required": True}]


def crew_of(day: Day, *members: Client) -> UUID:
    crew = factories.add(day.org_id, Crew(name="Two"))
    with factories.within(day.org_id) as tx:
        tx.session.add_all(CrewMember(crew_id=crew.id, engineer_id=member.engineer_id) for member in members)
        commands.assign(tx, day.visit_id, None, crew_id=crew.id)
        return tx.session.scalars(select(ChecklistItem.id).where(ChecklistItem.visit_id == day.visit_id)).one()


def answer(day: Day, of: Client, item_id: UUID, value: Any, *, batch: bool, patience: str = "0") -> None:
    with transaction(day.actor(of)) as tx:
        tx.session.execute(text(f"SET LOCAL lock_timeout = '{patience}'"))
        if batch:
            tx.memory = Memory()
            preparing._answers(tx, tx.memory, {item_id})
        commands.answer_item(tx, day.visit_id, item_id, value)


@pytest.mark.committed
@pytest.mark.parametrize("batch", [False, True])
def test_the_second_waits_for_the_first_and_both_are_kept(batch: bool) -> None:
    day = Day(type_values={"checklist": CHECKLIST})
    mate = factories.client("engineer", day.org_id)
    item_id = crew_of(day, day.engineer, mate)
    with transaction(day.actor()) as tx:
        commands.answer_item(tx, day.visit_id, item_id, True)
        tx.session.flush()
        with pytest.raises(OperationalError, match="lock timeout"):
            answer(day, mate, item_id, False, batch=batch, patience="50ms")
    answer(day, mate, item_id, False, batch=batch)
    with factories.within(day.org_id) as tx:
        assert tx.session.scalars(select(Conflict.kind)).all() == ["answer"]
