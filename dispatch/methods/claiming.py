"""The pool: work that waits for whoever claims it first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.kernel import audit, events
from app.kernel.actor import system_actor
from app.kernel.db import Tx
from app.kernel.problems import INVALID, STATE_CONFLICT, not_found
from app.kernel.rows import plain
from app.people.models import Engineer
from app.places.models import EngineerTerritory, Site, Territory
from app.work import commands
from app.work.models import Job, JobType, Visit
from app.work.queries import LOCATION
from app.work.statuses import UNPUBLISHED
from dispatch import naming, saying
from dispatch.assigning import RULE_BROKEN, hold_engineers, judge
from dispatch.methods.models import Offer
from dispatch.recommending import question
from dispatch.saying import Voice

METHOD = func.coalesce(Visit.dispatch_method, Territory.dispatch_method, JobType.dispatch_method)
MOST = 200


def pool(tx: Tx) -> list[dict[str, Any]]:
    """What the acting engineer may claim: open work of the own territories, the most urgent first.

    Names nobody: whose place it is is told to the one who goes.
    """
    engineer_id = tx.actor.engineer_id
    own = select(EngineerTerritory.territory_id).where(EngineerTerritory.engineer_id == engineer_id)
    columns = (
        *(Visit.id, Visit.rev, Visit.territory_id, Visit.window_start, Visit.window_end, Visit.duration_s),
        *(Job.priority, Job.due_at, JobType.id.label("job_type_id"), JobType.name.label("job_type")),
        *(JobType.required_skills, LOCATION),
    )
    reachable = or_(Visit.territory_id.is_(None), Visit.territory_id.in_(own), ~own.exists())
    query = _open(select(*columns)).where(reachable).order_by(Job.priority, Job.due_at, Visit.id).limit(MOST)
    return [dict(row) for row in tx.session.execute(query).mappings()] if engineer_id else []


def _open(query: Select[Any]) -> Select[Any]:
    joined = (
        query.join(Job, Job.id == Visit.job_id)
        .join(JobType, JobType.id == Job.job_type_id)
        .join(Site, Site.id == Job.site_id)
        .outerjoin(Territory, Territory.id == Visit.territory_id)
    )
    return joined.where(METHOD == "pool", *_waits())


def _waits() -> list[ColumnElement[bool]]:
    free = [Visit.engineer_id.is_(None), Visit.crew_id.is_(None), Visit.status.in_(UNPUBLISHED)]
    job = [Job.triaged_at.is_not(None), Job.held_at.is_(None), Job.cancelled_at.is_(None), Job.closed_at.is_(None)]
    return [*free, *job, Visit.deleted_at.is_(None)]


def claim(tx: Tx, visit_id: UUID, voice: Voice) -> None:
    """Gives a visit of the pool to the acting engineer, at the best moment of their shifts; one claim wins.

    Raises 404 for what is not in the pool, 422 for somebody who is no engineer, 409 when somebody was faster or a rule
    of dispatch says no.
    """
    if not _was_open(tx, visit_id):
        raise not_found("visit")
    engineer_id = _engineer(tx)
    hold_engineers(tx, [engineer_id])
    visit, _ = commands.lock_visit(tx, visit_id)
    if tx.session.scalar(_open(select(Visit.id)).where(Visit.id == visit_id)) is None:
        raise STATE_CONFLICT("Somebody else was faster.", status_now=visit.status)
    found, broken = judge(tx, question(tx, visit_id), engineer_id, None)
    if found is None:
        told = naming.said(tx, voice, broken)
        raise RULE_BROKEN("; ".join(one["detail"] for one in told), reasons=told)
    house = Tx(tx.session, system_actor(tx.actor.org_id), tx.now)
    commands.assign(house, visit_id, engineer_id, planned_start=saying.moment(found.start), reason="claimed")
    _keep(tx, visit_id, engineer_id)


def _was_open(tx: Tx, visit_id: UUID) -> bool:
    """Whether the visit is of a kind that is claimed, whoever holds it by now."""
    query = select(METHOD).select_from(Visit).join(Job, Job.id == Visit.job_id)
    query = query.join(JobType, JobType.id == Job.job_type_id).outerjoin(Territory, Territory.id == Visit.territory_id)
    return tx.session.scalar(query.where(Visit.id == visit_id, Visit.deleted_at.is_(None))) == "pool"


def _keep(tx: Tx, visit_id: UUID, engineer_id: UUID) -> None:
    made = tx.add(
        Offer(visit_id=visit_id, engineer_id=engineer_id, method="pool", answer="claimed", answered_at=tx.now)
    )
    told = plain({"visit_id": visit_id, "engineer_id": engineer_id})
    audit.record(tx, "visit.claimed", "visit", visit_id, told)
    events.emit(tx, "offer.claimed", {"id": str(made.id), **told, "method": "pool"})


def _engineer(tx: Tx) -> UUID:
    engineer = tx.find(Engineer, tx.actor.engineer_id) if tx.actor.engineer_id else None
    if engineer is None or not engineer.active:
        raise INVALID("Only engineers claim work.")
    return engineer.id
