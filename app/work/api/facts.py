"""Endpoints of what is recorded at a visit: answers, time, parts, notes, evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from app.kernel.db import Row, Tx
from app.kernel.http import Blueprint, Resource
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import choice, equals, one_of
from app.work import access, commands, queries
from app.work.models import ChecklistAnswer, ChecklistItem, Note, PartUse, TimeEntry, Visit, VisitEvidence
from app.work.schemas.facts import (
    AnswerSchema,
    ChecklistItemSchema,
    EndSchema,
    EvidenceSchema,
    PartUseSchema,
    TimeEntrySchema,
)
from app.work.schemas.visits import NewNoteSchema, NoteSchema
from app.work.statuses import EVIDENCE_KINDS, TIME_KINDS

blueprint = Blueprint("visit_facts", __name__, url_prefix="/api/v1", description="What is recorded at a visit")
Body = dict[str, Any]


def _of_visits(path: str, model: Any, schema: Any, noun: str, **more: Any) -> Resource[Any]:
    filters = {"visit_id": equals(model.visit_id), **more.pop("filters", {})}
    return Resource(
        path=path,
        model=model,
        schema=schema,
        right="visits",
        noun=noun,
        filters=filters,
        scope=queries.of_visits(model),
        verbs="lr",
        **more,
    )


ITEMS = _of_visits(
    "checklist-items", ChecklistItem, ChecklistItemSchema, "checklist item", sorts={"position": ChecklistItem.position}
)
ANSWERS = _of_visits(
    "checklist-answers",
    ChecklistAnswer,
    AnswerSchema,
    "answer",
    filters={"item_id": equals(ChecklistAnswer.item_id)},
    sorts={"corrected_at": ChecklistAnswer.corrected_at},
)
TIMES = _of_visits(
    "time-entries",
    TimeEntry,
    TimeEntrySchema,
    "time entry",
    filters={"engineer_id": equals(TimeEntry.engineer_id), "kind": one_of(TimeEntry.kind, choice(TIME_KINDS))},
    sorts={"started_at": TimeEntry.started_at},
)
PARTS = _of_visits("part-uses", PartUse, PartUseSchema, "part use", filters={"part_id": equals(PartUse.part_id)})
EVIDENCE = _of_visits(
    "visit-evidence",
    VisitEvidence,
    EvidenceSchema,
    "piece of evidence",
    filters={"kind": one_of(VisitEvidence.kind, choice(EVIDENCE_KINDS))},
)


def _create_note(tx: Tx, data: Body) -> Note:
    at = commands.when(tx, data.pop("device_at", None))
    return commands.add_note(tx, data.pop("body"), at=at, **data)


def _create_named_note(tx: Tx, data: Body) -> Note:
    with access.named_by("/visit_id" if data.get("visit_id") else "/job_id"):
        return _create_note(tx, data)


NOTES = Resource(
    path="notes",
    model=Note,
    schema=NoteSchema,
    right="notes",
    noun="note",
    filters={"job_id": equals(Note.job_id), "visit_id": equals(Note.visit_id)},
    scope=queries.notes_of,
    create=_create_named_note,
    update=commands.update_note,
    verbs="lcru",
)
for resource in (ITEMS, ANSWERS, TIMES, PARTS, EVIDENCE, NOTES):
    resource.register(blueprint)


def _made(tx: Tx, resource: Resource[Any], row: Row) -> Response:
    return json_response(resource.one(tx, row.id), 201, {"Location": f"/api/v1/{resource.path}/{row.id}"})


def _when(tx: Tx, body: Body) -> commands.When:
    return commands.when(tx, body.pop("device_at", None))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/answers",
    right="visits.work",
    status=201,
    summary="Answer a checklist item",
    schema=AnswerSchema,
    body=AnswerSchema,
)
def answer(tx: Tx, body: Body, visit_id: UUID) -> Response:
    at = _when(tx, body)
    item_id, value = body.pop("item_id"), body.pop("value")
    return _made(tx, ANSWERS, commands.answer_item(tx, visit_id, item_id, value, at=at, **body))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/time-entries",
    right="visits.work",
    status=201,
    summary="Record a stretch of travel, work or pause",
    schema=TimeEntrySchema,
    body=TimeEntrySchema,
)
def record_time(tx: Tx, body: Body, visit_id: UUID) -> Response:
    at = _when(tx, body)
    kind, started_at = body.pop("kind"), body.pop("started_at")
    return _made(tx, TIMES, commands.record_time(tx, visit_id, kind, started_at, at=at, **body))


@blueprint.endpoint(
    "POST",
    "/time-entries/<uuid:entry_id>/end",
    right="visits.work",
    summary="End an open stretch of time",
    schema=TimeEntrySchema,
    body=EndSchema,
)
def end_time(tx: Tx, body: Body, entry_id: UUID) -> Body:
    at = _when(tx, body)
    row = tx.get(TimeEntry, entry_id, lock=True)
    access.demand_visit(tx, tx.get(Visit, row.visit_id), "visits.work")
    commands.update_time(tx, row, {"ended_at": body["ended_at"] or at.device_at}, at)
    return TIMES.one(tx, entry_id)


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/part-uses",
    right="visits.work",
    status=201,
    summary="Record a part that was used",
    schema=PartUseSchema,
    body=PartUseSchema,
)
def use_part(tx: Tx, body: Body, visit_id: UUID) -> Response:
    at = _when(tx, body)
    part_id, quantity = body.pop("part_id"), body.pop("quantity")
    return _made(tx, PARTS, commands.use_part(tx, visit_id, part_id, quantity, at=at, **body))


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/notes",
    right="notes.write",
    status=201,
    summary="Write a note on a visit",
    schema=NoteSchema,
    body=NewNoteSchema,
)
def note_on_visit(tx: Tx, body: Body, visit_id: UUID) -> Response:
    return _made(tx, NOTES, _create_note(tx, {**body, "visit_id": visit_id}))


@blueprint.endpoint(
    "POST",
    "/jobs/<uuid:job_id>/notes",
    right="notes.write",
    status=201,
    summary="Write a note on a job",
    schema=NoteSchema,
    body=NewNoteSchema,
)
def note_on_job(tx: Tx, body: Body, job_id: UUID) -> Response:
    return _made(tx, NOTES, _create_note(tx, {**body, "job_id": job_id}))
