"""What the customer of a visit is told: the person, the language, the way, the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.kernel.config import config
from app.kernel.db import Tx
from app.notices import commands, rules, ways, wording
from app.notices.codes import code_of, key_of
from app.notices.models import Notice
from app.people.models import Engineer, Organisation
from app.places.models import Contact, Site
from app.work.models import Job, Visit


@dataclass(frozen=True)
class Customer:
    """Whom a job belongs to, and how their organisation speaks."""

    organisation: Organisation
    job: Job
    contact: Contact

    @property
    def language(self) -> str:
        return self.contact.locale or self.organisation.locale

    def way(self) -> tuple[str, str] | None:
        """Channel and address: the first that leads out, else the first there is."""
        known = list(rules.addresses(self.organisation.settings, self.contact.phone, self.contact.email))
        return next((one for one in known if ways.leads_out(one[0])), known[0] if known else None)


def customer_of(tx: Tx, job_id: UUID) -> Customer | None:
    """The customer of a job; None when nobody is named."""
    query = select(Job, Contact).join(Contact, Contact.id == Job.contact_id)
    found = tx.session.execute(query.where(Job.id == job_id, Contact.deleted_at.is_(None))).one_or_none()
    if found is None:
        return None
    return Customer(tx.session.scalars(select(Organisation)).one(), found.Job, found.Contact)


def person(contact: Contact) -> str:
    """Who somebody is and by which addresses; a link that was sent there ends when one of them changes."""
    return f"{contact.id}|{contact.phone or ''}|{contact.email or ''}"


def tell(
    tx: Tx,
    visit: Visit,
    kind: str,
    key: str,
    *,
    good_until: datetime | None = None,
    delay: timedelta | None = None,
    proof: str = "",
) -> Notice | None:
    """Writes a notice to the visit's customer, if there is one who can be reached and is to be told. Once a `key`."""
    customer = customer_of(tx, visit.job_id)
    way = customer.way() if customer else None
    if customer is None or way is None or not rules.wanted(customer.organisation.settings, kind):
        return None
    names = {"organisation": customer.organisation.name, "summary": customer.job.summary}
    words = {**names, "url": _url(customer), "name": _name(tx, visit, customer.language), "proof": proof}
    words["when"] = _when(tx, visit, customer)
    return commands.write(
        tx,
        kind,
        key,
        channel=way[0],
        address=way[1],
        language=customer.language,
        subject=wording.said(customer.language, "subject", **names),
        text=wording.said(customer.language, kind, **words),
        job_id=visit.job_id,
        visit_id=visit.id,
        good_until=good_until,
        delay=delay,
    )


def _url(customer: Customer) -> str:
    """The page of the job, with the key behind `#`, which no browser tells a server."""
    job = customer.job
    key = key_of(job.org_id, job.id, person(customer.contact))
    return f"{config().public_url.rstrip('/')}/track/{code_of(job.org_id, job.id)}#{key}"


def _name(tx: Tx, visit: Visit, language: str) -> str:
    name = tx.session.scalar(select(Engineer.name).where(Engineer.id == visit.engineer_id))
    return (name or "").partition(" ")[0] or wording.TEXTS[language]["somebody"]


def _when(tx: Tx, visit: Visit, customer: Customer) -> str:
    zone = tx.session.scalar(select(Site.timezone).where(Site.id == customer.job.site_id))
    start, end = (visit.window_start, visit.window_end) if visit.window_start else (visit.planned_start, None)
    return wording.when(customer.language, ZoneInfo(zone or customer.organisation.timezone), start, end)
