"""What the engine needs to know, read in a constant number of statements, whatever the size of the day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Uuid,
    any_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.kernel.db import Tx
from app.kernel.prepared import Prepared, given, planned
from app.people.models import Absence, CrewMember, Engineer, EngineerSkill, Shift, Skill
from app.places.models import EngineerTerritory, Site
from app.stock.models import StockLocation
from app.stock.queries import BALANCES
from app.work.models import Job, JobScore, JobType, Visit, VisitEvent
from app.work.queries import VISIT_STARTS
from app.work.statuses import DONE, PLANNED, UNDER_WAY

OVER = (*DONE, "cannot_complete")
HELD = (*PLANNED, *UNDER_WAY, *OVER)
MAX_WAITING = 3_000
"""Visits without an engineer that one plan looks at, the most urgent first."""


@dataclass(frozen=True)
class Span:
    """The time a question is about, and the present."""

    starts: datetime
    ends: datetime
    now: datetime


@dataclass(frozen=True)
class Need:
    """What one visit demands of an engineer, as far as SQL can tell."""

    skills: dict[UUID, int]
    territory_id: UUID | None
    required: Collection[UUID] = ()
    excluded: Collection[UUID] = ()


def shifts(
    tx: Tx, span: Span, *, engineers: Collection[UUID] | None = None, territories: Collection[UUID] | None = None
) -> Sequence[Row[Any]]:
    """Shifts of active engineers that overlap the span, with all that the engine asks of an engineer. One statement."""
    query = _shifts(span)
    if engineers is not None:
        query = query.where(Engineer.id.in_(engineers))
    if territories is not None:
        query = query.where(or_(_serves(territories), ~_has_territories()))
    return tx.session.execute(query.order_by(Shift.starts_at, Shift.id)).all()


def fitting_shifts(tx: Tx, span: Span, need: Need, near: tuple[float, float], limit: int) -> Sequence[Row[Any]]:
    """The nearest shifts of engineers with the skills and the territory: eligibility first, then distance."""
    query = _shifts(span)
    for skill_id, level in need.skills.items():
        query = query.where(_holds(skill_id, level))
    if need.territory_id is not None:
        query = query.where(or_(_serves([need.territory_id]), ~_has_territories()))
    if need.required:
        query = query.where(Engineer.id.in_(need.required))
    if need.excluded:
        query = query.where(Engineer.id.not_in(need.excluded))
    return tx.session.execute(_nearest(query, near).limit(limit)).all()


def other_shifts(
    tx: Tx, span: Span, near: tuple[float, float], besides: Collection[UUID], limit: int
) -> Sequence[Row[Any]]:
    """The nearest shifts that are not among `besides`: those whose engineers are told why not."""
    query = _nearest(_shifts(span), near)
    return tx.session.execute(query.where(Shift.id.not_in(besides)).limit(limit)).all()


def _nearest(query: Select[Any], near: tuple[float, float]) -> Select[Any]:
    here = func.ST_SetSRID(func.ST_MakePoint(*near), 4326)
    return query.order_by(func.ST_Distance(Engineer.home, here).asc().nulls_last(), Shift.id)


def _shifts(span: Span) -> Select[Any]:
    return (
        select(
            Shift.id,
            Shift.engineer_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.breaks,
            Engineer.name,
            func.ST_X(Engineer.home).label("lon"),
            func.ST_Y(Engineer.home).label("lat"),
            Engineer.max_jobs_per_day,
            Engineer.overtime_limit_s,
            Engineer.timezone,
            _skills(),
            _territories(),
            _absences(),
            _van(),
        )
        .join(Engineer, Engineer.id == Shift.engineer_id)
        .where(Shift.deleted_at.is_(None), Engineer.deleted_at.is_(None), Engineer.active, ~Shift.on_call)
        .where(Shift.starts_at < span.ends, Shift.ends_at > span.starts)
    )


def _skills() -> ColumnElement[Any]:
    one = func.jsonb_build_array(Skill.code, EngineerSkill.level, EngineerSkill.expires_on)
    query = select(func.jsonb_agg(one)).select_from(EngineerSkill).join(Skill, Skill.id == EngineerSkill.skill_id)
    live = query.where(EngineerSkill.engineer_id == Engineer.id, Skill.deleted_at.is_(None))
    return live.correlate(Engineer).scalar_subquery().label("skills")


def _territories() -> ColumnElement[Any]:
    query = select(func.array_agg(EngineerTerritory.territory_id)).where(EngineerTerritory.engineer_id == Engineer.id)
    return query.correlate(Engineer).scalar_subquery().label("territories")


def _absences() -> ColumnElement[Any]:
    one = func.jsonb_build_array(
        cast(func.extract("epoch", Absence.starts_at), BigInteger),
        cast(func.extract("epoch", Absence.ends_at), BigInteger),
    )
    query = select(func.jsonb_agg(aggregate_order_by(one, Absence.starts_at))).where(
        Absence.engineer_id == Shift.engineer_id,
        Absence.deleted_at.is_(None),
        Absence.starts_at < Shift.ends_at,
        Absence.ends_at > Shift.starts_at,
    )
    return query.correlate(Shift).scalar_subquery().label("absences")


def _van() -> ColumnElement[Any]:
    """What lies in the engineer's van, as {part id: quantity}; NULL when no van is known."""
    stock = select(func.jsonb_object_agg(BALANCES.c.part_id, BALANCES.c.quantity)).where(
        BALANCES.c.location_id == StockLocation.id
    )
    held = func.coalesce(stock.correlate(StockLocation).scalar_subquery(), func.jsonb_build_object())
    van = select(held).where(StockLocation.engineer_id == Engineer.id, StockLocation.deleted_at.is_(None))
    return van.correlate(Engineer).limit(1).scalar_subquery().label("van")


def _holds(skill_id: UUID, level: int) -> ColumnElement[bool]:
    return exists().where(
        EngineerSkill.engineer_id == Engineer.id,
        EngineerSkill.skill_id == skill_id,
        EngineerSkill.level >= level,
        or_(EngineerSkill.expires_on.is_(None), EngineerSkill.expires_on >= func.date(Shift.starts_at)),
    )


def _serves(territories: Collection[UUID]) -> ColumnElement[bool]:
    return exists().where(EngineerTerritory.engineer_id == Engineer.id, EngineerTerritory.territory_id.in_(territories))


def _has_territories() -> ColumnElement[bool]:
    return exists().where(EngineerTerritory.engineer_id == Engineer.id)


def held_visits(tx: Tx, span: Span, engineers: Collection[UUID]) -> Sequence[Row[Any]]:
    """Visits that these engineers hold in the span, alone or in a crew, finished ones included."""
    crews = select(CrewMember.crew_id).where(CrewMember.engineer_id.in_(engineers))
    mine = or_(Visit.engineer_id.in_(engineers), Visit.crew_id.in_(crews))
    return tx.session.execute(_visits().where(mine, *_held(span))).all()


def stops(tx: Tx, span: Span, engineers: Collection[UUID]) -> Sequence[Row[Any]]:
    """Where these engineers go in the span, each in order: visit, engineer, place; no more of what the engine asks."""
    place = (func.ST_X(Site.location).label("lon"), func.ST_Y(Site.location).label("lat"))
    query = select(Visit.id, Visit.engineer_id, *place).join(Job, Job.id == Visit.job_id)
    mine = (Visit.engineer_id.in_(engineers), Visit.planned_start.is_not(None))
    query = query.join(Site, Site.id == Job.site_id).where(*mine, *_live(), *_held(span))
    return tx.session.execute(query.order_by(Visit.engineer_id, Visit.planned_start)).all()


def _held(span: Span) -> tuple[ColumnElement[bool], ...]:
    inside = VISIT_STARTS.between(span.starts, span.ends)
    return (Visit.status.in_(HELD), or_(inside, VISIT_STARTS.is_(None), Visit.status.in_(UNDER_WAY)))


def waiting_visits(tx: Tx, span: Span, territories: Collection[UUID] | None) -> Sequence[Row[Any]]:
    """Visits of triaged jobs that nobody holds and that may begin in the span, the most urgent first."""
    query = _visits().where(*_waits(territories), ~_is_over_before(span), ~_begins_after(span))
    return tx.session.execute(
        query.order_by(JobScore.score.desc().nulls_last(), Job.due_at, Visit.id).limit(MAX_WAITING)
    ).all()


def waiting_elsewhere(tx: Tx, span: Span, territories: Collection[UUID] | None, limit: int) -> Sequence[Row[Any]]:
    """Those that wait likewise but may not begin in the span, earlier ones first: id, when they may; and how many."""
    begins, before = func.greatest(Visit.window_start, Job.earliest_start), _is_over_before(span)
    of = func.count().over().label("of")
    query = select(Visit.id, begins.label("begins"), Visit.window_end, before.label("before"), of)
    where = (*_live(), *_waits(territories), or_(before, _begins_after(span)))
    joined = query.join(Job, Job.id == Visit.job_id).where(*where)
    return tx.session.execute(joined.order_by(before.desc(), begins, Visit.id).limit(limit)).all()


def _waits(territories: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    """Nobody holds it, and it may be planned."""
    where: list[ColumnElement[bool]] = [
        Visit.engineer_id.is_(None),
        Visit.crew_id.is_(None),
        Visit.status.in_(("draft", "scheduled")),
        Job.triaged_at.is_not(None),
        Job.held_at.is_(None),
    ]
    if territories is not None:
        where.append(or_(Visit.territory_id.in_(territories), Visit.territory_id.is_(None)))
    return where


def _is_over_before(span: Span) -> ColumnElement[bool]:
    return func.coalesce(Visit.window_end < span.starts, false())


def _begins_after(span: Span) -> ColumnElement[bool]:
    return func.coalesce(func.greatest(Visit.window_start, Job.earliest_start) >= span.ends, false())


def visits_by_id(tx: Tx, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """These visits, as far as they exist and their jobs are not over."""
    return _by_id().run(tx.session, {"ids": list(ids)}).all()


# To put a statement together and to plan it takes longer than to run it: those of every recommendation are kept.
@cache
def _by_id() -> Prepared:
    return planned(_visits().where(Visit.id == any_(given("ids", ARRAY(Uuid)))), "visits by id")


def _visits() -> Select[Any]:
    columns: list[Any] = [
        *(Visit.id, Visit.rev, Visit.status, Visit.engineer_id, Visit.crew_id, Visit.territory_id, Visit.pinned),
        *(Visit.window_start, Visit.window_end, Visit.planned_start, Visit.planned_end, Visit.sequence),
        *(
            Visit.duration_s,
            Job.id.label("job_id"),
            Job.priority,
            JobScore.score,
            Job.due_at,
            Job.earliest_start,
            Job.site_id,
        ),
        func.coalesce(Job.account_id, Site.account_id).label("account_id"),
        *(func.ST_X(Site.location).label("lon"), func.ST_Y(Site.location).label("lat")),
        *(JobType.required_skills, JobType.parts, _members()),
        *(_moment("working").label("began_at"), _moment("on_site").label("arrived_at")),
        _moment("completed", "cannot_complete").label("ended_at"),
    ]
    return (
        select(*columns)
        .join(Job, Job.id == Visit.job_id)
        .join(Site, Site.id == Job.site_id)
        .join(JobType, JobType.id == Job.job_type_id)
        .outerjoin(JobScore, JobScore.job_id == Job.id)
        .where(*_live())
    )


def _live() -> tuple[ColumnElement[bool], ...]:
    return (Visit.deleted_at.is_(None), Job.cancelled_at.is_(None), or_(Job.closed_at.is_(None), _is_over()))


def _is_over() -> ColumnElement[bool]:
    return Visit.status.in_(OVER)


def _moment(*statuses: str) -> ColumnElement[Any]:
    query = select(func.max(VisitEvent.corrected_at)).where(
        VisitEvent.visit_id == Visit.id, VisitEvent.applied, VisitEvent.to_status.in_(statuses)
    )
    return query.correlate(Visit).scalar_subquery()


def _members() -> ColumnElement[Any]:
    query = select(func.array_agg(CrewMember.engineer_id)).where(CrewMember.crew_id == Visit.crew_id)
    return query.correlate(Visit).scalar_subquery().label("members")


def engineers_without_shift(tx: Tx, span: Span, limit: int) -> Sequence[Row[Any]]:
    """Active engineers who do not work in the span: id, whether they are on call; and how many of each there are."""
    return _idle().run(tx.session, {"starts": span.starts, "ends": span.ends, "most": limit}).all()


@cache
def _idle() -> Prepared:
    shift = exists().where(
        Shift.engineer_id == Engineer.id,
        Shift.deleted_at.is_(None),
        Shift.starts_at < given("ends", TIMESTAMP(timezone=True)),
        Shift.ends_at > given("starts", TIMESTAMP(timezone=True)),
    )
    idle = select(Engineer.id, shift.where(Shift.on_call).label("on_call"))
    named = idle.where(Engineer.deleted_at.is_(None), Engineer.active, ~shift.where(~Shift.on_call)).subquery()
    called = func.count().filter(named.c.on_call).over().label("called")
    query = select(named.c.id, named.c.on_call, called, func.count().over().label("idle"))
    ordered = query.order_by(named.c.on_call.desc(), named.c.id).limit(given("most", Integer))
    return planned(ordered, "engineers without a shift")
