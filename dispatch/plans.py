"""Plans: asked for, made in the background, read, stopped. Applying is in `applying.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from app.kernel import audit, clock, events, rows, tasks
from app.kernel.actor import Actor, system_actor
from app.kernel.db import Tx, transaction
from app.kernel.ids import new_id
from app.kernel.permissions import Scope
from app.kernel.problems import STATE_CONFLICT, invalid
from app.work.statuses import PLANNED
from dispatch import circumstances, codec, proposal, queries, roads, settings
from dispatch.engine.answer import Plan as Answer
from dispatch.engine.model import Problem
from dispatch.models import Plan
from dispatch.snapshot import Ground, build

FARTHEST = timedelta(days=366)
MOST_ELSEWHERE = 200
"""Waiting visits of other days that a plan names, the next first; it counts all of them."""
FINISHED = ("done", "stopped", "applied")


def create_plan(tx: Tx, data: dict[str, Any]) -> Plan:
    """Asks for a plan; the work is a task. `data` holds columns of a Plan; the date defaults to the local today.

    A dispatcher of some territories plans these only. Raises 422 for a day that is over or far away, and for foreign
    territories.
    """
    today = tx.now.astimezone(settings.zone(tx)).date()
    data = {**data, "date": data.get("date") or today, "territory_ids": _territories(tx, data.get("territory_ids"))}
    if not today <= data["date"] <= today + FARTHEST:
        raise invalid("/date", f"Plans are made for today ({today}) and the {FARTHEST.days} days after it.")
    plan = tx.add(Plan(**{"id": new_id(), **data, "created_by": tx.actor.user_id}))
    plan.task_id = tasks.enqueue(tx, "dispatch.plan", {"plan_id": str(plan.id)}, key=str(plan.id))
    tx.session.flush()
    rows.written(tx, plan, "created", rows.plain(data))
    return plan


def _territories(tx: Tx, asked: Collection[UUID] | None) -> list[UUID] | None:
    if tx.actor.demand("dispatch.plan") is Scope.ALL:
        return list(asked) if asked is not None else None
    foreign = set(asked or ()) - tx.actor.territory_ids
    if foreign:
        raise invalid("/territory_ids", "You plan only the territories that are yours.")
    return list(asked or tx.actor.territory_ids)


def visible(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Plans of the actor's territories, and the own ones."""
    return or_(Plan.territory_ids.contained_by(list(actor.territory_ids)), Plan.created_by == actor.user_id)


def stop_plan(tx: Tx, plan: Plan) -> Plan:
    """Asks a running plan to end with the best so far. Raises 409 when it has ended."""
    if plan.status not in ("queued", "running"):
        raise STATE_CONFLICT(f"The plan is {plan.status}.", status_now=plan.status)
    plan.stop_asked_at = tx.now
    tx.session.flush()
    audit.record(tx, "plan.stopped", "plan", plan.id, {})
    return plan


def make(tx: Tx, plan_id: UUID, report: Callable[[float, str], None]) -> None:
    """Makes the proposal of a plan; running it again after a crash starts anew, a finished one is left alone.

    Progress and failure are written at once, outside `tx`; the proposal only with it.
    """
    plan = tx.get(Plan, plan_id)
    if plan.status in FINISHED:
        return
    aside(tx, plan_id, status="running", started_at=clock.now(), message=None)
    try:
        _propose(tx, plan, report)
    except Exception as error:
        aside(tx, plan_id, status="failed", finished_at=clock.now(), message=f"{type(error).__name__}: {error}"[:500])
        raise


def aside(tx: Tx, plan_id: UUID, **values: Any) -> None:
    """Writes columns of a plan in a transaction of their own, so that others see them now."""
    with transaction(system_actor(tx.actor.org_id)) as now:
        now.session.execute(update(Plan).where(Plan.id == plan_id).values(**values))


def _propose(tx: Tx, plan: Plan, report: Callable[[float, str], None]) -> None:
    ground = read_ground(tx, plan)
    own = settings.current(tx)
    problem = build(ground, roads.matrix, lock=plan.lock, weights=settings.weights(own, plan.stability))

    def stopped() -> bool:
        with transaction(system_actor(tx.actor.org_id)) as now:
            return now.session.scalar(select(Plan.stop_asked_at).where(Plan.id == plan.id)) is not None

    answer = _solved(problem, stop=stopped, progress=report, time_limit=plan.time_limit_s)
    held = {row.id for row in ground.held}
    values = {
        "status": "stopped" if stopped() else "done",
        "progress": 1.0,
        "message": None,
        "finished_at": clock.now(),
        "source": answer.source,
        "snapshot": codec.packed(problem),
        "travel": codec.packed_travel(problem.travel),  # type: ignore[arg-type]
        "ground": proposal.facts(ground.shifts, [*ground.held, *ground.waiting]),
        "answer": {
            **proposal.stored_answer(problem, answer, ground),
            "elsewhere": proposal.elsewhere(_elsewhere(tx, plan, ground), tx.now),
        },
    }
    tx.session.execute(update(Plan).where(Plan.id == plan.id).values(**values))
    totals = {"assigned": answer.totals.assigned, "unassigned": answer.totals.unassigned, "held": len(held)}
    events.emit(tx, "plan.finished", {"id": str(plan.id), "status": values["status"], **totals})


def read_ground(tx: Tx, plan: Plan) -> Ground:
    """Everything that the plan's days hang on, as it is now. A constant number of statements."""
    own, zone = settings.with_zone(tx)
    span = settings.local_day(plan.date, zone, tx.now, plan.days)
    shifts = queries.shifts(tx, span, engineers=plan.engineer_ids, territories=plan.territory_ids)
    held = queries.held_visits(tx, span, {row.engineer_id for row in shifts})
    waiting = _waiting(tx, plan, span, {row.id for row in held})
    return Ground(
        span=span,
        zone=zone,
        shifts=shifts,
        held=held,
        waiting=waiting,
        max_travel=own.max_travel_s,
        require_parts=own.require_parts,
        first=plan.date,
        slack_percent=own.slack_percent,
        **vars(circumstances.of_visits(tx, [*held, *waiting])),
    )


def _waiting(tx: Tx, plan: Plan, span: queries.Span, held: Collection[UUID]) -> list[Any]:
    """The visits to be placed: the ones asked for, or all that wait."""
    if plan.visit_ids is None:
        return list(queries.waiting_visits(tx, span, plan.territory_ids))
    asked = queries.visits_by_id(tx, plan.visit_ids)
    if plan.territory_ids is not None:
        asked = [row for row in asked if row.territory_id is None or row.territory_id in plan.territory_ids]
    return [row for row in asked if row.id not in held and row.status in PLANNED and row.crew_id is None]


def _elsewhere(tx: Tx, plan: Plan, ground: Ground) -> Sequence[Any]:
    """What waits too but belongs to other days, unless visits were asked for by name."""
    if plan.visit_ids is not None:
        return ()
    return queries.waiting_elsewhere(tx, ground.span, plan.territory_ids, MOST_ELSEWHERE)


def replayed(plan: Plan) -> Answer:
    """The engine's answer to the stored snapshot, worked out again from the plan that its search began with."""
    assert plan.snapshot is not None
    assert plan.travel is not None
    assert plan.answer is not None
    rounds, until = plan.answer["rounds"]
    problem = codec.unpacked(plan.snapshot, plan.travel)
    start, counts = (plan.answer["method"], plan.answer["start"]), plan.answer.get("parts", ())
    return replace(_solved(problem, rounds=rounds, until=until, counts=counts, start=start), notes=())


def _solved(
    problem: Problem,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[float, str], None] = lambda share, message: None,
    **options: Any,
) -> Answer:
    """The engine's plan. The search brings a compiler along, which only the processes that plan should carry."""
    from dispatch.engine import solve

    return solve.plan(problem, solve.Options(**options), stop=stop, progress=progress)
