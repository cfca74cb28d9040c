"""Where phones fall silent: sites from which most facts came late, as far as the newest facts tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.places.models import Site
from app.work import access
from app.work.models import Job, Visit, VisitEvent
from app.work.queries import LOCATION

LATE = timedelta(minutes=10)
"""A fact that took longer waited for a signal: a phone that has one sends within seconds."""
THERE = ("on_site", "working", "paused", "completed", "cannot_complete")
LEAST, SHARE = 2, 2
"""So many late facts, and one of so many of all: a phone that was switched off once makes no dead zone."""
LOOKED_AT, MOST = 50_000, 1_000
"""Facts of the organisation that are looked at, the newest: a fortnight of five hundred phones."""


def silent_sites(tx: Tx) -> list[dict[str, Any]]:
    """The sites in the actor's scope from which facts came late, with how many of how many; the most first."""
    e = VisitEvent
    facts = (
        select(e.visit_id, e.received_at, (e.received_at - e.corrected_at > LATE).label("late"))
        .where(e.device_id.is_not(None), e.to_status.in_(THERE))
        .order_by(e.seq.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    all_, late = func.count(), func.count().filter(facts.c.late)
    newest = func.max(facts.c.received_at).filter(facts.c.late)
    query = (
        select(Site.id, Site.name, LOCATION, all_.label("facts"), late.label("late"), newest.label("newest_at"))
        .join(Visit, Visit.id == facts.c.visit_id)
        .join(Job, Job.id == Visit.job_id)
        .join(Site, Site.id == Job.site_id)
        .where(Site.location.is_not(None), Site.deleted_at.is_(None))
        .group_by(Site.id, Site.name, Site.location)
        .having((late >= LEAST) & (late * SHARE >= all_))
        .order_by(late.desc(), Site.id)
        .limit(MOST)
    )
    scope = tx.actor.demand("visits.read")
    if scope is not Scope.ALL:
        query = query.where(access.visits_of(tx.actor, scope))
    return [dict(row) for row in tx.session.execute(query).mappings()]
