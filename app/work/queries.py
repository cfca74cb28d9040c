"""Reads of the work room: wire views with what hangs on them, and the conditions of their scopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, cast, func, or_, select

from app.kernel.actor import Actor
from app.kernel.permissions import Role, Scope
from app.kernel.rows import wire_columns
from app.places.models import Site
from app.work import access
from app.work.models import Conflict, Job, JobEvent, JobScore, Note, Request, Visit

LOCATION = cast(func.ST_AsGeoJSON(Site.location, 7), JSON).label("location")
VISIT_STARTS = func.coalesce(Visit.planned_start, Visit.window_start)
VISIT_ENDS = func.coalesce(Visit.planned_end, Visit.window_end, Visit.planned_start, Visit.window_start)


def visits() -> Select[Any]:
    """Visits with number, summary and priority of their job and the point of its site."""
    more = (
        Job.number.label("job_number"),
        Job.summary,
        Job.priority,
        JobScore.score,
        Job.job_type_id,
        Job.site_id,
        Site.name.label("site_name"),
    )
    columns = [*wire_columns(Visit), *more, LOCATION]
    query = select(*columns).join(Job, Job.id == Visit.job_id).join(Site, Site.id == Job.site_id)
    return query.outerjoin(JobScore, JobScore.job_id == Job.id)


def jobs() -> Select[Any]:
    """Jobs with the point of their site."""
    query = select(*wire_columns(Job), JobScore.score, LOCATION).join(Site, Site.id == Job.site_id)
    return query.outerjoin(JobScore, JobScore.job_id == Job.id)


def requests() -> Select[Any]:
    """Requests with the point of their site, if they have one."""
    return select(*wire_columns(Request), LOCATION).outerjoin(Site, Site.id == Request.site_id)


def at_sites_in(box: tuple[float, ...]) -> ColumnElement[bool]:
    """Rows of a view over sites whose site lies in the box."""
    return Site.id.in_(select(func.sites_in_bbox(*box)))


def of_visits(model: Any) -> Callable[[Actor, Scope], ColumnElement[bool]]:
    """The scope of what was recorded at visits: that of the visits."""

    def condition(actor: Actor, scope: Scope) -> ColumnElement[bool]:
        seen = select(Visit.id).where(access.visits_of(actor, scope), Visit.deleted_at.is_(None))
        narrowed: ColumnElement[bool] = model.visit_id.in_(seen)
        return narrowed

    return condition


def of_jobs(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The scope of a job's trail: that of the job."""
    return JobEvent.job_id.in_(select(Job.id).where(access.jobs_of(actor, scope), Job.deleted_at.is_(None)))


def notes_of(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Notes of the jobs in scope. Internal ones are for the organisation's own people."""
    seen = Note.job_id.in_(select(Job.id).where(access.jobs_of(actor, scope), Job.deleted_at.is_(None)))
    if actor.role in (Role.SUBCONTRACTOR, Role.CUSTOMER):
        return seen & ~Note.internal
    return seen


def conflicts_of(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Conflicts of an engineer's own work, or of the visits in the territories."""
    if scope is Scope.OWN:
        return or_(Conflict.engineer_id == actor.engineer_id, Conflict.user_id == actor.user_id)
    inside = select(Visit.id).where(access.visits_of(actor, scope))
    return or_(Conflict.visit_id.is_(None), Conflict.visit_id.in_(inside))
