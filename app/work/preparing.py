"""What many commands of one transaction will ask one by one, asked in bulk; for a batch of pushed mutations: the visits
and jobs that it is about (locked, jobs first and in the order of their ids, so that no two batches wait for one
another), answers, items, templates, and the stock that is used."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, exists, or_, select

from app.kernel.db import Memory, Row, Tx
from app.kernel.prepared import prepared
from app.kernel.synced import FieldMutation
from app.stock import queries as stock
from app.stock.foreseeing import foresee
from app.work.models import ChecklistAnswer, ChecklistItem, Job, JobType, Note, PartUse, TimeEntry, Visit

Batch = Mapping[str, Sequence[FieldMutation]]
FACTS: dict[str, type[Row]] = {
    "checklist_answers": ChecklistAnswer,
    "time_entries": TimeEntry,
    "part_uses": PartUse,
    "notes": Note,
}

# Put together once: they are asked with every batch.
IDS: Any = any_(bindparam("ids", type_=ARRAY(Uuid)))
ANEW: dict[str, Any] = {"populate_existing": True}
JOBS = (
    select(Job, JobType)
    .join(JobType, JobType.id == Job.job_type_id)
    .where(Job.id.in_(select(Visit.job_id).where(Visit.id == IDS)))
    .order_by(Job.id)
    .with_for_update(of=Job, key_share=True)
    .execution_options(**ANEW)
)
VISITS = (
    select(Visit)
    .where(Visit.job_id == IDS)
    .order_by(Visit.id)
    .with_for_update(key_share=True)
    .execution_options(**ANEW)
)
# Photos are listed whether or not they are there: media may still tell of them in this batch, so whoever needs them
# asks.
OPEN_ITEMS = (
    select(
        ChecklistItem.visit_id,
        ChecklistItem.at_status,
        ChecklistItem.kind,
        ChecklistItem.id,
        ChecklistItem.key,
        ChecklistItem.label,
    )
    .where(
        ChecklistItem.visit_id == IDS,
        ChecklistItem.deleted_at.is_(None),
        ChecklistItem.required,
        or_(
            ChecklistItem.kind == "photo",
            ~exists().where(ChecklistAnswer.item_id == ChecklistItem.id, ChecklistAnswer.deleted_at.is_(None)),
        ),
    )
    .order_by(ChecklistItem.position)
)
# Locked, so that of two who answer an item at once the second sees what the first said.
ITEMS = select(ChecklistItem).where(ChecklistItem.id == IDS).order_by(ChecklistItem.id).with_for_update(key_share=True)
ANSWERS = (
    select(ChecklistAnswer)
    .where(ChecklistAnswer.item_id == IDS, ChecklistAnswer.deleted_at.is_(None))
    .order_by(ChecklistAnswer.corrected_at, ChecklistAnswer.created_at)
)
TAKEN = prepared(
    " UNION ALL ".join(
        f"SELECT '{name}' AS collection, id FROM {name} WHERE org_id = current_org() AND id = ANY(CAST(:ids AS uuid[]))"
        for name in FACTS
    ),
    "facts that are there",
)


def prepare(tx: Tx, batch: Batch) -> None:
    """Fills `tx.memory` for the mutations of `batch`, {collection: [mutation]}."""
    assert tx.memory is not None
    hold_visits(tx, _named(batch, "visit_id") | {mutation.row_id for mutation in batch.get("visits", ())})
    if items := _named(batch, "item_id"):
        _answers(tx, tx.memory, items)
    _taken(tx, tx.memory, batch)
    if uses := batch.get("part_uses"):
        _stock(tx, uses)


def hold_visits(tx: Tx, visit_ids: Collection[UUID]) -> None:
    """Locks these visits, with the others of their jobs, in the order in which single commands lock them.

    A transaction that has a memory knows them then.
    """
    if visit_ids:
        _visits(tx, tx.memory or Memory(), visit_ids)


def _visits(tx: Tx, memory: Memory, visit_ids: Collection[UUID]) -> None:
    visits_of: dict[UUID, list[Visit]] = {}
    for job, job_type in tx.session.execute(JOBS, {"ids": list(visit_ids)}):
        memory.keep([job], locked=True)
        memory.facts["type of", job.id] = job_type
        memory.facts["visits of", job.id] = visits_of[job.id] = []
    for visit in tx.session.scalars(VISITS, {"ids": list(visits_of)}):
        memory.keep([visit], locked=True)
        if visit.deleted_at is None:
            visits_of[visit.job_id].append(visit)
    open_items: dict[UUID, list[Any]] = {visit_id: [] for visit_id in visit_ids}
    for row in tx.session.execute(OPEN_ITEMS, {"ids": list(visit_ids)}):
        open_items[row.visit_id].append(row)
    for visit_id, items in open_items.items():
        memory.facts["open items", visit_id] = items


def _answers(tx: Tx, memory: Memory, item_ids: set[UUID]) -> None:
    memory.keep(tx.session.scalars(ITEMS, {"ids": list(item_ids)}), locked=True)
    standing: dict[UUID, ChecklistAnswer | None] = dict.fromkeys(item_ids)
    for answer in tx.session.scalars(ANSWERS, {"ids": list(item_ids)}):
        standing[answer.item_id] = answer
    for item_id, latest in standing.items():
        memory.facts["standing", item_id] = latest


def _taken(tx: Tx, memory: Memory, batch: Batch) -> None:
    """Which of the rows to be made are there already."""
    made = {name: {one.row_id for one in batch.get(name, ()) if one.kind == "create"} for name in FACTS}
    ids = "{" + ",".join(str(row_id) for name in FACTS for row_id in made[name]) + "}"
    found = TAKEN.run(tx.session, {"ids": ids}) if any(made.values()) else ()
    taken = {(row.collection, row.id) for row in found}
    for name, model in FACTS.items():
        for row_id in made[name]:
            memory.facts["taken", model, row_id] = (name, row_id) in taken


def _stock(tx: Tx, uses: Sequence[FieldMutation]) -> None:
    """What lies where parts are taken from; where nothing else is said, that is the own van."""
    van = stock.own_van(tx) if tx.actor.engineer_id else None
    tx.learn(("van", tx.actor.engineer_id), van)
    named = [(_id(use, "location_id") or van, _id(use, "part_id")) for use in uses]
    foresee(tx, [(location_id, part_id) for location_id, part_id in named if location_id and part_id])


def _named(batch: Batch, field: str) -> set[UUID]:
    return {named for mutations in batch.values() for mutation in mutations if (named := _id(mutation, field))}


def _id(mutation: FieldMutation, field: str) -> UUID | None:
    try:
        return UUID(mutation.data[field])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
