"""One day of an organisation as the engine's arrays: who works, what everybody holds, and all hours worked out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from app.kernel.db import Tx
from app.work.statuses import UNDER_WAY
from dispatch import queries, settings
from dispatch.engine.insertion import present_routes
from dispatch.engine.legs import LegTable
from dispatch.engine.model import EngineerDay, Problem, Visit, Weights
from dispatch.engine.people import People
from dispatch.engine.settle import anchored, settle
from dispatch.engine.sheet import Sheet
from dispatch.queries import Span
from dispatch.snapshot import PLENTY, Ground, Measure, Places, build
from dispatch.standing import holders

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rules:
    """What is the same for everybody, and what travel is measured by."""

    zone: ZoneInfo
    max_travel: int | None
    measure: Measure


@dataclass(frozen=True)
class Facts:
    """Rows of `queries` about one local day: shifts, and visits that their engineers hold."""

    day: date
    shifts: tuple[Any, ...]
    held: tuple[Any, ...]

    @cached_property
    def holders(self) -> dict[UUID, set[UUID]]:
        """Visit → engineers who hold it."""
        return {row.id: {who for who, _ in holders(row)} for row in self.held}

    def renewed(self, tx: Tx, engineers: Collection[UUID], zone: ZoneInfo) -> Facts:
        """The rows of these engineers read anew, all others as they were."""
        fresh = read(tx, self.day, zone, engineers)
        shifts = [row for row in self.shifts if row.engineer_id not in engineers]
        held = [row for row in self.held if not _is_held(row, engineers)]
        known = {row.id for row in held}
        together = tuple(sorted((*shifts, *fresh.shifts), key=lambda row: (row.starts_at, row.id)))
        return replace(self, shifts=together, held=(*held, *(row for row in fresh.held if row.id not in known)))

    def of(self, engineers: Collection[UUID]) -> Facts:
        """The rows of these engineers only."""
        shifts = tuple(row for row in self.shifts if row.engineer_id in engineers)
        return replace(self, shifts=shifts, held=tuple(row for row in self.held if _is_held(row, engineers)))

    def without(self, visit_id: UUID) -> Facts:
        """The rows as if nobody held this visit."""
        return replace(self, held=tuple(row for row in self.held if row.id != visit_id))


def read(tx: Tx, day: date, zone: ZoneInfo, engineers: Collection[UUID] | None = None) -> Facts:
    """The rows of a local day. Two statements."""
    span = settings.local_day(day, zone, tx.now)
    shifts = queries.shifts(tx, span, engineers=engineers)
    if not shifts:
        return Facts(day, (), ())
    own: dict[UUID, list[Any]] = {}
    for row in shifts:
        own.setdefault(row.engineer_id, [span]).append(Span(row.starts_at, row.ends_at, tx.now))
    times = [time for times in own.values() for time in times]
    whole = Span(min(time.starts for time in times), max(time.ends for time in times), tx.now)
    held = queries.held_visits(tx, whole, own)
    return Facts(day, tuple(shifts), tuple(row for row in held if _belongs(row, own)))


def _is_held(row: Any, engineers: Collection[UUID]) -> bool:
    return any(who in engineers for who, _ in holders(row))


def _belongs(row: Any, own: dict[UUID, list[Span]]) -> bool:
    """Whether a visit begins on the day or in a shift of those who hold it; work under way does."""
    starts = row.planned_start or row.window_start
    if starts is None or row.status in UNDER_WAY:
        return True
    times = [time for who, _ in holders(row) for time in own.get(who, ())]
    return any(time.starts <= starts <= time.ends for time in times)


@dataclass(frozen=True)
class DayBoard:
    """A day's arrays as of a minute. Nothing is changed in place: many questions read it at once."""

    facts: Facts
    problem: Problem
    table: LegTable
    people: People
    places: Places
    as_of: datetime

    @classmethod
    def of(cls, facts: Facts, rules: Rules, now: datetime, places: Places | None = None) -> DayBoard:
        """All hours of the day, worked out as of `now`."""
        places = places or Places()
        problem = _problem(facts, rules, now, places)
        routes = present_routes(problem)
        return cls(facts, problem, LegTable(problem, routes), People(problem.days), places, now)

    def holds(self, now: datetime) -> bool:
        """Whether the hours are still those of `now`: until the first shift begins, and then for a minute."""
        return now < self._begins or self.as_of - MINUTE <= now < self.as_of

    @cached_property
    def _begins(self) -> datetime:
        return min((row.starts_at for row in self.facts.shifts), default=datetime.max.replace(tzinfo=self.as_of.tzinfo))

    @cached_property
    def ids(self) -> frozenset[str]:
        """The days of engineers."""
        return frozenset(day.id for day in self.problem.days)

    @cached_property
    def absent(self) -> tuple[Any, ...]:
        """Shifts of which an absence leaves nothing."""
        return tuple(row for row in self.facts.shifts if row.absences and str(row.id) not in self.ids)

    @cached_property
    def vanless(self) -> frozenset[str]:
        """Engineers of whose van nothing is known."""
        return frozenset(str(row.engineer_id) for row in self.facts.shifts if row.van is None)

    def changed(self, facts: Facts, engineers: Collection[UUID], rules: Rules) -> DayBoard:
        """The board with other facts about some engineers; the rest is not worked out again."""
        part = _problem(facts.of(engineers), rules, self.as_of, self.places)
        who = {str(engineer_id) for engineer_id in engineers}
        mine = [d for d, day in enumerate(self.problem.days) if day.engineer_id in who]
        if [self.problem.days[d].id for d in mine] != [day.id for day in part.days]:
            return DayBoard.of(facts, rules, self.as_of, self.places)
        days = list(self.problem.days)
        routes = list(self.table.routes)
        for d, day, route in zip(mine, part.days, present_routes(part), strict=True):
            days[d], routes[d] = day, route
        problem = Problem(tuple(days), (), part.travel, {}, self.problem.weights)
        sheet = self.table.sheet.patched(np.array(mine, np.int64), Sheet.of(part, [routes[d] for d in mine]))
        same = all(_who(days[d]) == _who(self.problem.days[d]) for d in mine)
        people = self.people if same else People(days)
        return DayBoard(facts, problem, LegTable(problem, routes, sheet), people, self.places, self.as_of)

    def asking(self, visit: Visit, weights: Weights, travel: Any) -> tuple[Problem, LegTable]:
        """The problem and its table for a question about a visit, with travel that knows the visit's place."""
        days = self.problem.days
        if visit.parts:
            plenty = dict.fromkeys(visit.parts, PLENTY)
            days = tuple(replace(d, parts=plenty) if d.engineer_id in self.vanless else d for d in days)
        problem = Problem(days, (), travel, {}, weights)
        return problem, self.table.beside(problem)


def _who(day: EngineerDay) -> tuple[object, ...]:
    return (day.skills, day.territories, day.crew_size, day.max_jobs)


def _problem(facts: Facts, rules: Rules, now: datetime, places: Places) -> Problem:
    span = Span(min((s.starts_at for s in facts.shifts), default=now), now, now)
    ground = Ground(
        span=span,
        zone=rules.zone,
        shifts=facts.shifts,
        held=facts.held,
        waiting=(),
        codes={},
        knowing={},
        max_travel=rules.max_travel,
    )
    built = build(ground, rules.measure, lock="started", keep_times=True, weights=Weights(), places=places)
    return settle(anchored(built))[0]
