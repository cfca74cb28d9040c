"""What would happen if: an overrun, a cancellation, an absence, an urgent visit. Nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.problems import invalid
from app.work import access
from app.work.models import Visit as VisitRow
from dispatch import circumstances, naming, queries, roads, saying, settings
from dispatch.engine.impact import Effect, effects
from dispatch.engine.insertion import recommend
from dispatch.engine.model import Problem
from dispatch.queries import Span
from dispatch.recommending import question
from dispatch.saying import Voice
from dispatch.snapshot import Ground, build
from dispatch.standing import row_id

REACH = timedelta(days=1)

Change = dict[str, Any]


def what_if(tx: Tx, changes: Sequence[Change], voice: Voice) -> dict[str, Any]:
    """Delays, deadlines at risk, visits that lose their place, and where urgent ones would go.

    `changes` are `{"kind": "delay"|"cancel"|"insert"|"absence", …}`, taken in order. Raises 404 and 422 for visits
    and engineers that are not there.
    """
    before = _present(tx, changes)
    after, freed = before, []
    for number, change in enumerate(changes):
        if change["kind"] == "absence":
            after, lost = _without_engineer(after, str(change["engineer_id"]))
            freed += lost
        elif change["kind"] != "insert":
            after = _changed_visit(after, change, f"/changes/{number}/visit_id")
    placed = []
    for change in changes:
        if change["kind"] == "insert":
            after, where = _insert(tx, after, change, voice)
            placed.append(where)
    found = effects(before, after)
    return {
        "delays": [_delay(one) for one in found],
        "deadlines_at_risk": [_delay(one) for one in found if one.late > one.late_before],
        "unassigned": [row_id(v) for v in freed],
        "placed": placed,
    }


def _present(tx: Tx, changes: Sequence[Change]) -> Problem:
    """The routes of everybody in the next hours, and the visits that would be inserted."""
    span = Span(tx.now, tx.now + REACH, tx.now)
    asked = [_asked(tx, change["visit_id"]) for change in changes if change["kind"] == "insert"]
    for moment in (row.window_start for row in asked):
        if moment is not None and moment > span.ends - REACH:
            span = Span(span.starts, max(span.ends, moment + REACH), span.now)
    shifts = queries.shifts(tx, span, territories=tx.actor.territory_ids or None)
    held = queries.held_visits(tx, span, {row.engineer_id for row in shifts})
    own, waiting = settings.current(tx), [row for row in asked if row.id not in {h.id for h in held}]
    ground = Ground(
        span=span,
        zone=settings.zone(tx),
        shifts=shifts,
        held=held,
        waiting=waiting,
        max_travel=own.max_travel_s,
        require_parts=own.require_parts,
        **vars(circumstances.of_visits(tx, waiting)),
    )
    return build(ground, roads.around, lock="started", keep_times=True, weights=settings.weights(own))


def _asked(tx: Tx, visit_id: UUID) -> Any:
    access.demand_visit(tx, tx.get(VisitRow, visit_id), "dispatch.read")
    return question(tx, visit_id).row


def _changed_visit(problem: Problem, change: Change, pointer: str) -> Problem:
    """A visit that takes longer, or that is not done at all."""
    visit_id = str(change["visit_id"])
    if visit_id not in {v for route in problem.routes.values() for v in route}:
        raise invalid(pointer, "This visit is not on anybody's route in the next day.")
    if change["kind"] == "cancel":
        return _off_routes(problem, {visit_id})
    visits = tuple(replace(v, service=v.service + change["seconds"]) if v.id == visit_id else v for v in problem.visits)
    return replace(problem, visits=visits)


def _off_routes(problem: Problem, gone: Collection[str]) -> Problem:
    routes = {day: tuple(v for v in route if v not in gone) for day, route in problem.routes.items()}
    visits = tuple(replace(v, lock=None) if v.id in gone else v for v in problem.visits)
    return replace(problem, routes=routes, visits=visits)


def _without_engineer(problem: Problem, engineer_id: str) -> tuple[Problem, list[str]]:
    """An engineer who is not there: the days vanish, their visits have to go elsewhere."""
    days = {day.id for day in problem.days if day.engineer_id == engineer_id}
    lost = [v for day in days for v in problem.routes.get(day, ())]
    rest = replace(_off_routes(problem, lost), days=tuple(d for d in problem.days if d.id not in days))
    return rest, lost


def _insert(tx: Tx, problem: Problem, change: Change, voice: Voice) -> tuple[Problem, dict[str, Any]]:
    """The problem with an urgent visit at its best place (with the engineer asked for), and where that is."""
    visit_id, wanted = str(change["visit_id"]), change.get("engineer_id")
    bound = problem
    if wanted:
        only = frozenset({str(wanted)})
        visits = tuple(replace(v, required_engineers=only) if v.id == visit_id else v for v in problem.visits)
        bound = replace(problem, visits=visits)
    found = recommend(bound, visit_id, 1, 5)
    people = {one.engineer_id for one in found.candidates} | {one.engineer_id for one in found.rejected}
    voice = naming.named(tx, voice, (reason for one in found.rejected for reason in one.reasons), people)
    if not found.candidates:
        return problem, {"visit_id": visit_id, "candidate": None, "rejected": saying.rejected(found.rejected, voice)}
    best = found.candidates[0]
    route = [v for v in problem.routes.get(best.day_id, ()) if v != visit_id]
    route.insert(best.position, visit_id)
    routes = {d: tuple(v for v in r if v != visit_id) for d, r in problem.routes.items()} | {best.day_id: tuple(route)}
    return replace(problem, routes=routes), {
        "visit_id": visit_id,
        "candidate": saying.candidate(best, voice),
        "rejected": [],
    }


def _delay(effect: Effect) -> dict[str, Any]:
    return {
        "visit_id": row_id(effect.visit_id),
        "engineer_id": effect.engineer_id,
        "start": saying.moment(effect.start),
        "delay_s": effect.delay,
        "window_missed_s": effect.window_missed,
        "late_s": effect.late,
    }
