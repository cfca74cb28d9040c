"""What a batch of pushed mutations will ask one by one, asked in bulk: the visits and jobs that it is about (locked,
jobs first and in the order of their ids, so that no two batches wait for one another), answers, items, templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select

from app.kernel.db import Memory, Row, Tx
from app.kernel.synced import FieldMutation
from app.work.models import ChecklistAnswer, ChecklistItem, Job, JobType, Note, PartUse, TimeEntry, Visit

Batch = Mapping[str, Sequence[FieldMutation]]
FACTS: dict[str, type[Row]] = {
    "checklist_answers": ChecklistAnswer,
    "time_entries": TimeEntry,
    "part_uses": PartUse,
    "notes": Note,
}


def prepare(tx: Tx, batch: Batch) -> None:
    """Fills `tx.memory` for the mutations of `batch`, {collection: [mutation]}."""
    assert tx.memory is not None
    visits = _named(batch, "visit_id") | {mutation.row_id for mutation in batch.get("visits", ())}
    if visits:
        _visits(tx, tx.memory, visits)
    if items := _named(batch, "item_id"):
        _answers(tx, tx.memory, items)
    for collection, model in FACTS.items():
        if mutations := batch.get(collection):
            _facts(tx, tx.memory, model, mutations)


def _visits(tx: Tx, memory: Memory, visit_ids: set[UUID]) -> None:
    anew: dict[str, Any] = {"populate_existing": True}
    mine = select(Visit.job_id).where(Visit.id.in_(visit_ids))
    jobs = select(Job).where(Job.id.in_(mine)).order_by(Job.id).with_for_update(key_share=True)
    found = {job.id: job for job in tx.session.scalars(jobs, execution_options=anew)}
    memory.keep(found.values(), locked=True)
    siblings = select(Visit).where(Visit.job_id.in_(found)).order_by(Visit.id).with_for_update(key_share=True)
    visits_of: dict[UUID, list[Visit]] = {job_id: [] for job_id in found}
    for visit in tx.session.scalars(siblings, execution_options=anew):
        memory.keep([visit], locked=True)
        if visit.deleted_at is None:
            visits_of[visit.job_id].append(visit)
    for job_id, visits in visits_of.items():
        memory.facts["visits of", job_id] = visits
    _templates(tx, memory, found.values())
    _open_items(tx, memory, visit_ids)


def _open_items(tx: Tx, memory: Memory, visit_ids: set[UUID]) -> None:
    """What is required at the visits and has no answer yet. Photos are listed whether or not they are there: media may
    still tell of them in this batch, so whoever needs them asks."""
    item = ChecklistItem
    answered = exists().where(ChecklistAnswer.item_id == item.id, ChecklistAnswer.deleted_at.is_(None))
    query = select(item.visit_id, item.at_status, item.kind, item.id, item.key, item.label).where(
        item.visit_id.in_(visit_ids), item.deleted_at.is_(None), item.required, or_(item.kind == "photo", ~answered)
    )
    open_items: dict[UUID, list[Any]] = {visit_id: [] for visit_id in visit_ids}
    for row in tx.session.execute(query.order_by(item.position)):
        open_items[row.visit_id].append(row)
    for visit_id, items in open_items.items():
        memory.facts["open items", visit_id] = items


def _templates(tx: Tx, memory: Memory, jobs: Iterable[Job]) -> None:
    jobs = list(jobs)
    query = select(JobType).where(JobType.id.in_({job.job_type_id for job in jobs}))
    types = {job_type.id: job_type for job_type in tx.session.scalars(query)}
    for job in jobs:
        memory.facts["type of", job.id] = types[job.job_type_id]


def _answers(tx: Tx, memory: Memory, item_ids: set[UUID]) -> None:
    # Locked, so that of two who answer an item at once the second sees what the first said.
    items = select(ChecklistItem).where(ChecklistItem.id.in_(item_ids)).order_by(ChecklistItem.id)
    memory.keep(tx.session.scalars(items.with_for_update(key_share=True)), locked=True)
    standing: dict[UUID, ChecklistAnswer | None] = dict.fromkeys(item_ids)
    given = select(ChecklistAnswer).where(ChecklistAnswer.item_id.in_(item_ids), ChecklistAnswer.deleted_at.is_(None))
    for answer in tx.session.scalars(given.order_by(ChecklistAnswer.corrected_at, ChecklistAnswer.created_at)):
        standing[answer.item_id] = answer
    for item_id, latest in standing.items():
        memory.facts["standing", item_id] = latest


def _facts(tx: Tx, memory: Memory, model: type[Row], mutations: Sequence[FieldMutation]) -> None:
    """Which of the rows to be made are there already."""
    made = {mutation.row_id for mutation in mutations if mutation.kind == "create"}
    taken = set(tx.session.scalars(select(model.id).where(model.id.in_(made)))) if made else set()
    for row_id in made:
        memory.facts["taken", model, row_id] = row_id in taken


def _named(batch: Batch, field: str) -> set[UUID]:
    found = set()
    for mutations in batch.values():
        for mutation in mutations:
            try:
                found.add(UUID(mutation.data[field]))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
    return found
