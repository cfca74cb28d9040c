"""Who should go to one visit: eligibility in SQL first, then the engine over the days that are left."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from geoalchemy2.shape import to_shape

from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import STATE_CONFLICT, invalid, not_found
from app.places.models import Site
from app.work import access
from app.work.models import JobType, Visit
from app.work.statuses import BEFORE_WORK
from dispatch import circumstances, naming, queries, roads, saying, settings
from dispatch.boards import asking as boards
from dispatch.boards.asking import Found, Question, missing
from dispatch.engine import tally
from dispatch.engine.answer import Reason
from dispatch.engine.insertion import asking
from dispatch.engine.model import Problem
from dispatch.queries import Need, Span
from dispatch.saying import Voice
from dispatch.snapshot import Ground, build

HORIZON, LONGEST = timedelta(days=3), timedelta(days=7)
MOST_DAYS, MOST_REFUSED = 300, 40
"""Days of engineers that are tried, and refused ones that are explained, the nearest first."""
NO_SHIFT, ON_CALL = Reason("no_shift"), Reason("on_call")


def for_visit(tx: Tx, visit_id: UUID, limit: int, voice: Voice) -> dict[str, Any]:
    """The answer of `POST /dispatch/recommendations` for a visit that exists. Raises 404, 409 once work has begun."""
    return answer(tx, question(tx, visit_id, "dispatch.read"), limit, voice)


def for_job(tx: Tx, job: dict[str, Any], limit: int, voice: Voice) -> dict[str, Any]:
    """The same for a job that does not exist yet. Raises 422 for a job type or a site that is not there."""
    return answer(tx, Question(_imagined(tx, job)), limit, voice)


def question(tx: Tx, visit_id: UUID, right: str | None = None) -> Question:
    """A visit as a question, which the actor has the `right` to ask where one is named.

    Raises 404, 409 once work has begun, 422 when its site has no location.
    """
    row = next(iter(queries.visits_by_id(tx, [visit_id])), None)
    if row is None:
        raise not_found("visit")
    if right:
        access.demand_visit(tx, cast("Visit", row), right)
    if row.status not in BEFORE_WORK:
        raise STATE_CONFLICT(f"The visit is {row.status}; nobody else can be sent.", status_now=row.status)
    if row.lon is None:
        raise invalid("/visit_id", "The site of this visit has no location.")
    values = {**row._mapping, "engineer_id": None, "crew_id": None, "members": None, "pinned": False, "status": "draft"}
    return Question(SimpleNamespace(**values), row.engineer_id, row.status in ("dispatched", "accepted"))


def _imagined(tx: Tx, job: dict[str, Any]) -> SimpleNamespace:
    """A row such as `queries` would give for a job of this kind."""
    job_type = tx.find(JobType, job["job_type_id"])
    if job_type is None:
        raise invalid("/job/job_type_id", "There is no such job type.")
    site = tx.find(Site, job["site_id"])
    if site is None or site.location is None:
        raise invalid("/job/site_id", "There is no such site, or it has no location.")
    point = to_shape(site.location)
    given = {name: job.get(name) for name in ("window_start", "window_end", "earliest_start", "due_at")}
    nothing = dict.fromkeys(
        ("engineer_id", "crew_id", "members", "planned_start", "planned_end", "sequence", "began_at", "arrived_at")
    )
    return SimpleNamespace(
        **given,
        **nothing,
        ended_at=None,
        id=new_id(),
        status="draft",
        pinned=False,
        territory_id=site.territory_id,
        duration_s=job.get("duration_s") or job_type.duration_s,
        priority=job.get("priority") or 3,
        site_id=site.id,
        account_id=site.account_id,
        lon=point.x,
        lat=point.y,
        required_skills=job_type.required_skills,
        parts=job_type.parts,
    )


def answer(tx: Tx, asked: Question, limit: int, voice: Voice) -> dict[str, Any]:
    """Candidates, best first, and reasons of the nearest who cannot."""
    span = horizon(asked.row, tx.now)
    found = (
        boards.recommend(tx, asked, span, limit, MOST_REFUSED) if roads.estimated() else _near(tx, asked, span, limit)
    )
    idle = queries.engineers_without_shift(tx, span, MOST_REFUSED)
    unseen = {**found.absent, **{str(one.id): ON_CALL if one.on_call else NO_SHIFT for one in idle}}
    voice = _naming(tx, found, unseen, voice)
    return {
        "candidates": [saying.candidate(one, voice) for one in found.candidates],
        "rejected": [
            *saying.rejected(found.rejected, voice),
            *({**voice.who(who), "reasons": [voice.reason(one)]} for who, one in unseen.items()),
        ],
        "summary": saying.counted(_everybody(found, idle), voice),
        "source": found.source,
    }


def _everybody(found: Found, idle: Sequence[Any]) -> Iterator[Reason]:
    """One reason for each engineer who cannot, however many are explained."""
    yield from (*found.obstacles.values(), *found.absent.values())
    for one in idle[:1]:
        yield from (ON_CALL,) * one.called
        yield from (NO_SHIFT,) * (one.idle - one.called)


def _naming(tx: Tx, found: Found, unseen: Collection[str], voice: Voice) -> Voice:
    """A voice that knows the names of everybody in the answer."""
    shown = saying.least(found.rejected)
    engineers = {*(one.engineer_id for one in found.candidates), *shown, *unseen}
    told = (r for one in shown.values() for r in one.reasons)
    obstacles = {id(one): one for one in found.obstacles.values()}  # many have the very same
    return naming.named(tx, voice, (*told, *obstacles.values()), engineers)


def _near(tx: Tx, asked: Question, span: Span, limit: int) -> Found:
    """By roads that a server measures: asking for all pairs of the day would take minutes, so the nearest are asked."""
    need = need_of(tx, asked.row)
    fitting = queries.fitting_shifts(tx, span, need, asked.near, MOST_DAYS)
    others = queries.other_shifts(tx, span, asked.near, [row.id for row in fitting], MOST_REFUSED)
    shifts = [*fitting, *others]
    problem = problem_of(tx, asked, span, shifts, settings.zone(tx))
    search, visit = asking(problem, str(asked.row.id))
    look = search.ask(visit)
    found = search.answer(look, limit, MOST_REFUSED)
    days = {day.id: day.engineer_id for day in problem.days}
    absent = missing(shifts, span, days, frozenset(days.values()))
    obstacles = tally.by_engineer([(search, look)], look.possible)
    return Found(found.candidates, found.rejected, problem.travel.source, obstacles, absent)


def need_of(tx: Tx, row: Any) -> Need:
    """What a visit demands of an engineer, its customer's wishes included."""
    wished = circumstances.of_visits(tx, [row]).wishes.get(row.account_id, {})
    return Need(
        skills={UUID(n["skill_id"]): n.get("level", 1) for n in row.required_skills},
        territory_id=row.territory_id,
        required=wished.get("required", ()),
        excluded=wished.get("excluded", ()),
    )


def horizon(row: Any, now: datetime) -> Span:
    """The time in which a visit may be done: its window, or the next days."""
    begin = max(now, row.window_start or now, row.earliest_start or now)
    ends = row.window_end if row.window_end and row.window_end > begin else begin + HORIZON
    return Span(begin, min(ends, begin + LONGEST), now)


def problem_of(tx: Tx, asked: Question, span: Span, shifts: list[Any], zone: ZoneInfo) -> Problem:
    """The question beside everything that the engineers of these shifts already hold."""
    whole = Span(
        min([span.starts, *(s.starts_at for s in shifts)]), max([span.ends, *(s.ends_at for s in shifts)]), span.now
    )
    held = queries.held_visits(tx, whole, {s.engineer_id for s in shifts})
    own = settings.current(tx)
    ground = Ground(
        span=whole,
        zone=zone,
        shifts=shifts,
        held=[row for row in held if row.id != asked.row.id],
        waiting=[asked.row],
        max_travel=own.max_travel_s,
        require_parts=own.require_parts,
        **vars(circumstances.of_visits(tx, [asked.row])),
    )
    problem = build(ground, roads.around, lock="started", keep_times=True, weights=settings.weights(own))
    if asked.present is None:
        return problem
    visits = (
        replace(v, present=str(asked.present), promised=asked.promised) if v.id == str(asked.row.id) else v
        for v in problem.visits
    )
    return replace(problem, visits=tuple(visits))
