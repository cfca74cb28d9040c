"""Taking an applied plan back, as long as nothing that it moved has begun or been moved since."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel import audit, events
from app.kernel.db import Tx
from app.kernel.problems import STATE_CONFLICT
from app.kernel.rows import plain
from app.work import commands
from app.work.statuses import PLANNED
from dispatch import queries
from dispatch.applying import chosen, ground_moved, leaving, moves, together
from dispatch.models import Plan
from dispatch.proposal import visit_facts


def undo_plan(tx: Tx, plan: Plan, engineers: Collection[UUID] | None = None) -> Plan:
    """Gives every visit of the applied routes (of these engineers, all when None) back to whom and when it was before;
    they can be applied again.

    `plan` is locked. Raises 409 when nothing of it is applied, or when something has changed since (`changed`), 422 for
    engineers without a route and for routes that only make sense together.
    """
    answer = plan.answer or {}
    applied = set(answer.get("applied", ()))
    routes = [route for route in chosen(tx, answer, engineers) if route["engineer_id"] in applied] if applied else []
    if not routes or plan.ground is None:
        raise STATE_CONFLICT("Nothing of this plan is applied.", status_now=plan.status)
    wanted = {step["visit_id"]: (route["engineer_id"], step["start"]) for route in routes for step in moves(route)}
    wanted |= dict.fromkeys(leaving(answer, routes), (None, None))
    before = {visit_id: plan.ground["visits"][visit_id] for visit_id in wanted}
    holders = {*(e for e, _ in wanted.values()), *(was["engineer_id"] for was in before.values())} - {None}
    many = together(tx, set(map(UUID, holders)), wanted)
    changed = list(_changed(tx, wanted))
    if changed:
        raise ground_moved(tx, changed, "applied")
    for visit_id in sorted(wanted):
        _give_back(many, UUID(visit_id), before[visit_id])
    left = applied - {route["engineer_id"] for route in routes}
    plan.answer = {**answer, "applied": sorted(left)}
    plan.status, plan.applied_at = "done", plan.applied_at if left else None
    tx.session.flush()
    audit.record(tx, "plan.undone", "plan", plan.id, {"visits": len(wanted)})
    events.emit(tx, "plan.undone", {"id": str(plan.id), "rev": plan.rev})
    return plan


def _changed(tx: Tx, wanted: dict[str, tuple[str | None, str | None]]) -> Iterator[dict[str, Any]]:
    """Visits that are not any more as the plan has left them."""
    now = {str(row.id): row for row in queries.visits_by_id(tx, [UUID(visit_id) for visit_id in wanted])}
    for visit_id, (engineer_id, start) in sorted(wanted.items()):
        row = now.get(visit_id)
        what = []
        if row is None or row.status not in PLANNED:
            what.append("gone" if row is None else "status")
        elif plain(row.engineer_id) != engineer_id:
            what.append("engineer_id")
        elif start is not None and row.planned_start != datetime.fromisoformat(start):
            what.append("planned_start")
        if what:
            yield {"visit_id": visit_id, "what": what, **({"now": visit_facts(row)} if row is not None else {})}


def _give_back(tx: Tx, visit_id: UUID, was: dict[str, Any]) -> None:
    engineer_id = UUID(was["engineer_id"]) if was["engineer_id"] else None
    start = datetime.fromisoformat(was["planned_start"]) if was["planned_start"] else None
    commands.assign(
        tx, visit_id, engineer_id, planned_start=start, reason="plan undone", dispatch=was["reach"] == "told"
    )
