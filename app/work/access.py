"""Which rows of work an actor reaches: own visits (alone or in a crew, once published), territories, all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Role, Scope
from app.kernel.problems import NOT_FOUND, Problem, invalid, not_found
from app.people.models import CrewMember
from app.places import queries as places
from app.places.models import Site
from app.work.models import Job, Visit, VisitEvent
from app.work.statuses import UNPUBLISHED
from app.work.transitions import PARTIES


def held_by(engineer_id: UUID | None) -> ColumnElement[bool]:
    """Visits that an engineer holds, alone or as a member of the crew."""
    crews = select(CrewMember.crew_id).where(CrewMember.engineer_id == engineer_id)
    return or_(Visit.engineer_id == engineer_id, Visit.crew_id.in_(crews))


def visits_of(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The condition on visits for a scope other than `all`."""
    if scope is Scope.TERRITORY:
        return or_(Visit.territory_id.in_(actor.territory_ids), Visit.territory_id.is_(None))
    return held_by(actor.engineer_id) & Visit.status.not_in(UNPUBLISHED)


def jobs_of(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The condition on jobs for a scope other than `all`."""
    if scope is Scope.TERRITORY:
        place = aliased(Site)
        inside = or_(place.territory_id.in_(actor.territory_ids), place.territory_id.is_(None))
        return exists().where(place.id == Job.site_id, inside)
    return exists().where(Visit.job_id == Job.id, Visit.deleted_at.is_(None), visits_of(actor, scope))


def holds(tx: Tx, visit: Visit) -> bool:
    """Whether the acting engineer holds `visit` now."""
    me = tx.actor.engineer_id
    if me is None or visit.engineer_id == me:
        return me is not None
    member = exists().where(CrewMember.crew_id == visit.crew_id, CrewMember.engineer_id == me)
    return visit.crew_id is not None and tx.recall(
        ("in crew", visit.crew_id), lambda: bool(tx.session.scalar(select(member)))
    )


def held_once(tx: Tx, visit_id: UUID) -> bool:
    """Whether a visit was ever assigned to the acting engineer; a phone may bring facts of that time."""
    mine = exists().where(VisitEvent.visit_id == visit_id, VisitEvent.engineer_id == tx.actor.engineer_id)
    crews = select(CrewMember.crew_id).where(CrewMember.engineer_id == tx.actor.engineer_id)
    crewed = exists().where(
        VisitEvent.visit_id == visit_id, VisitEvent.data["crew_id"].astext.cast(Visit.id.type).in_(crews)
    )
    return tx.actor.engineer_id is not None and bool(tx.session.scalar(select(or_(mine, crewed))))


def parties(tx: Tx, visit: Visit) -> set[str]:
    """Who the actor is to this visit, in the words of the transition table."""
    actor = tx.actor
    if actor.role is Role.CUSTOMER:  # the portal has seen to it that the visit is theirs
        return {"customer"}
    found = {party for party in ("dispatcher", "supervisor") if actor.scope(PARTIES[party]) is not None}
    if actor.scope(PARTIES["engineer"]) is not None and holds(tx, visit):
        found.add("engineer")
    return found


def demand_visit(tx: Tx, visit: Visit, right: str) -> None:
    """Raises 403 without the right, 404 when the visit lies outside the territories or is not the engineer's own."""
    scope = tx.actor.demand(right)
    outside = scope is Scope.TERRITORY and visit.territory_id not in (None, *tx.actor.territory_ids)
    foreign = scope is Scope.OWN and not (holds(tx, visit) and visit.status not in UNPUBLISHED)
    if outside or foreign:
        raise not_found("visit")


@contextmanager
def named_by(pointer: str) -> Iterator[None]:
    """A row that a field of the body names: that it is not there is a fault of the field (422), not of the path."""
    try:
        yield
    except Problem as problem:
        if problem.kind is NOT_FOUND:
            raise invalid(pointer, problem.detail) from None
        raise


def demand_job(tx: Tx, job_id: UUID, right: str) -> None:
    """Raises 403 without the right, 404 when the job is not in the actor's scope."""
    scope = tx.actor.demand(right)
    query = select(Job.id).where(Job.id == job_id, Job.deleted_at.is_(None))
    if scope is not Scope.ALL:
        query = query.where(jobs_of(tx.actor, scope))
    if tx.session.scalar(query) is None:
        raise not_found("job")


def own_places(actor: Actor) -> Select[Any]:
    """The places, accounts and contacts that the actor's own visits lead to."""
    own = jobs_of(actor, Scope.OWN)
    found = select(Job.site_id, Job.account_id, Job.contact_id).where(own, Job.deleted_at.is_(None))
    return cast("Select[Any]", found)


places.use_own_places(own_places)
