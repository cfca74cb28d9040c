"""Which files and sign-offs an actor reaches: those of the visits in scope, and one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.kernel.problems import not_found
from app.work import access
from app.work.models import Visit
from media.models import Media


def visits(actor: Actor, scope: Scope) -> Any:
    """The ids of the visits in a scope other than `all`."""
    return select(Visit.id).where(access.visits_of(actor, scope), Visit.deleted_at.is_(None))


def media_of(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The condition on media for a scope other than `all`."""
    return or_(Media.created_by == actor.user_id, Media.visit_id.in_(visits(actor, scope)))


def reach(tx: Tx, visit_id: UUID, right: str, *, offline: bool = False) -> Visit:
    """A visit that the actor may add to; `offline`, an engineer who held it once may still bring what was done then.

    Raises 403 without the right, 404 for a visit out of reach.
    """
    visit = tx.get(Visit, visit_id)
    tx.actor.demand(right)
    if offline and tx.actor.engineer_id and (access.holds(tx, visit) or access.held_once(tx, visit_id)):
        return visit
    access.demand_visit(tx, visit, right)
    return visit


def readable(tx: Tx, media_id: UUID) -> Media:
    """The file, if the actor may see it; 404 otherwise."""
    scope = tx.actor.demand("media.read")
    query = select(Media).where(Media.id == media_id, Media.deleted_at.is_(None))
    if scope is not Scope.ALL:
        query = query.where(media_of(tx.actor, scope))
    found = tx.session.scalars(query).one_or_none()
    if found is None:
        raise not_found("media")
    return found


def writable(tx: Tx, media: Media) -> None:
    """Raises 404 unless the actor announced this file or may add to its visit."""
    if media.created_by is not None and media.created_by == tx.actor.user_id:
        return
    if media.visit_id is not None:
        reach(tx, media.visit_id, "media.write")
    elif tx.actor.demand("media.write") is not Scope.ALL:
        raise not_found("media")
