"""Assigning by hand: the engine says what it breaks and whom it delays; the dispatcher stays in charge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.prepared import prepared
from app.kernel.problems import ProblemType, invalid
from app.people.models import Engineer
from app.work import access, commands
from app.work import queries as work
from app.work.models import Visit
from dispatch import naming, queries, saying, settings
from dispatch.decisions import keeping
from dispatch.engine.answer import Candidate, Delay, Reason
from dispatch.engine.insertion import recommend
from dispatch.engine.model import Problem
from dispatch.queries import Span
from dispatch.recommending import Question, horizon, problem_of, question
from dispatch.saying import Voice
from dispatch.standing import row_id, seconds

RULE_BROKEN = ProblemType("dispatch-rule-broken", 409, "This breaks a rule of dispatch")
AROUND = timedelta(hours=12)
HOLD = prepared(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
    "FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS held (name, place)",
    "hold engineers",
)
"""One after the other in the order given, so that nobody waits in a circle."""


def assign(
    tx: Tx,
    visit_id: UUID,
    engineer_id: UUID,
    *,
    start: datetime | None = None,
    force: bool = False,
    reason: str | None = None,
    preview: bool = False,
    revision: int | None = None,
    voice: Voice,
) -> dict[str, Any]:
    """Gives a visit to an engineer, at `start` or at the best moment; the visits behind it move along.

    Returns the visit as on the wire with `warnings`. Raises 409 with all reasons when a rule breaks, unless `force`
    (with a `reason`, else 422); 409 once work has begun; 404 and 422 for rows that are not there; 412 when the visit
    is not at `revision` any more, forced or not.
    With `preview` nothing changes: the visit is told as it would be, with rules that break among the `warnings`.
    """
    access.demand_visit(tx, tx.get(Visit, visit_id), "dispatch.assign")
    if force and not preview and not (reason or "").strip():
        raise invalid("/reason", "Say why the rule may be broken.")
    if tx.find(Engineer, engineer_id) is None:
        raise invalid("/engineer_id", "There is no such engineer.")
    hold_engineers(tx, [engineer_id])
    if revision is not None:
        rows.expect_revision(commands.lock_visit(tx, visit_id)[0], revision)
    asked = question(tx, visit_id)
    found, broken = judge(tx, asked, engineer_id, start)
    if found is None and start is None and (preview or force):
        start = _hour(tx, visit_id)
        found, broken = judge(tx, asked, engineer_id, start)
    if preview:
        return _as_it_would_be(tx, visit_id, engineer_id, start, found, broken, voice)
    if found is None and not force:
        told = naming.said(tx, voice, broken)
        raise RULE_BROKEN("; ".join(one["detail"] for one in told), reasons=told)
    begin = saying.moment(found.start) if found else start
    keeping.keep(tx, visit_id, engineer_id, keeping.proposed(tx, visit_id), found, broken, reason)
    commands.assign(tx, visit_id, engineer_id, planned_start=begin, reason=reason)
    warnings = _move_along(tx, found) if found else naming.said(tx, voice, broken)
    return {**rows.one(tx, work.visits(), Visit, visit_id), "warnings": warnings}


def _as_it_would_be(
    tx: Tx,
    visit_id: UUID,
    engineer_id: UUID,
    start: datetime | None,
    found: Candidate | None,
    broken: tuple[Reason, ...],
    voice: Voice,
) -> dict[str, Any]:
    visit = rows.one(tx, work.visits(), Visit, visit_id)
    begin = saying.moment(found.start) if found else start
    ends = saying.moment(found.end) if found else start and start + timedelta(seconds=visit["duration_s"])
    warnings = [_told(delay) for delay in found.delays] if found else naming.said(tx, voice, broken)
    would = {"engineer_id": engineer_id, "planned_start": begin, "planned_end": ends}
    return {**visit, **would, "broken": found is None, "warnings": warnings}


def _hour(tx: Tx, visit_id: UUID) -> datetime:
    """When a visit is done for which no hour was found and none was said: as planned, else as soon as it may."""
    visit = tx.get(Visit, visit_id)
    return visit.planned_start or max(tx.now, visit.window_start or tx.now)


def unassign(tx: Tx, visit_id: UUID, reason: str | None, revision: int | None = None) -> dict[str, Any]:
    """Takes a visit back from whoever holds it: it waits again.

    Raises 409 once work has begun, 404, and 412 when the visit is not at `revision` any more.
    """
    access.demand_visit(tx, tx.get(Visit, visit_id), "dispatch.assign")
    if revision is not None:
        rows.expect_revision(commands.lock_visit(tx, visit_id)[0], revision)
    visit = commands.assign(tx, visit_id, None, reason=reason)
    return {**rows.one(tx, work.visits(), Visit, visit.id), "warnings": []}


def hold_engineers(tx: Tx, engineers: Iterable[UUID]) -> None:
    """Waits for everybody else who changes the day of these engineers, until the end of the transaction."""
    HOLD.run(tx.session, {"names": [f"dispatch:{engineer_id}" for engineer_id in sorted(engineers)]})


def judge(
    tx: Tx, asked: Question, engineer_id: UUID, start: datetime | None
) -> tuple[Candidate | None, tuple[Reason, ...]]:
    """The place that the visit would get on this engineer's day, or every rule that it breaks there."""
    span = horizon(asked.row, tx.now) if start is None else Span(start, start + timedelta(seconds=1), tx.now)
    shifts = list(queries.shifts(tx, span, engineers=[engineer_id]))
    problem = problem_of(tx, asked, span, shifts, settings.zone(tx))
    missed: tuple[Reason, ...] = ()
    if start is not None:
        problem, missed = _at(problem, str(asked.row.id), seconds(start) or 0)
    found = recommend(problem, str(asked.row.id), 1)
    if found.candidates:
        return (None, missed) if missed else (found.candidates[0], ())
    others = found.rejected[0].reasons if found.rejected else (Reason("no_shift"),)
    return None, (*(one for one in others if not missed or one.rule != "window_miss"), *missed)


def _at(problem: Problem, visit_id: str, start: int) -> tuple[Problem, tuple[Reason, ...]]:
    """The problem with the visit fixed to a start, and by how much that misses its own windows."""
    visit = problem.visits[problem.visit_index[visit_id]]
    away, side = min(
        ((max(a - start, start - b, 0), "early" if start < a else "late") for a, b in visit.starts), default=(0, "")
    )
    fixed = replace(visit, windows=((start, start),), earliest=None, latest=None)
    visits = tuple(fixed if v is visit else v for v in problem.visits)
    missed = (Reason("window_miss", {"seconds": away, "minutes": -(-away // 60), "side": side}),) if away else ()
    return replace(problem, visits=visits), missed


def _move_along(tx: Tx, found: Candidate) -> list[dict[str, Any]]:
    """Moves the planned times of the visits that now begin later; a warning for each."""
    warnings = []
    for delay in found.delays:
        other = tx.find(Visit, UUID(row_id(delay.visit_id)))
        if other is None or other.planned_start is None or other.crew_id is not None:
            continue
        later = other.planned_start + timedelta(seconds=delay.seconds)
        commands.assign(tx, other.id, other.engineer_id, planned_start=later, dispatch=False)
        warnings.append(_told(delay))
    return warnings


def _told(delay: Delay) -> dict[str, Any]:
    return {"rule": "delay", "visit_id": row_id(delay.visit_id), "delay_s": delay.seconds, "late_s": delay.late}
