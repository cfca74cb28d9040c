"""Offers: one engineer after the other is asked, each for a while; at last the dispatcher."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.kernel import audit, events, tasks
from app.kernel.db import Tx
from app.people.models import Shift
from app.places.models import Territory
from app.work import commands
from app.work.models import Job, JobType, Visit
from app.work.statuses import UNPUBLISHED
from dispatch import saying, settings
from dispatch.assigning import hold_engineers, judge
from dispatch.methods import choosing
from dispatch.methods.models import Offer
from dispatch.recommending import question

AGAIN = timedelta(days=2)
"""For how long nobody is asked twice for the same visit."""
EMERGENCY = 1


def place(tx: Tx, visit_id: UUID, method: str) -> Offer | None:
    """Does what `method` says with a waiting visit: asks or assigns somebody, or tells the dispatcher whom to send."""
    if method == "recommend":
        found = choosing.in_order(tx, visit_id, method, ())
        events.emit(tx, "visit.recommended", {"visit_id": str(visit_id), "engineer_ids": [str(e) for e in found[:5]]})
    if method in ("auto", "round_robin", "nearest"):
        return offer_next(tx, visit_id, method)
    return None


def offer_next(tx: Tx, visit_id: UUID, method: str) -> Offer | None:
    """Asks the next engineer who can go and was not asked yet; when there is none, the dispatcher is told."""
    commands.hold_visits(tx, [visit_id])
    visit = tx.find(Visit, visit_id)
    if visit is None or visit.status not in UNPUBLISHED or visit.engineer_id or visit.crew_id:
        return None
    job = tx.get(Job, visit.job_id)
    if job.held_at is not None:
        return None
    asked = _asked(tx, visit_id)
    for engineer_id in choosing.in_order(tx, visit_id, method, asked):
        hold_engineers(tx, [engineer_id])
        found, _ = judge(tx, question(tx, visit_id), engineer_id, None)
        if found:
            return offer(tx, visit_id, engineer_id, method, saying.moment(found.start))
    if job.priority == EMERGENCY:
        for engineer_id in choosing.on_call(tx, visit_id, asked)[:1]:
            return offer(tx, visit_id, engineer_id, method, tx.now)
    events.emit(tx, "visit.nobody_left", {"visit_id": str(visit_id), "method": method, "asked": len(asked)})
    return None


def _asked(tx: Tx, visit_id: UUID) -> set[UUID]:
    """Who was asked and could answer: an offer that was withdrawn does not count."""
    query = select(Offer.engineer_id).where(Offer.visit_id == visit_id, Offer.created_at > tx.now - AGAIN)
    return set(tx.session.scalars(query.where(Offer.answer != "withdrawn")))


def offer(tx: Tx, visit_id: UUID, engineer_id: UUID, method: str, start: datetime, seconds: int | None = None) -> Offer:
    """Gives the visit to an engineer who has `seconds` to answer (default: as the settings say) before the next one
    is asked. Where the settings give no time, it is simply assigned."""
    patience = seconds or settings.current(tx).offer_s
    expires = _begins(tx, engineer_id) + timedelta(seconds=patience) if patience else None
    _withdraw(tx, visit_id)
    commands.assign(
        tx, visit_id, engineer_id, planned_start=start, reason=f"offered: {method}", offer_expires_at=expires
    )
    answer = "open" if expires else "assigned"
    made = Offer(visit_id=visit_id, engineer_id=engineer_id, method=method, answer=answer, expires_at=expires)
    tx.add(made)
    if expires:
        tasks.schedule(
            tx, "dispatch.offer_expired", {"offer_id": str(made.id)}, key=str(made.id), delay=expires - tx.now
        )
    _tell(tx, made, "offer.made")
    return made


def _begins(tx: Tx, engineer_id: UUID) -> datetime:
    """When the time to answer begins: now on duty, else with the next shift. Nobody is woken."""
    query = select(func.min(Shift.starts_at)).where(
        Shift.engineer_id == engineer_id, Shift.deleted_at.is_(None), Shift.ends_at > tx.now
    )
    starts: datetime | None = tx.session.scalar(query)
    return max(tx.now, starts or tx.now)


def _withdraw(tx: Tx, visit_id: UUID) -> None:
    """What somebody else did to the visit meanwhile ends an older offer."""
    old = update(Offer).where(Offer.visit_id == visit_id, Offer.answer == "open")
    tx.session.execute(old.values(answer="withdrawn", answered_at=tx.now))


def expire(tx: Tx, offer_id: UUID) -> None:
    """The time of an offer is over: unless it was answered, the visit is taken back and the next one is asked.

    Running it twice, or too early, does no harm.
    """
    visit_id = tx.get(Offer, offer_id).visit_id
    commands.hold_visits(tx, [visit_id])
    made = tx.get(Offer, offer_id, lock=True)
    if made.answer != "open" or made.expires_at is None:
        return
    if tx.now < made.expires_at:
        key = f"{offer_id}@{tx.now.timestamp()}"
        left = made.expires_at - tx.now
        tasks.schedule(tx, "dispatch.offer_expired", {"offer_id": str(offer_id)}, key=key, delay=left)
        return
    visit = tx.find(Visit, visit_id)
    if visit is None or visit.engineer_id != made.engineer_id or visit.status != "dispatched":
        _close(tx, made, "withdrawn")
        return
    _close(tx, made, "expired")
    commands.assign(tx, visit_id, None, reason="no answer in time")
    offer_next(tx, visit_id, made.method)


def answered(tx: Tx, visit_id: UUID, to: str, reason: str | None) -> None:
    """An engineer (or the office) has decided about an offered visit; after a refusal the next one is asked."""
    commands.hold_visits(tx, [visit_id])
    query = select(Offer).where(Offer.visit_id == visit_id, Offer.answer == "open")
    made = tx.session.scalars(query.with_for_update()).one_or_none()
    if made is None:
        return
    made.reason = reason
    _close(tx, made, {"accepted": "accepted", "rejected": "declined"}.get(to, "withdrawn"))
    if to == "rejected":
        offer_next(tx, visit_id, made.method)


def withdraw_held(tx: Tx, job_id: UUID) -> None:
    """Takes back the open offers of a job that is on hold: its visits wait, nobody is asked meanwhile."""
    visits = sorted(tx.session.scalars(select(Visit.id).where(Visit.job_id == job_id, Visit.deleted_at.is_(None))))
    commands.hold_visits(tx, visits)
    if tx.session.scalar(select(Job.held_at).where(Job.id == job_id)) is None:
        return
    query = select(Offer).where(Offer.visit_id.in_(visits), Offer.answer == "open").with_for_update()
    for made in tx.session.scalars(query).all():
        visit = tx.find(Visit, made.visit_id)
        _close(tx, made, "withdrawn")
        if visit and visit.engineer_id == made.engineer_id and visit.status == "dispatched":
            commands.assign(tx, visit.id, None, reason="the job is on hold")


def resume(tx: Tx, job_id: UUID) -> None:
    """A job goes on: its visits that nobody holds find somebody again."""
    query = (
        select(Visit.id, func.coalesce(Visit.dispatch_method, Territory.dispatch_method, JobType.dispatch_method))
        .join(Job, Job.id == Visit.job_id)
        .join(JobType, JobType.id == Job.job_type_id)
        .outerjoin(Territory, Territory.id == Visit.territory_id)
        .where(Job.id == job_id, Job.triaged_at.is_not(None), Visit.deleted_at.is_(None))
        .where(Visit.engineer_id.is_(None), Visit.crew_id.is_(None), Visit.status.in_(UNPUBLISHED))
    )
    for visit_id, method in tx.session.execute(query.order_by(Visit.id)).all():
        place(tx, visit_id, method)


def _close(tx: Tx, made: Offer, answer: str) -> None:
    made.answer, made.answered_at = answer, tx.now
    tx.session.flush()
    _tell(tx, made, f"offer.{answer}")


def _tell(tx: Tx, made: Offer, topic: str) -> None:
    told: dict[str, Any] = {"visit_id": str(made.visit_id), "engineer_id": str(made.engineer_id), "method": made.method}
    audit.record(tx, topic, "offer", made.id, told)
    until = made.expires_at.isoformat() if made.expires_at else None
    events.emit(tx, topic, {"id": str(made.id), **told, "expires_at": until})
