"""Engineers, skills, shifts, absences, crews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import Select

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Filter, Moment, Resource
from app.kernel.http.resources import equals, one_of
from app.kernel.permissions import Scope
from app.people import calendar, engineers, queries
from app.people.models import Absence, Crew, Engineer, Shift, Skill
from app.people.schemas import (
    AbsenceSchema,
    CrewSchema,
    EngineerSchema,
    ShiftSchema,
    SkillSchema,
    SkillsSchema,
)

blueprint = Blueprint("field", __name__, url_prefix="/api/v1", description="Engineers, skills, shifts, crews")

ACTIVE = fields.Boolean(load_default=None)
MOMENT = Moment(load_default=None)


@dataclass(frozen=True)
class Engineers(Resource[Engineer]):
    """Engineers as far as the actor may see them: homes are not for everybody."""

    def select(self, tx: Tx, right: str) -> Select[Any]:
        view = queries.engineers(tx.actor).where(Engineer.deleted_at.is_(None))
        if tx.actor.demand(right) is Scope.OWN:
            view = view.where(Engineer.id == tx.actor.engineer_id)
        return view


def _calendar(model: type[Shift] | type[Absence]) -> dict[str, Filter]:
    """`from` and `to` find what overlaps the time between them."""
    return {
        "engineer_id": one_of(model.engineer_id, fields.UUID()),
        "from": Filter(MOMENT, lambda value: model.ends_at > value),
        "to": Filter(MOMENT, lambda value: model.starts_at < value),
    }


ENGINEERS = Engineers(
    path="engineers",
    model=Engineer,
    schema=EngineerSchema,
    right="people",
    noun="engineer",
    view=queries.engineers,
    filters={
        "active": Filter(ACTIVE, lambda value: Engineer.active.is_(value)),
        "employment": equals(Engineer.employment, fields.String(load_default=None)),
        "user_id": equals(Engineer.user_id),
        "skill_id": Filter(fields.UUID(load_default=None), queries.skilled),
        "territory_id": Filter(fields.UUID(load_default=None), queries.serves),
    },
    sorts={"name": Engineer.name},
    matching=lambda words: queries.named(Engineer.name, words),
    geometry="home",
    create=engineers.create_engineer,
    update=engineers.update_engineer,
    remove=engineers.delete_engineer,
)
SKILLS = Resource(
    path="skills",
    model=Skill,
    schema=SkillSchema,
    right="people",
    noun="skill",
    filters={"code": equals(Skill.code, fields.String(load_default=None))},
    sorts={"code": Skill.code, "name": Skill.name},
    remove=engineers.delete_skill,
)
SHIFTS = Resource(
    path="shifts",
    model=Shift,
    schema=ShiftSchema,
    right="people",
    noun="shift",
    filters={**_calendar(Shift), "on_call": Filter(ACTIVE, lambda value: Shift.on_call.is_(value))},
    sorts={"starts_at": Shift.starts_at},
    scope=lambda actor, scope: Shift.engineer_id == actor.engineer_id,
    create=calendar.create_shift,
    update=calendar.update_shift,
)
ABSENCES = Resource(
    path="absences",
    model=Absence,
    schema=AbsenceSchema,
    right="absences",
    noun="absence",
    filters=_calendar(Absence),
    sorts={"starts_at": Absence.starts_at},
    scope=lambda actor, scope: Absence.engineer_id == actor.engineer_id,
    create=calendar.create_absence,
    update=calendar.update_absence,
)
CREWS = Resource(
    path="crews",
    model=Crew,
    schema=CrewSchema,
    right="people",
    noun="crew",
    view=queries.crews,
    filters={"active": Filter(ACTIVE, lambda value: Crew.active.is_(value))},
    sorts={"name": Crew.name},
    scope=lambda actor, scope: queries.crews_of(actor.engineer_id),
    create=engineers.create_crew,
    update=engineers.update_crew,
)
for resource in (ENGINEERS, SKILLS, SHIFTS, ABSENCES, CREWS):
    resource.register(blueprint)


@blueprint.endpoint(
    "PUT",
    "/engineers/<uuid:row_id>/skills",
    right="people.write",
    summary="Replace all skills of an engineer",
    schema=EngineerSchema,
    body=SkillsSchema,
)
def replace_skills(tx: Tx, body: dict[str, Any], row_id: UUID) -> dict[str, Any]:
    engineers.replace_skills(tx, ENGINEERS.locked(tx, row_id), body["skills"])
    return ENGINEERS.one(tx, row_id)
