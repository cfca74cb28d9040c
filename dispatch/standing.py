"""Which visits stand still, on whose day, and when: what is over or under way, and what shall be left alone."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from app.work.statuses import PLANNED
from dispatch.engine.model import EngineerDay
from dispatch.queries import OVER

NEAR = 12 * 3600
"""Seconds around a shift within which work still belongs to its day."""
SOON = 3600
"""Seconds before its planned start from which on setting out for a visit is nothing unusual."""
STANDING = {"none": ("working", "paused"), "started": ("en_route", "on_site", "working", "paused")}
STANDING["dispatched"] = (*STANDING["started"], "dispatched", "accepted")


@dataclass(frozen=True)
class Standing:
    """Which visits stand, on which day and when."""

    days: tuple[EngineerDay, ...]
    lock: str
    now: int

    @cached_property
    def _by_engineer(self) -> dict[str, list[EngineerDay]]:
        found: dict[str, list[EngineerDay]] = {}
        for day in self.days:
            found.setdefault(day.engineer_id, []).append(day)
        return found

    def day_of(self, engineer_id: UUID, at: int | None) -> EngineerDay | None:
        """The day of an engineer around a second (the first one when none is said); None when there is none."""
        mine = self._by_engineer.get(str(engineer_id), [])
        if at is None:
            return next(iter(mine), None)
        return min(
            (d for d in mine if d.shift_start - NEAR <= at <= d.shift_end + NEAR),
            key=lambda d: max(d.shift_start - at, at - d.shift_end, 0),
            default=None,
        )

    def stands(self, row: Any) -> bool:
        """Whether a visit may not move at all."""
        return row.status in OVER or row.status in STANDING[self.lock] or row.pinned or row.crew_id is not None

    def began(self, row: Any) -> bool:
        """Whether its start is a fact, or as good as one: who is on the way and not late has part of the drive behind
        them, and would be late for everything else were it counted from now on."""
        if row.status == "en_route":
            return reached(row, self.now) > self.now
        return self.is_past(row)

    def is_past(self, row: Any) -> bool:
        """Whether it is over, or somebody is there."""
        return row.status in OVER or (row.status not in PLANNED and bool(row.began_at or row.arrived_at))

    def hours(self, row: Any) -> tuple[int, int] | None:
        """(start, seconds of service) of a standing visit; None when nobody ever said when."""
        if row.status == "en_route":
            return reached(row, self.now), row.duration_s
        told = seconds(row.began_at or row.arrived_at) if self.is_past(row) else None
        start = told if told is not None else seconds(row.planned_start)
        if start is None:
            return None
        if row.status in OVER:
            return start, max(60, (seconds(row.ended_at) or start + row.duration_s) - start)
        if told is None:
            return max(start, self.now), row.duration_s
        return start, max(row.duration_s, self.now + 60 - start)

    def routes(self, held: Sequence[Any], visits: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The present plan: day → visits in order of their planned start; what somebody is on the way to comes before
        all that has not begun."""
        found: dict[str, list[tuple[int, int, int, str]]] = {}
        for row in held:
            for engineer_id, visit_id in holders(row):
                hours = self.hours(row) if self.stands(row) else None
                start = hours[0] if hours else seconds(row.planned_start)
                day = self.day_of(engineer_id, start)
                if day and start is not None and visit_id in visits:
                    turn = 0 if self.is_past(row) else 1 if row.status == "en_route" else 2
                    found.setdefault(day.id, []).append((turn, start, row.sequence or 0, visit_id))
        return {day: tuple(visit_id for *_, visit_id in sorted(entries)) for day, entries in found.items()}


def holders(row: Any) -> list[tuple[UUID, str]]:
    """(engineer, id in the engine) of everybody whose time a visit takes; a crew's visit counts for each member."""
    if row.crew_id is not None:
        return [(member, f"{row.id}@{member}") for member in row.members or ()]
    return [(row.engineer_id, str(row.id))] if row.engineer_id else []


def row_id(visit_id: str) -> str:
    """The id of the row behind an id in the engine."""
    return visit_id.partition("@")[0]


def out_of_turn(row: Any, now: int) -> bool:
    """Whether somebody is on the way to what is planned for much later: it comes before all else, as soon as it may."""
    return row.status == "en_route" and (seconds(row.planned_start) or 0) > now + SOON


def reached(row: Any, now: int) -> int:
    """The second at which work begins to which somebody is on the way: neither before `now` nor before its window."""
    opens = max(now, seconds(row.window_start) or now)
    return opens if out_of_turn(row, now) else max(opens, seconds(row.planned_start) or now)


def seconds(moment: datetime | None) -> int | None:
    """A moment as whole UTC seconds, rounded up."""
    return None if moment is None else math.ceil(moment.timestamp())
