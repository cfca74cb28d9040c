"""When else a visit could be: spans of two hours in which somebody who can do it is free, and taking one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.problems import ProblemType
from app.work import commands
from app.work.models import Visit
from dispatch import queries, settings
from dispatch.assigning import hold_engineers
from dispatch.engine.answer import Candidate
from dispatch.engine.insertion import recommend
from dispatch.engine.model import Problem
from dispatch.queries import Span
from dispatch.recommending import Question, need_of, problem_of, question
from dispatch.standing import seconds

SLOT_GONE = ProblemType("slot-gone", 409, "This time is not free any more")
HOURS = (8, 10, 13, 15)
LENGTH, LEAD = timedelta(hours=2), timedelta(hours=2)
DAYS, MOST, MOST_SHIFTS = 5, 12, 60
"""How far ahead is looked, how many are offered, how many days of engineers are tried, the nearest first."""


def open_slots(tx: Tx, visit_id: UUID) -> list[tuple[datetime, datetime]]:
    """The next spans in which the visit fits beside everything planned, nobody else coming late for it."""
    row = question(tx, visit_id).row
    found: list[tuple[datetime, datetime]] = []
    if row.crew_id is not None:
        return found
    problem = _problem(tx, visit_id, Span(tx.now, tx.now + timedelta(days=DAYS), tx.now))
    for start in _starts(tx.now, settings.zone(tx)):
        if len(found) == MOST:
            break
        if problem is not None and _best(problem, visit_id, start) is not None:
            found.append((start, start + LENGTH))
    return found


def move_to(tx: Tx, visit_id: UUID, start: datetime, asks: Actor) -> Visit:
    """Promises the span that begins at `start`, as the wish of whoever asks; a visit that somebody holds stays theirs
    if they can, else goes to whoever can. Raises 409 when it is no open slot (any more)."""
    visit = tx.get(Visit, visit_id, lock=True)
    holder, crew = visit.engineer_id, visit.crew_id
    if crew is not None or start not in _starts(tx.now, settings.zone(tx)):
        raise SLOT_GONE("Choose one of the times that are offered.")
    span = Span(start, start + LENGTH, tx.now)
    best = _chosen(tx, visit_id, span, holder)
    if best is None:
        raise SLOT_GONE("Somebody else has just taken this time. Choose another one.")
    wish = Tx(tx.session, asks, tx.now)
    commands.update_visit(wish, visit, {"window_start": start, "window_end": start + LENGTH})
    if holder is not None:
        begin = datetime.fromtimestamp(best.start, tx.now.tzinfo)
        commands.assign(tx, visit_id, UUID(best.engineer_id), planned_start=begin)
    return visit


def _chosen(tx: Tx, visit_id: UUID, span: Span, holder: UUID | None) -> Candidate | None:
    """Whoever would come, judged again once nobody else may change their day."""
    best = _at(tx, visit_id, span, [holder]) if holder else None
    best = best or _at(tx, visit_id, span, None)
    if best is None:
        return None
    hold_engineers(tx, [UUID(best.engineer_id)])
    return _at(tx, visit_id, span, [UUID(best.engineer_id)])


def _at(tx: Tx, visit_id: UUID, span: Span, only: list[UUID] | None) -> Candidate | None:
    problem = _problem(tx, visit_id, span, only)
    return _best(problem, visit_id, span.starts) if problem is not None else None


def _problem(tx: Tx, visit_id: UUID, span: Span, only: list[UUID] | None = None) -> Problem | None:
    """The visit without its window, beside everything in `span`; None when nobody works then."""
    asked = question(tx, visit_id)
    row = SimpleNamespace(**{**vars(asked.row), "window_start": None, "window_end": None})
    if only is not None:
        shifts = list(queries.shifts(tx, span, engineers=only))
    else:
        shifts = list(queries.fitting_shifts(tx, span, need_of(tx, row), asked.near, MOST_SHIFTS))
    return problem_of(tx, Question(row), span, shifts, settings.zone(tx)) if shifts else None


def _best(problem: Problem, visit_id: UUID, start: datetime) -> Candidate | None:
    """The best who can begin within the span, without making another visit late."""
    visit = problem.visits[problem.visit_index[str(visit_id)]]
    within = ((seconds(start) or 0, seconds(start + LENGTH) or 0),)
    visits = tuple(replace(v, windows=within) if v is visit else v for v in problem.visits)
    found = recommend(replace(problem, visits=visits), str(visit_id), 3, 0).candidates
    return next((one for one in found if not any(delay.late for delay in one.delays)), None)


def _starts(now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When the spans of the next days begin, from the lead on."""
    today = now.astimezone(zone).date()
    for day in range(DAYS):
        for hour in HOURS:
            start = datetime.combine(today + timedelta(days=day), time(hour), zone).astimezone(now.tzinfo)
            if start >= now + LEAD:
                yield start
