"""What phones push, turned into the commands of the online API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields

from app.kernel.db import R, Tx
from app.kernel.http.plain import Plain
from app.kernel.http.reading import field_errors
from app.kernel.problems import INVALID
from app.kernel.synced import FieldMutation, Outcome
from app.work import access, commands
from app.work.commands import When
from app.work.models import Job, Note, TimeEntry, Visit
from app.work.schemas.facts import AnswerSchema, PartUseSchema, TimeEntrySchema
from app.work.schemas.jobs import JobSchema
from app.work.schemas.visits import NoteSchema, TransitionSchema, VisitSchema

VISIT_ID = fields.UUID(required=True)
GIVEN = ("id", "device_at")
STEP = Plain(TransitionSchema(exclude=("device_at",)))
ANSWER = Plain(AnswerSchema.from_dict({"visit_id": VISIT_ID}, name="PushedAnswer")(exclude=GIVEN))
TIME = Plain(TimeEntrySchema.from_dict({"visit_id": VISIT_ID}, name="PushedTime")(exclude=GIVEN))
TIME_CHANGE = Plain(TimeEntrySchema(partial=True, exclude=GIVEN))
PART = Plain(PartUseSchema.from_dict({"visit_id": VISIT_ID}, name="PushedPart")(exclude=GIVEN))
NOTE = Plain(NoteSchema(exclude=GIVEN))
NOTE_CHANGE = Plain(NoteSchema(partial=True, only=("body", "internal")))
VISIT_CHANGE = Plain(VisitSchema(partial=True, exclude=("id", "job_id", "territory_id")))
JOB_CHANGE = Plain(
    JobSchema(partial=True, exclude=("id", "visits", "triaged", "parent_job_id", "source", "external_id"))
)
# What an engineer may write of a job; the rest of a job, and all of a visit's plan, belongs to dispatch.
WORDS = {"description", "asset_id"}


def _load(schema: Plain, mutation: FieldMutation) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.load(mutation.data)
    except ValidationError as error:
        raise INVALID("Some fields are not right.", errors=field_errors(error)) from None
    return data


def _at(mutation: FieldMutation) -> When:
    return When(mutation.device_at, mutation.corrected_at, mutation.flags)


def _outcome(row: Any) -> Outcome:
    return Outcome("applied")


def step(tx: Tx, mutation: FieldMutation) -> Outcome:
    """`transition` of a visit."""
    data = _load(STEP, mutation)
    times: dict[str, Any] = {
        "device_at": mutation.device_at,
        "corrected_at": mutation.corrected_at,
        "flags": mutation.flags,
    }
    return commands.transition_from_device(tx, mutation.row_id, base_rev=mutation.base_rev, **data, **times)


def create_answer(tx: Tx, mutation: FieldMutation) -> Outcome:
    """An answer to a checklist item. A changed answer is a new one."""
    data = _load(ANSWER, mutation)
    return _outcome(commands.answer_item(tx, **data, id=mutation.row_id, at=_at(mutation), offline=True))


def create_time(tx: Tx, mutation: FieldMutation) -> Outcome:
    """A stretch of time, open or ended."""
    data = _load(TIME, mutation)
    return _outcome(commands.record_time(tx, **data, id=mutation.row_id, at=_at(mutation), offline=True))


def change_time(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The end of a stretch, mostly."""
    row = _own_fact(tx, TimeEntry, mutation.row_id)
    return _outcome(commands.update_time(tx, row, _load(TIME_CHANGE, mutation), _at(mutation)))


def create_part_use(tx: Tx, mutation: FieldMutation) -> Outcome:
    """A part used; the van's balance moves with it."""
    data = _load(PART, mutation)
    return _outcome(commands.use_part(tx, **data, id=mutation.row_id, at=_at(mutation), offline=True))


def create_note(tx: Tx, mutation: FieldMutation) -> Outcome:
    """A note on a visit or a job."""
    data = _load(NOTE, mutation)
    return _outcome(commands.add_note(tx, data.pop("body"), **data, id=mutation.row_id, at=_at(mutation), offline=True))


def change_note(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The words of one's own note."""
    row = tx.get(Note, mutation.row_id, lock=True)
    return _outcome(commands.update_note(tx, row, _load(NOTE_CHANGE, mutation)))


def change_visit(tx: Tx, mutation: FieldMutation) -> Outcome:
    """The plan of a visit: the office changes it, an engineer proposes."""
    data = _load(VISIT_CHANGE, mutation)
    row = tx.get(Visit, mutation.row_id, lock=True)
    if tx.actor.scope("visits.write") is None:
        access.demand_visit(tx, row, "visits.work")
        return _propose(tx, "visits", row, data, mutation, visit_id=row.id, job_id=row.job_id)
    access.demand_visit(tx, row, "visits.write")
    return _outcome(commands.update_visit(tx, row, data))


def change_job(tx: Tx, mutation: FieldMutation) -> Outcome:
    """Words of a job merge; its plan is the office's, so an engineer's wish is kept as a proposal."""
    data = _load(JOB_CHANGE, mutation)
    office = tx.actor.scope("jobs.write") is not None
    access.demand_job(tx, mutation.row_id, "jobs.write" if office else "jobs.read")
    row = tx.get(Job, mutation.row_id, lock=True)
    if wished := {} if office else {key: value for key, value in data.items() if key not in WORDS}:
        commands.update_job(tx, row, {key: value for key, value in data.items() if key in WORDS})
        return _propose(tx, "jobs", row, wished, mutation, job_id=row.id)
    return _outcome(commands.update_job(tx, row, data))


def _propose(tx: Tx, collection: str, row: Any, data: dict[str, Any], mutation: FieldMutation, **about: Any) -> Outcome:
    wish = {key: mutation.data[key] for key in data}
    present = {key: getattr(row, key) for key in data}
    conflict = commands.open_conflict(tx, collection, row.id, "proposal", mine=wish, theirs=present, **about)
    return Outcome("conflict", conflict_id=conflict.id)


def _own_fact(tx: Tx, model: type[R], row_id: UUID) -> R:
    row = tx.get(model, row_id, lock=True)
    if tx.actor.engineer_id is None or row.engineer_id != tx.actor.engineer_id:  # type: ignore[attr-defined]
        access.demand_visit(tx, tx.get(Visit, row.visit_id), "visits.write")  # type: ignore[attr-defined]
    return row
