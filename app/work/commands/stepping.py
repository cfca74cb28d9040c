"""The step of a visit online, and the step that a phone took while it was away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.kernel.db import Tx
from app.kernel.problems import FORBIDDEN, ILLEGAL_TRANSITION, not_found
from app.kernel.synced import Outcome
from app.work import access, guards, transitions
from app.work.commands.deriving import lock_visit
from app.work.commands.late import record_late_fact
from app.work.commands.moving import Deed, demand_reason, legal_step, record, take
from app.work.commands.times import when
from app.work.commands.visits import follow_up_after
from app.work.models import Job, Visit, VisitEvent
from app.work.transitions import Step

MATE = "crew_mate_was_first"


def transition(
    tx: Tx,
    visit_id: UUID,
    to: str,
    *,
    device_at: datetime | None = None,
    corrected_at: datetime | None = None,
    reason: str | None = None,
    location: str | None = None,
) -> Visit:
    """Takes a visit to `to` (a status, or `rescheduled`); `location` is EWKT of a point.

    Raises 409 for a pair that the table does not have (checked first) or an unmet guard, 403 when the pair is for
    others, 422 without a demanded reason. All 409 and 403 name what is `allowed`.
    """
    visit, job = lock_visit(tx, visit_id)
    step = legal_step(tx, visit, "scheduled" if to == "rescheduled" else to)
    _go(tx, visit, job, step, Deed(when(tx, device_at, corrected_at), reason, location))
    return visit


def _go(tx: Tx, visit: Visit, job: Job, step: Step, deed: Deed) -> None:
    take(tx, visit, job, step, deed)
    follow_up_after(tx, visit, job, deed.reason)


def transition_from_device(
    tx: Tx,
    visit_id: UUID,
    to: str,
    *,
    base_rev: int | None = None,
    device_at: datetime | None = None,
    corrected_at: datetime | None = None,
    reason: str | None = None,
    location: str | None = None,
    flags: tuple[str, ...] = (),
) -> Outcome:
    """A step taken offline by an engineer who saw the visit at `base_rev`.

    Legal now: taken. Legal only where the phone believed the visit to be: kept as a fact, the status stays, a
    Conflict is open (none when a crew mate was simply first). Illegal there too: raises 409; 403 for office steps;
    404 when the visit never was this engineer's.
    """
    visit, job = lock_visit(tx, visit_id)
    deed = Deed(when(tx, device_at, corrected_at, flags), reason, location)
    holding = access.holds(tx, visit)
    if not holding and not access.held_once(tx, visit.id):
        raise not_found("visit")
    now = transitions.step(visit.status, to)
    if holding and now and _may(now):
        _go(tx, visit, job, now, deed)
        return Outcome("applied")
    return _keep(tx, visit, _believed_step(tx, visit, to, base_rev), deed, holding)


def _may(step: Step) -> bool:
    return step.offline and "engineer" in step.who


def _believed_step(tx: Tx, visit: Visit, to: str, base_rev: int | None) -> Step:
    """The step from the status that the phone had in mind; raises when the table never allowed it."""
    believed = believed_status(tx, visit, base_rev)
    step = transitions.step(believed, to)
    if step is None:
        raise ILLEGAL_TRANSITION(
            f"A visit that is {believed} cannot become {to}.",
            status_now=visit.status,
            allowed=transitions.allowed(visit.status, access.parties(tx, visit)),
        )
    if not _may(step):
        raise FORBIDDEN(f"From {believed} to {to} is not a step for a phone.", allowed=[])
    return step


def believed_status(tx: Tx, visit: Visit, base_rev: int | None) -> str:
    """Where this engineer's phone believed the visit to be: at `base_rev`, or after what it has told us since."""
    seen = VisitEvent.applied & (VisitEvent.visit_rev <= (visit.rev if base_rev is None else base_rev))
    told = and_(VisitEvent.user_id == tx.actor.user_id, VisitEvent.device_id.is_not_distinct_from(tx.actor.device_id))
    query = select(VisitEvent.to_status).where(VisitEvent.visit_id == visit.id, or_(seen, told))
    return tx.session.scalar(query.order_by(VisitEvent.seq.desc()).limit(1)) or "draft"


def _keep(tx: Tx, visit: Visit, step: Step, deed: Deed, holding: bool) -> Outcome:
    """Appends the fact without moving the visit. What a guard still misses is flagged, never a ground to lose it."""
    demand_reason(step, deed.reason)
    mate = holding and visit.crew_id is not None and visit.status != "cancelled"
    doubts = [MATE if mate else "late"]
    if guards.missing(tx, visit, step.to, step.guards):
        doubts.append("guards_unmet")
    event = record(tx, visit, step, deed, tx.actor.engineer_id, applied=False, flags=tuple(doubts))
    if mate:
        return Outcome("applied")
    told = {"to": step.to, "reason": deed.reason, "corrected_at": deed.at.corrected_at}
    conflict = record_late_fact(tx, visit, "visit_events", event.id, told)
    return Outcome("conflict", conflict_id=conflict.id)
