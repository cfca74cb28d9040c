"""One visit against the boards of the days on which it may be done: every engineer who works then is looked at."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from app.kernel.db import Tx
from dispatch import circumstances, roads, settings
from dispatch.boards import cache
from dispatch.boards.day import DayBoard, Rules
from dispatch.engine import tally
from dispatch.engine.answer import Candidate, Reason, Rejection
from dispatch.engine.batch import Mask
from dispatch.engine.insertion import Asked, Insertion
from dispatch.engine.model import Visit
from dispatch.queries import Span
from dispatch.snapshot import Ground, Places, plain_visit, spot
from dispatch.travel.lookup import Estimated

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Question:
    """One visit as a row of `queries` (there or made up), without a holder; who holds it now is `present`."""

    row: Any
    present: UUID | None = None
    promised: bool = False

    @property
    def near(self) -> tuple[float, float]:
        """Where it is."""
        return (self.row.lon, self.row.lat)


@dataclass(frozen=True)
class Found:
    """Candidates, best first, why the nearest others cannot, and who measured the travel."""

    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejection, ...]
    source: str
    obstacles: Mapping[str, Reason]
    """what is in the way of everybody who cannot, by engineer"""
    absent: Mapping[str, Reason]
    """engineers of whose shifts no minute is left"""


def recommend(tx: Tx, asked: Question, span: Span, limit: int, most_refused: int) -> Found:
    """The best engineers of all who work in the span, and why the nearest others cannot."""
    own, zone = settings.with_zone(tx)
    rules = Rules(zone, own.max_travel_s, roads.around)
    first, last = (moment.astimezone(zone).date() for moment in (span.starts, span.ends - SECOND))
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    boards = cache.boards(tx, dates, rules)
    visit = _visit(tx, asked, require_parts=own.require_parts)
    weights, seen = settings.weights(own), set[str]()
    looks: list[tuple[Insertion, Asked]] = []
    for board in boards:
        here = _freed(board, asked.row.id, rules)
        travel = cast("Estimated", here.problem.travel).with_point(spot(*asked.near))
        there = replace(visit, place=len(travel.points) - 1)
        problem, table = here.asking(there, weights, travel)
        search = Insertion(problem, table.routes, table, here.people)
        looks.append((search, search.ask(there, _within(search, span, seen))))
        seen |= board.ids
    possible = frozenset().union(*(look.possible for _, look in looks))
    refused = (one for search, look in looks for one in search.why_not(look, possible, most_refused))
    obstacles = tally.by_engineer(looks, possible)
    absent = missing((row for board in boards for row in board.absent), span, seen, possible | obstacles.keys())
    best = _best((one for search, look in looks for one in search.best(look.visit, look.fit, look.able, limit)), limit)
    return Found(best, tuple(islice(refused, most_refused)), boards[0].problem.travel.source, obstacles, absent)


def missing(shifts: Iterable[Any], span: Span, days: Container[str], known: Container[str]) -> dict[str, Reason]:
    """Engineers with shifts in the span none of which became one of these days: they are away all the time."""
    found: dict[str, int] = {}
    for row in shifts:
        engineer_id = str(row.engineer_id)
        inside = row.starts_at < span.ends and row.ends_at > span.starts
        if inside and row.absences and engineer_id not in known and str(row.id) not in days:
            found[engineer_id] = max(found.get(engineer_id, 0), *(end for _, end in row.absences))
    return {engineer_id: Reason("away", {"until": until}) for engineer_id, until in found.items()}


def _visit(tx: Tx, asked: Question, *, require_parts: bool) -> Visit:
    """The question's visit; its place is numbered later."""
    ground = Ground(
        span=Span(tx.now, tx.now, tx.now),
        zone=ZoneInfo("UTC"),
        shifts=(),
        held=(),
        waiting=(),
        **vars(circumstances.of_visits(tx, [asked.row])),
    )
    visit = plain_visit(asked.row, ground, Places())
    if asked.present:
        visit = replace(visit, present=str(asked.present), promised=asked.promised)
    return visit if require_parts else replace(visit, parts={})


def _freed(board: DayBoard, visit_id: UUID, rules: Rules) -> DayBoard:
    """The board as if nobody held this visit."""
    engineers = board.facts.holders.get(visit_id)
    if engineers is None:
        return board
    return board.changed(board.facts.without(visit_id), engineers, rules)


def _within(search: Insertion, span: Span, seen: set[str]) -> Mask:
    """Shifts that overlap the span and that no board before has shown."""
    sheet = search.table.sheet
    inside = (sheet.begin < span.ends.timestamp()) & (sheet.shift_end > span.starts.timestamp())
    if seen:
        inside &= np.array([day.id not in seen for day in search.problem.days], np.bool_)
    return np.asarray(inside)


def _best(found: Iterable[Candidate], limit: int) -> tuple[Candidate, ...]:
    """The best place of each of the best engineers over all days."""
    order = sorted(found, key=lambda c: (-round(c.score, 6), c.start, c.day_id, c.position))
    first: dict[str, Candidate] = {}
    for one in order:
        first.setdefault(one.engineer_id, one)
    return tuple(list(first.values())[:limit])
