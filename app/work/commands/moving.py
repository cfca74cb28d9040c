"""One step of a visit: who may take it, what must be there, and everything that it writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.kernel import audit, events
from app.kernel.db import Tx
from app.kernel.permissions import Role
from app.kernel.problems import FORBIDDEN, ILLEGAL_TRANSITION, ProblemType, invalid
from app.work import access, guards, transitions
from app.work.commands.deriving import refresh_job
from app.work.commands.times import When
from app.work.models import Job, Visit, VisitEvent
from app.work.transitions import Step

GUARDS_UNMET = ProblemType("guards-unmet", 409, "Something is still missing before this step")


@dataclass(frozen=True)
class Deed:
    """What is told of a step besides its pair."""

    at: When
    reason: str | None = None
    location: str | None = None


def legal_step(tx: Tx, visit: Visit, to: str) -> Step:
    """The step that the actor may take from where `visit` is; raises 409 or 403."""
    mine = access.parties(tx, visit)
    allowed = transitions.allowed(visit.status, mine)
    step = transitions.step(visit.status, to)
    if step is None:
        sentence = f"A visit that is {visit.status} cannot become {to}."
        raise ILLEGAL_TRANSITION(sentence, status_now=visit.status, allowed=allowed)
    if not mine & set(step.who):
        who = " or ".join(step.who)
        raise FORBIDDEN(f"From {visit.status} to {to} is the step of the {who}.", allowed=allowed)
    if not mine & {"engineer", "customer"}:
        access.demand_visit(tx, visit, "visits.transition")
    return step


def demand_reason(step: Step, reason: str | None) -> None:
    """Raises 422 when the table demands a reason and none is given."""
    if step.reason and not (reason or "").strip():
        raise invalid("/reason", f"Say why: {step.to} needs a reason.")


def demand_guards(tx: Tx, visit: Visit, step: Step) -> None:
    """Raises 409 naming everything that is still missing before `step`."""
    gaps = guards.missing(tx, visit, step.to, step.guards)
    if gaps:
        allowed = transitions.allowed(visit.status, access.parties(tx, visit))
        names = ", ".join(dict.fromkeys(gap["guard"] for gap in gaps))
        raise GUARDS_UNMET(f"Before {step.to}: {names}.", missing=gaps, allowed=allowed)


def take(tx: Tx, visit: Visit, job: Job, step: Step, deed: Deed) -> VisitEvent:
    """Takes a legal step of a locked visit: row, event, job status, audit. Raises for reasons and guards."""
    demand_reason(step, deed.reason)
    demand_guards(tx, visit, step)
    holder, crew, offered = visit.engineer_id, visit.crew_id, visit.offer_expires_at is not None
    follow = transitions.automatic(step.to)
    rev = tx.settle(visit, **_changes(step, follow, deed))
    event = record(tx, visit, step, deed, holder, rev=rev, crew_id=crew)
    if follow:
        record(tx, visit, follow, replace(deed, reason=None, location=None), holder, rev=rev)
    refresh_job(tx, job)
    announce(tx, visit, event)
    if offered and step.source == "dispatched":
        events.emit(tx, "visit.offer_answered", {"visit_id": str(visit.id), "to": step.to, "reason": deed.reason})
    return event


def _changes(step: Step, follow: Step | None, deed: Deed) -> dict[str, Any]:
    """What a step writes. Where no visit rests, it goes on: a rejection gives it back to the dispatcher without
    engineer, a sent-back one is worked on."""
    changes: dict[str, Any] = {"status": follow.to if follow else step.to}
    if step.source == "dispatched":
        changes["offer_expires_at"] = None
    if step.to == "cancelled":
        changes["cancel_reason"] = deed.reason
    elif step.event == "rescheduled" or step.to == "aborted":
        changes["sequence"] = None
    elif step.to == "rejected":
        changes |= dict.fromkeys(("engineer_id", "crew_id", "sequence"))
    return changes


def record(
    tx: Tx,
    visit: Visit,
    step: Step,
    deed: Deed,
    engineer_id: UUID | None,
    *,
    rev: int | None = None,
    applied: bool = True,
    flags: tuple[str, ...] = (),
    crew_id: UUID | None = None,
    **data: Any,
) -> VisitEvent:
    """Appends one fact to the visit's course, under the assignment it was done under. rev: the visit's, if it is about
    to be written."""
    if crew_id is not None:
        data["crew_id"] = str(crew_id)
    if tx.actor.role is Role.CUSTOMER:
        data["by"] = "customer"  # who has no account and so no user_id
    event = VisitEvent(
        visit_id=visit.id,
        event=step.name,
        from_status=step.source,
        to_status=step.to,
        applied=applied,
        visit_rev=rev or visit.rev,
        engineer_id=tx.actor.engineer_id if "engineer" in step.who and tx.actor.engineer_id else engineer_id,
        user_id=tx.actor.user_id,
        device_id=tx.actor.device_id,
        reason=deed.reason,
        location=deed.location,
        device_at=deed.at.device_at,
        received_at=tx.now,
        corrected_at=deed.at.corrected_at,
        flags=sorted({*deed.at.flags, *flags}),
        data=data,
    )
    return tx.append(event)


def announce(tx: Tx, visit: Visit, event: VisitEvent) -> None:
    """Audits a step of a visit, and tells of it."""
    payload = {
        "id": str(visit.id),
        "rev": event.visit_rev,
        "visit_id": str(visit.id),
        "job_id": str(visit.job_id),
        "engineer_id": str(event.engineer_id) if event.engineer_id else None,
        "event_id": str(event.id),
        "from": event.from_status,
        "to": event.to_status,
        "status": visit.status,
        "corrected_at": event.corrected_at.isoformat(),
    }
    audit.record(tx, "visit.transitioned", "visit", visit.id, {**payload, "reason": event.reason})
    events.emit(tx, "visit.transitioned", payload)
    if event.to_status == "completed":
        events.emit(tx, "visit.completed", payload)
