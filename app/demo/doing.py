"""What an engineer does at a visit, step by step, as far as a moment allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app.demo import photos
from app.demo.catalogue import PARTS
from app.demo.chance import Chance
from app.demo.day import Task
from app.demo.pace import Turn
from app.demo.world import Person, World
from app.kernel.actor import Actor
from app.kernel.db import Memory, Tx
from app.kernel.http.schemas import point_wkt
from app.kernel.permissions import Role
from app.work import commands as work
from app.work.models import ChecklistItem

GIVEN_UP = 0.07
USED = {"kg": Decimal("0.8"), "m": Decimal(12)}


def acting(tx: Tx, world: World, person: Person, moment: datetime, engineer_id: UUID | None = None) -> Tx:
    """The same transaction in the hands of `person`, at `moment`."""
    actor = Actor(world.org_id, Role(person.role), user_id=person.id, name=person.name, engineer_id=engineer_id)
    return replace(tx, actor=actor, now=moment.astimezone(UTC))


def hand(tx: Tx, world: World, turn: Turn, moment: datetime) -> Tx:
    """The same transaction in the hands of the engineer of a turn, at `moment`."""
    return acting(tx, world, turn.technician.user, moment, turn.technician.id)


def remembering(tx: Tx, visit_ids: list[UUID]) -> Tx:
    """The transaction with a memory of these visits: many steps of one visit then ask, and write, once."""
    many = replace(tx, memory=Memory())
    work.hold_visits(many, visit_ids)
    return many


def carry(tx: Tx, world: World, turn: Turn, now: datetime) -> None:
    """An accepted visit, as far as it is at `now`: on the way, at work, or over."""
    task, chance = turn.task, Chance(turn.task.id)
    if turn.left > now:
        return
    work.transition(hand(tx, world, turn, turn.left), task.visit_id, "en_route", location=point_wkt(*turn.here))
    if turn.begins > now:
        return
    there = hand(tx, world, turn, turn.begins)
    work.transition(there, task.visit_id, "on_site", location=point_wkt(*task.site.place))
    _answer(there, task, chance, "working")
    work.transition(there, task.visit_id, "working")
    work.record_time(there, task.visit_id, "travel", turn.left, turn.begins)
    if turn.ends <= now:
        _end(hand(tx, world, turn, turn.ends), world, turn, chance)


def _end(after: Tx, world: World, turn: Turn, chance: Chance) -> None:
    task = turn.task
    if chance.random() < GIVEN_UP:
        work.transition(after, task.visit_id, "cannot_complete", reason="Part had to be ordered 需订配件")
        return
    _answer(after, task, chance, "completed")
    number = task.kind.parts[0]
    work.use_part(after, task.visit_id, world.parts[number], USED.get(PARTS[number].unit, Decimal(1)))
    work.record_time(after, task.visit_id, "work", turn.begins, turn.ends)
    if task.kind.signature:
        reason = "Nobody was there to sign 现场无人签字"
        work.record_evidence(after, task.visit_id, "refusal", chance.id(after.now), reason=reason)
    work.transition(after, task.visit_id, "completed", location=point_wkt(*task.site.place))


def _answer(tx: Tx, task: Task, chance: Chance, status: str) -> None:
    """Answers everything that is due before the visit enters `status`."""
    due = (ChecklistItem.visit_id == task.visit_id) & (ChecklistItem.at_status == status)
    for item in tx.session.scalars(select(ChecklistItem).where(due).order_by(ChecklistItem.position)):
        if item.kind == "photo":
            photos.take(tx, task, chance.id(tx.now), item.id)
            continue
        value = {"bool": True, "number": chance.randrange(1, 60), "text": "Worn part 部件磨损"}.get(item.kind)
        work.answer_item(tx, task.visit_id, item.id, item.options[0] if item.kind == "choice" else value)
