"""Applying a proposal: all of it or chosen routes, only while the ground is as it was, one command a visit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events
from app.kernel.db import Memory, Tx
from app.kernel.problems import STATE_CONFLICT, Problem, ProblemType, invalid
from app.kernel.rows import plain
from app.people.models import Engineer
from app.work import commands
from dispatch import naming, queries, settings
from dispatch.assigning import hold_engineers
from dispatch.models import Plan
from dispatch.proposal import visit_facts

GROUND_MOVED = ProblemType("ground-moved", 409, "The plan's day has changed since")
READY = ("done", "stopped")


def apply_plan(tx: Tx, plan: Plan, engineers: Collection[UUID] | None, publish: bool) -> Plan:
    """Makes the chosen engineers' routes (all when None) the present plan; with `publish` the phones get them.

    Routes that are applied already are left alone: who asks again because the answer was lost hears what stands.
    `plan` is locked. Raises 409 unless it is finished and nothing of its ground has moved (`changed` lists what has),
    422 for engineers without a route and for routes that only make sense together.
    """
    if plan.status not in (*READY, "applied") or plan.answer is None:
        raise STATE_CONFLICT(f"The plan is {plan.status}; it cannot be applied.", status_now=plan.status)
    applied = plan.answer.get("applied", ())
    routes = [route for route in chosen(tx, plan.answer, engineers) if route["engineer_id"] not in applied]
    if not routes and applied:
        return plan
    losing = leaving(plan.answer, routes)
    touched = {step["visit_id"] for route in routes for step in moves(route)} | losing
    many = together(tx, {UUID(route["engineer_id"]) for route in routes}, touched)
    changed = list(_changed(tx, plan, routes, touched))
    if changed:
        raise ground_moved(tx, changed, "planned")
    for visit_id in sorted(losing):
        commands.assign(many, UUID(visit_id), None, reason="plan")
    for route in routes:
        _apply_route(many, plan, route, publish)
    return _mark(tx, plan, routes)


def ground_moved(tx: Tx, changed: list[dict[str, Any]], done: str) -> Problem:
    """The refusal, each visit with what it is called and where."""
    told = naming.visits_told(tx, {one["visit_id"] for one in changed if "visit_id" in one})
    named = [{**one, **told.get(one.get("visit_id", ""), {})} for one in changed]
    return GROUND_MOVED(f"{len(changed)} things have changed since this was {done}.", changed=named)


def chosen(tx: Tx, answer: dict[str, Any], engineers: Collection[UUID] | None) -> list[dict[str, Any]]:
    """The routes of these engineers, all when None.

    Raises 422 for engineers without a route, and for routes that only make sense together with others.
    """
    if engineers is None:
        return list(answer["routes"])
    wanted = {str(engineer_id) for engineer_id in engineers}
    planned = {route["engineer_id"] for route in answer["routes"]}
    if missing := wanted - planned:
        raise invalid("/engineer_ids", f"The plan has no route for {_names(tx, missing)}.")
    needed = {
        change["from_engineer_id"] if change["to_engineer_id"] in wanted else change["to_engineer_id"]
        for change in answer["difference"]
        if change["change"] == "moved"
        and (change["from_engineer_id"] in wanted) != (change["to_engineer_id"] in wanted)
    }
    if needed := needed & planned:
        raise invalid("/engineer_ids", f"Visits move between these routes and those of {_names(tx, needed)}; add them.")
    return [route for route in answer["routes"] if route["engineer_id"] in wanted]


def _names(tx: Tx, engineers: Collection[str]) -> str:
    """What engineers are called; the ids of those who are not there."""
    found = tx.session.execute(select(Engineer.id, Engineer.name).where(Engineer.id.in_(map(UUID, engineers))))
    names = {str(engineer_id): name for engineer_id, name in found}
    return ", ".join(sorted(names.get(one, one) for one in engineers))


def leaving(answer: dict[str, Any], routes: list[dict[str, Any]]) -> set[str]:
    """Visits that lose their engineer."""
    chosen = {route["engineer_id"] for route in routes}
    return {
        change["visit_id"]
        for change in answer["difference"]
        if change["change"] == "unassigned" and change["from_engineer_id"] in chosen
    }


def moves(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The visits of a route that the plan was free to place."""
    return (step for step in route["steps"] if step["visit_id"] and not step["locked"])


def together(tx: Tx, engineers: Collection[UUID], visit_ids: Collection[str]) -> Tx:
    """The transaction with a memory: what is done to these visits one by one is then written as one.

    The days of the engineers, the visits and their jobs are locked.
    """
    hold_engineers(tx, engineers)
    memory = Memory()
    many = replace(tx, memory=memory)
    memory.keep(tx.session.scalars(select(Engineer).where(Engineer.id.in_(engineers))))
    commands.hold_visits(many, [UUID(visit_id) for visit_id in visit_ids])
    return many


def _changed(tx: Tx, plan: Plan, routes: list[dict[str, Any]], touched: set[str]) -> Iterator[dict[str, Any]]:
    """Everything that is not any more as the plan saw it: `what` it is, with its values then and now."""
    assert plan.ground is not None
    engineers = {UUID(route["engineer_id"]) for route in routes}
    span = settings.local_day(plan.date, settings.zone(tx), tx.now, plan.days)
    shifts = {str(row.id): plain([row.starts_at, row.ends_at, row.absences]) for row in queries.shifts(
        tx, span, engineers=engineers
    )}  # fmt: skip
    for route in routes:
        if shifts.get(route["shift_id"]) != plan.ground["shifts"][route["shift_id"]]:
            yield {"engineer_id": route["engineer_id"], "what": ["shift"]}
    then = plan.ground["visits"]
    now = {str(row.id): visit_facts(row) for row in queries.visits_by_id(tx, [UUID(v) for v in touched])}
    for visit_id in sorted(touched):
        if visit_id not in now:
            yield {"visit_id": visit_id, "what": ["gone"]}
        elif what := [name for name, value in then[visit_id].items() if now[visit_id][name] != value]:
            yield {"visit_id": visit_id, "what": what, "was": then[visit_id], "now": now[visit_id]}
    for row in queries.held_visits(tx, span, engineers):
        if str(row.id) not in then:
            yield {"visit_id": str(row.id), "what": ["added"], "now": visit_facts(row)}


def _apply_route(tx: Tx, plan: Plan, route: dict[str, Any], publish: bool) -> None:
    engineer_id = UUID(route["engineer_id"])
    placed = 0
    for number, step in enumerate((s for s in route["steps"] if s["visit_id"]), start=1):
        if step["locked"]:
            continue
        commands.assign(
            tx,
            UUID(step["visit_id"]),
            engineer_id,
            planned_start=datetime.fromisoformat(step["start"]),
            planned_end=datetime.fromisoformat(step["end"]),
            sequence=number,
            reason="plan",
            dispatch=publish,
        )
        placed += 1
    audit.record(tx, "plan.route_applied", "plan", plan.id, {"engineer_id": route["engineer_id"], "visits": placed})


def _mark(tx: Tx, plan: Plan, routes: list[dict[str, Any]]) -> Plan:
    """The plan is `applied` once every route is that changes anything; until then it says which ones are."""
    assert plan.answer is not None
    done = {*plan.answer.get("applied", ()), *(route["engineer_id"] for route in routes)}
    plan.answer = {**plan.answer, "applied": sorted(done)}
    plan.applied_at = tx.now
    changing = {change["to_engineer_id"] or change["from_engineer_id"] for change in plan.answer["difference"]}
    if done >= changing & {route["engineer_id"] for route in plan.answer["routes"]}:
        plan.status = "applied"
    tx.session.flush()
    events.emit(tx, "plan.applied", {"id": str(plan.id), "rev": plan.rev, "engineer_ids": sorted(done)})
    return plan
