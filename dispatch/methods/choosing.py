"""In which order the engineers who can go are asked, by method."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, literal, or_, select

from app.kernel.db import Tx
from app.people.models import Absence, Engineer, EngineerSkill, Shift
from app.places.models import EngineerTerritory, Site
from app.positions.models import LatestPosition
from app.work.models import Job, JobType, Visit
from dispatch import recommending
from dispatch.methods.models import Offer
from dispatch.saying import Voice

MOST = 50
FRESH = timedelta(minutes=15)
"""How old a fix may be to say where somebody is; before the work of a later day, it says nothing."""


def in_order(tx: Tx, visit_id: UUID, method: str, besides: Collection[UUID]) -> list[UUID]:
    """Engineers who can go in their shifts, the first to be asked first; for an emergency also those on call.

    `besides` are not asked (again). Nobody outside a shift is ever among them.
    """
    found = recommending.for_visit(tx, visit_id, MOST, Voice())["candidates"]
    best = [UUID(one["engineer_id"]) for one in found]
    order = {"round_robin": _in_turn, "nearest": _nearest}.get(method)
    if order:
        best = order(tx, visit_id, best)
    return [engineer_id for engineer_id in dict.fromkeys(best) if engineer_id not in besides]


def _in_turn(tx: Tx, visit_id: UUID, engineers: list[UUID]) -> list[UUID]:
    """Whoever was asked longest ago; among those who never were, the best."""
    query = select(Offer.engineer_id, func.max(Offer.created_at)).where(Offer.engineer_id.in_(engineers))
    last = {row[0]: row[1] for row in tx.session.execute(query.group_by(Offer.engineer_id))}
    return sorted(engineers, key=lambda one: last[one].timestamp() if one in last else 0)


def _nearest(tx: Tx, visit_id: UUID, engineers: list[UUID]) -> list[UUID]:
    """By the straight way from where each is now (as far as that is known and matters), else from home."""
    place = select(Site.location).join(Job, Job.site_id == Site.id).join(Visit, Visit.job_id == Job.id)
    there = place.where(Visit.id == visit_id).scalar_subquery()
    here = case((LatestPosition.at >= tx.now - FRESH, LatestPosition.location), else_=Engineer.home)
    query = (
        select(Engineer.id, func.ST_DistanceSphere(func.coalesce(here, Engineer.home), there))
        .outerjoin(LatestPosition, LatestPosition.engineer_id == Engineer.id)
        .where(Engineer.id.in_(engineers))
    )
    away: dict[UUID, float | None] = {row[0]: row[1] for row in tx.session.execute(query)}
    return sorted(engineers, key=lambda one: float("inf") if away.get(one) is None else away[one] or 0.0)


def on_call(tx: Tx, visit_id: UUID, besides: Collection[UUID]) -> list[UUID]:
    """Engineers whose on-call shift is now and who have what the visit demands, the nearest first."""
    query = select(Visit.territory_id, JobType.required_skills).join(Job, Job.id == Visit.job_id)
    visit = tx.session.execute(query.join(JobType, JobType.id == Job.job_type_id).where(Visit.id == visit_id)).one()
    people = select(Engineer.id).where(Engineer.active, Engineer.deleted_at.is_(None), _on_call(tx), ~_away(tx))
    for need in visit.required_skills:
        people = people.where(_skilled(need))
    if visit.territory_id is not None:
        own = exists().where(EngineerTerritory.engineer_id == Engineer.id)
        people = people.where(or_(own.where(EngineerTerritory.territory_id == visit.territory_id), ~own))
    found = [one for one in tx.session.scalars(people.order_by(Engineer.id)) if one not in besides]
    return _nearest(tx, visit_id, found)


def _on_call(tx: Tx) -> Any:
    now = literal(tx.now)
    return exists().where(
        Shift.engineer_id == Engineer.id,
        Shift.deleted_at.is_(None),
        Shift.on_call,
        Shift.starts_at <= now,
        Shift.ends_at > now,
    )


def _away(tx: Tx) -> Any:
    now = literal(tx.now)
    return exists().where(
        Absence.engineer_id == Engineer.id,
        Absence.deleted_at.is_(None),
        Absence.starts_at <= now,
        Absence.ends_at > now,
    )


def _skilled(need: dict[str, Any]) -> Any:
    return exists().where(
        EngineerSkill.engineer_id == Engineer.id,
        EngineerSkill.skill_id == UUID(need["skill_id"]),
        EngineerSkill.level >= need.get("level", 1),
        or_(EngineerSkill.expires_on.is_(None), EngineerSkill.expires_on >= func.current_date()),
    )
