"""What a customer does about a visit of their own: call it off, confirm it, or say what was wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Role
from app.kernel.problems import ILLEGAL_TRANSITION, not_found
from app.portal import rules
from app.work import commands as work
from app.work.models import Visit
from dispatch import slots


def customer(actor: Actor) -> Actor:
    """The person behind a code; what they may do is what the table of steps gives to the customer."""
    return replace(actor, role=Role.CUSTOMER, name="Customer")


def answer(tx: Tx, job_id: UUID, visit_id: UUID, to: str, reason: str | None) -> Visit:
    """Takes the customer's step. Raises 404 for a visit of another job, 409 when it is too late or not its time."""
    visit = tx.get(Visit, visit_id)
    if visit.job_id != job_id:
        raise not_found("visit")
    begins = visit.window_start or visit.planned_start
    if to == "cancelled" and not rules.may_cancel(visit.status, begins, tx.now):
        raise ILLEGAL_TRANSITION("It is too late to cancel here. Please call us.", status_now=visit.status, allowed=[])
    return work.transition(tx, visit_id, to, reason=reason)


def write(tx: Tx, job_id: UUID, words: str) -> None:
    """What the customer has to say, for the office. Callout itself puts it on the job's trail, in their name."""
    work.hear_customer(tx, job_id, words)


def reschedule(tx: Tx, job_id: UUID, visit_id: UUID, start: datetime) -> None:
    """Moves a visit to an open slot: the customer takes the step, Callout plans. Raises 404, and 409 as `answer` does
    or when the slot is gone."""
    visit = _movable(tx, job_id, visit_id)
    asks = customer(tx.actor)
    if visit.status in ("dispatched", "accepted"):
        work.transition(Tx(tx.session, asks, tx.now), visit_id, "rescheduled")
    slots.move_to(tx, visit_id, start, asks)


def open_slots(tx: Tx, job_id: UUID, visit_id: UUID) -> list[tuple[datetime, datetime]]:
    """The times to which a visit could be moved. Raises as `reschedule` does."""
    return slots.open_slots(tx, _movable(tx, job_id, visit_id).id)


def _movable(tx: Tx, job_id: UUID, visit_id: UUID) -> Visit:
    visit = tx.get(Visit, visit_id)
    if visit.job_id != job_id:
        raise not_found("visit")
    if not rules.may_cancel(visit.status, visit.window_start or visit.planned_start, tx.now):
        raise ILLEGAL_TRANSITION("It is too late to move it here. Please call us.", status_now=visit.status, allowed=[])
    return visit
