"""The report of a visit as the server knows it now: the same document that a phone builds from what it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.kernel.db import Tx
from app.people.models import CrewMember, Engineer, Organisation
from app.places.models import Account, Asset, Site
from app.stock.models import Part
from app.work.models import (
    ChecklistAnswer,
    ChecklistItem,
    Job,
    Note,
    PartUse,
    TimeEntry,
    Visit,
    VisitEvent,
)
from media import canonical
from media.models import Media

WORK_DONE, REMARKS = "work_done", "remarks"
"""Keys of checklist items whose answer is the report's free text."""


def document(tx: Tx, visit: Visit, language: str | None = None, time_zone: str | None = None) -> dict[str, Any]:
    """The report document (`shapes/report.schema.json`), but for `engineers`: empty while nobody is assigned."""
    organisation = tx.session.scalars(select(Organisation).where(Organisation.id == tx.actor.org_id)).one()
    job = tx.get(Job, visit.job_id)
    site = tx.session.scalars(select(Site).where(Site.id == job.site_id)).one()
    language = language or ("zh" if organisation.locale.startswith("zh") else "en")
    items, answers = _checklist(tx, visit.id)
    return {
        "schema": "callout.report/1",
        "language": language,
        "time_zone": time_zone or site.timezone or organisation.timezone,
        "organisation": {"name": _line(organisation.name)},
        "visit": {
            "id": str(visit.id),
            "number": job.number,
            "title": _line(job.summary),
            "description": _text(job.description),
        },
        "account": {"name": _line(_account(tx, job, site))},
        "site": {"name": _line(site.name), "address": _line(site.address)},
        "asset": _asset(tx, job),
        "engineers": _engineers(tx, visit),
        "times": _times(tx, visit.id),
        "work_done": _free_text(items, answers, WORK_DONE) or _notes(tx, visit.id),
        "checklist": [
            _check(item, answers.get(item.id), language) for item in items if item.key not in (WORK_DONE, REMARKS)
        ],
        "parts": _parts(tx, visit.id),
        "prices": None,
        "photos": _photos(tx, visit.id),
        "remarks": _free_text(items, answers, REMARKS),
    }


def _line(value: str | None) -> str:
    return (value or "")[:500]


def _text(value: str | None) -> str:
    return (value or "")[:20_000]


def moment(at: datetime | None) -> str | None:
    """A time as the document writes it: UTC, to the millisecond when there are any."""
    if at is None:
        return None
    timespec = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _account(tx: Tx, job: Job, site: Site) -> str:
    account_id = job.account_id or site.account_id
    name = tx.session.scalar(select(Account.name).where(Account.id == account_id)) if account_id else None
    return name or site.name


def _asset(tx: Tx, job: Job) -> dict[str, str] | None:
    if job.asset_id is None:
        return None
    asset = tx.session.scalars(select(Asset).where(Asset.id == job.asset_id)).one()
    told = {"name": asset.name, "model": asset.model, "serial": asset.serial}
    return {name: _line(value) for name, value in told.items() if value}


def _engineers(tx: Tx, visit: Visit) -> list[dict[str, str]]:
    crew = select(CrewMember.engineer_id).where(CrewMember.crew_id == visit.crew_id)
    query = select(Engineer.id, Engineer.name).where(or_(Engineer.id == visit.engineer_id, Engineer.id.in_(crew)))
    found = tx.session.execute(query.order_by(Engineer.id != visit.engineer_id, Engineer.name).limit(20)).all()
    return [{"id": str(row.id), "name": _line(row.name)} for row in found]


def _times(tx: Tx, visit_id: UUID) -> dict[str, Any]:
    events = select(
        func.min(VisitEvent.device_at).filter(VisitEvent.to_status == "on_site"),
        func.min(VisitEvent.device_at).filter(VisitEvent.to_status == "working"),
        func.max(VisitEvent.device_at).filter(VisitEvent.to_status.in_(("completed", "cannot_complete"))),
    ).where(VisitEvent.visit_id == visit_id, VisitEvent.applied)
    arrived, started, finished = tx.session.execute(events).one()
    spent = {row.kind: row.seconds for row in tx.session.execute(_spent(visit_id))}
    return {
        "arrived_at": moment(arrived),
        "started_at": moment(started),
        "finished_at": moment(finished),
        "worked_s": spent.get("work"),
        "travel_s": spent.get("travel"),
    }


def _spent(visit_id: UUID) -> Any:
    seconds = func.sum(func.extract("epoch", TimeEntry.ended_at - TimeEntry.started_at))
    query = select(TimeEntry.kind, func.least(func.round(seconds), 31_536_000).cast(Integer).label("seconds"))
    live = (TimeEntry.visit_id == visit_id) & TimeEntry.deleted_at.is_(None) & TimeEntry.ended_at.is_not(None)
    return query.where(live).group_by(TimeEntry.kind)


def _checklist(tx: Tx, visit_id: UUID) -> tuple[list[ChecklistItem], dict[UUID, ChecklistAnswer]]:
    live = (ChecklistItem.visit_id == visit_id) & ChecklistItem.deleted_at.is_(None)
    items = tx.session.scalars(select(ChecklistItem).where(live).order_by(ChecklistItem.position).limit(500)).all()
    given = (ChecklistAnswer.visit_id == visit_id) & ChecklistAnswer.deleted_at.is_(None)
    newest = (ChecklistAnswer.corrected_at.desc(), ChecklistAnswer.created_at.desc())
    standing = select(ChecklistAnswer).where(given).ext(distinct_on(ChecklistAnswer.item_id))
    answers = tx.session.scalars(standing.order_by(ChecklistAnswer.item_id, *newest)).all()
    return list(items), {answer.item_id: answer for answer in answers}


def _check(item: ChecklistItem, answer: ChecklistAnswer | None, language: str) -> dict[str, Any]:
    told = {"id": str(item.id), "label": _line(words(item.label, language)), "answer": _answer(item, answer)}
    if answer and answer.comment:
        told["remark"] = _text(answer.comment)
    return told


def words(label: Any, language: str) -> str:
    """A label in `language`: plain text, or the best of `{"en": …, "zh-CN": …}`."""
    if not isinstance(label, dict):
        return str(label)
    names = [name for name in label if name.startswith(language)] or [name for name in label if name.startswith("en")]
    return str(label[names[0]] if names else next(iter(label.values()), ""))


def _answer(item: ChecklistItem, answer: ChecklistAnswer | None) -> bool | str | None:
    """Numbers become text as JSON writes them; a photo item is answered by `true`."""
    if answer is None or answer.value is None:
        return None
    if item.kind == "photo":
        return True
    value = answer.value
    if isinstance(value, bool):
        return value
    return _text(value) if isinstance(value, str) else canonical.dumps(value).decode()


def _free_text(items: list[ChecklistItem], answers: dict[UUID, ChecklistAnswer], key: str) -> str:
    found = (answers.get(item.id) for item in items if item.key == key and item.kind == "text")
    return _text("\n".join(str(answer.value) for answer in found if answer))


def _notes(tx: Tx, visit_id: UUID) -> str:
    """What the engineer wrote for the customer to read."""
    public = (Note.visit_id == visit_id) & Note.internal.is_(False) & Note.deleted_at.is_(None)
    query = select(Note.body).where(public).order_by(Note.device_at, Note.id)
    return _text("\n".join(tx.session.scalars(query)))


def quantity(value: Decimal) -> str:
    """A quantity without zeros at its end: `1`, `0.5`."""
    return format(value.normalize(), "f")


def _parts(tx: Tx, visit_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(PartUse.id, PartUse.quantity, Part)
        .join(Part, Part.id == PartUse.part_id)
        .where(PartUse.visit_id == visit_id, PartUse.deleted_at.is_(None))
        .order_by(PartUse.device_at, PartUse.id)
        .limit(500)
    )
    return [
        {
            "id": str(use_id),
            "name": _line(part.name),
            "sku": _line(part.number),
            "quantity": quantity(used),
            "unit": _line(part.unit),
            "price": _price(part),
        }
        for use_id, used, part in tx.session.execute(query)
    ]


def _price(part: Part) -> dict[str, str] | None:
    if part.price_amount is None or part.price_currency is None:
        return None
    return {"amount": format(part.price_amount, "f"), "currency": part.price_currency}


def _photos(tx: Tx, visit_id: UUID) -> list[dict[str, Any]]:
    """The photos that belong to the visit, arrived or not; one whose hash nobody knows yet cannot be signed."""
    known = Media.sha256.is_not(None) & Media.size.is_not(None) & Media.state.not_in(("rejected", "quarantined"))
    live = (Media.visit_id == visit_id) & (Media.kind == "photo") & Media.deleted_at.is_(None)
    when = func.coalesce(Media.captured_at, Media.device_at)
    query = select(Media).where(live, known).order_by(when, Media.id).limit(500)
    return [_photo(photo) for photo in tx.session.scalars(query)]


def _photo(photo: Media) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(photo.id), "sha256": photo.sha256, "bytes": photo.size}
    if photo.caption:
        told["caption"] = _line(photo.caption)
    if photo.captured_at:
        told["taken_at"] = moment(photo.captured_at)
    return told
