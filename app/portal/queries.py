"""What a customer is shown of a job: nothing that is not about this visit to this customer."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.problems import not_found
from app.notices.codes import key_of
from app.notices.telling import person
from app.people.models import Engineer, Organisation
from app.places.models import Contact, Site
from app.portal import rules
from app.positions.models import LatestPosition
from app.work.models import Job, JobEvent, Visit, VisitEvent
from dispatch import roads
from media.commands import sealing
from media.models import SealedReport

HIDDEN = ("draft",)
WRITERS = {"customer_wrote": "customer", "office_wrote": "office"}
"""The entries of a job's trail that are messages, and who wrote them."""
TOLD = ("scheduled", "dispatched", "accepted", "en_route", "on_site", "completed", "cannot_complete", "cancelled",
        "confirmed", "disputed", "approved")  # fmt: skip


def is_theirs(tx: Tx, job: Job, digits: str | None, key: str | None) -> bool:
    """Whether somebody is the person to whom the job belongs: by their number, or by a link that was sent to them."""
    query = select(Contact).where(Contact.id == job.contact_id, Contact.deleted_at.is_(None))
    contact = tx.session.scalars(query).one_or_none()
    if contact is None:
        return False
    if key is not None:
        return hmac.compare_digest(key.encode(), key_of(job.org_id, job.id, person(contact)).encode())
    return rules.same_phone(contact.phone, digits or "")


def tracked(tx: Tx, job: Job) -> dict[str, Any]:
    """The job as its customer sees it."""
    organisation = tx.session.scalars(select(Organisation).where(Organisation.id == tx.actor.org_id)).one()
    site = tx.get(Site, job.site_id)
    visits = tx.session.scalars(
        select(Visit).where(Visit.job_id == job.id, Visit.deleted_at.is_(None)).order_by(Visit.created_at, Visit.id)
    )
    return {
        "organisation": organisation.name,
        "number": job.number,
        "summary": job.summary,
        "status": job.status,
        "site": {"name": site.name, "address": site.address},
        "time_zone": site.timezone or organisation.timezone,
        "visits": [visit_shown(tx, visit) for visit in visits],
        "messages": messages(tx, job.id),
    }


def messages(tx: Tx, job_id: UUID) -> list[dict[str, Any]]:
    """What the customer and the office have written to each other, oldest first."""
    wrote = (JobEvent.job_id == job_id) & JobEvent.event.in_(WRITERS)
    query = select(JobEvent.created_at, JobEvent.event, JobEvent.reason).where(wrote)
    found = tx.session.execute(query.order_by(JobEvent.created_at, JobEvent.id))
    return [{"at": row.created_at, "by": WRITERS[row.event], "text": row.reason} for row in found]


def visit_shown(tx: Tx, visit: Visit) -> dict[str, Any]:
    """One visit: state, promise, who comes, what happened, and where they are while they are on the way."""
    assigned = visit.status not in ("draft", "scheduled")
    return {
        "id": visit.id,
        "status": "scheduled" if visit.status in HIDDEN else visit.status,
        "window_start": visit.window_start,
        "window_end": visit.window_end,
        "planned_start": visit.planned_start if assigned else None,
        "engineer": _first_name(tx, visit.engineer_id) if assigned else None,
        "timeline": _timeline(tx, visit),
        "live": _live(tx, visit),
        "may_cancel": rules.may_cancel(visit.status, visit.window_start or visit.planned_start, tx.now),
        "may_answer": visit.status == "completed",
        "report": _report(tx, visit.id),
    }


def _report(tx: Tx, visit_id: UUID) -> dict[str, Any] | None:
    found = sealing.newest(tx, visit_id)
    if found is None:
        return None
    return {"number": found.number, "version": found.version, "proof": sealing.verify_url(found.code)}


def report_of(tx: Tx, job: Job, visit_id: UUID) -> SealedReport:
    """The newest report of a visit of this job; raises 404."""
    found = sealing.newest(tx, visit_id) if tx.get(Visit, visit_id).job_id == job.id else None
    if found is None:
        raise not_found("report")
    return found


def _first_name(tx: Tx, engineer_id: UUID | None) -> str | None:
    name = tx.session.scalar(select(Engineer.name).where(Engineer.id == engineer_id)) if engineer_id else None
    return name.split()[0] if name and name.split() else None


def _timeline(tx: Tx, visit: Visit) -> list[dict[str, Any]]:
    """The steps of the visit, each where it was first taken, and every other time that was promised instead."""
    facts = select(VisitEvent.to_status, func.min(VisitEvent.corrected_at).label("at")).where(
        VisitEvent.visit_id == visit.id, VisitEvent.applied, VisitEvent.to_status.in_(TOLD)
    )
    found = tx.session.execute(
        facts.group_by(VisitEvent.to_status).order_by(func.min(VisitEvent.corrected_at), func.min(VisitEvent.seq))
    )
    steps = [{"status": row.to_status, "at": row.at, "window_start": None, "window_end": None} for row in found]
    return sorted([*steps, *_moves(tx, visit)], key=lambda happening: happening["at"])


def _moves(tx: Tx, visit: Visit) -> list[dict[str, Any]]:
    changed = VisitEvent.data.has_key("window_start") | VisitEvent.data.has_key("window_end")
    query = select(VisitEvent.corrected_at, VisitEvent.data).where(
        VisitEvent.visit_id == visit.id, VisitEvent.event == "replanned", changed
    )
    return rules.moves(tx.session.execute(query.order_by(VisitEvent.seq.desc())), visit.window_end)


def _live(tx: Tx, visit: Visit) -> dict[str, Any] | None:
    """Position and expected arrival, dead before setting off and after arriving."""
    if visit.status != "en_route" or visit.engineer_id is None:
        return None
    p = LatestPosition
    columns = (p.at, p.mock, func.ST_X(p.location).label("lon"), func.ST_Y(p.location).label("lat"))
    fix = tx.session.execute(select(*columns).where(p.engineer_id == visit.engineer_id)).one_or_none()
    if fix is None or fix.mock or not rules.is_followed(visit.status, _set_off(tx, visit.id), fix.at, tx.now):
        return None
    seconds = _travel(tx, visit, (fix.lon, fix.lat))
    arrives = tx.now + timedelta(seconds=seconds) if seconds is not None else None
    return {"at": fix.at, "location": {"type": "Point", "coordinates": [fix.lon, fix.lat]}, "arrives_at": arrives}


def _set_off(tx: Tx, visit_id: UUID) -> datetime | None:
    query = select(func.max(VisitEvent.corrected_at)).where(
        VisitEvent.visit_id == visit_id, VisitEvent.applied, VisitEvent.to_status == "en_route"
    )
    return tx.session.scalar(query)


def _travel(tx: Tx, visit: Visit, here: tuple[float, float]) -> int | None:
    query = (
        select(func.ST_X(Site.location), func.ST_Y(Site.location), Organisation.timezone)
        .join(Job, Job.site_id == Site.id)
        .join(Organisation, Organisation.id == Job.org_id)
        .where(Job.id == visit.job_id, Site.location.is_not(None))
    )
    found = tx.session.execute(query).one_or_none()
    if found is None:
        return None
    lon, lat, zone = found
    return int(roads.matrix([here, (lon, lat)], tx.now, ZoneInfo(zone)).seconds(0, 1))
