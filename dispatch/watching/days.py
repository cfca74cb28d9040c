"""The days of engineers as they will really be: rows and the newest fixes into `forecast`, and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, or_, select

from app.kernel.db import Tx
from app.people.models import Engineer
from app.positions.models import LatestPosition, Position, TrackerHealth
from app.positions.queries import patience
from app.positions.rules import Point
from app.work.statuses import PLANNED, UNDER_WAY
from dispatch import queries, roads, saying, settings
from dispatch.queries import OVER, Span
from dispatch.snapshot import Places, deadline
from dispatch.standing import out_of_turn, seconds
from dispatch.watching.arrivals import proposal
from dispatch.watching.forecast import Eta, Stop, forecast

TRAIL = timedelta(minutes=45)
FRESH = timedelta(minutes=15)
"""How old the newest fix may be to say where somebody sets out from."""


@dataclass(frozen=True)
class Health:
    """What is known of a tracker: seconds since its newest fix, after how many it is stale, permission, battery."""

    silent_s: float | None
    patience_s: int
    permission: str | None
    battery: float | None


@dataclass(frozen=True)
class Day:
    """One engineer's shift with its visits in order, the newest fixes, and what will be."""

    engineer_id: UUID
    shift: Any
    rows: Sequence[Any]
    stops: Sequence[Stop]
    etas: Sequence[Eta]
    trail: Sequence[Point]
    health: Health | None = None

    def etas_at(self, moment: datetime) -> list[Eta]:
        """What will be, should nothing happen until that moment."""
        return forecast(self.stops, seconds(moment) or 0, _starts(self.shift))


def days(tx: Tx, span: Span, engineers: Collection[UUID] | None = None) -> list[Day]:
    """The days of everybody (or of `engineers`) whose shift overlaps the span. A constant number of statements."""
    shifts = [row for row in queries.shifts(tx, span, engineers=engineers) if not _whole_day_away(row)]
    people: dict[UUID, Any] = {}
    for row in shifts:
        people.setdefault(row.engineer_id, row)
    whole = Span(
        min([span.starts, *(row.starts_at for row in shifts)]),
        max([span.ends, *(row.ends_at for row in shifts)]),
        tx.now,
    )
    held = [row for row in queries.held_visits(tx, whole, people) if row.engineer_id in people]
    held.sort(key=lambda row: (str(row.engineer_id), _turn(row, span.ends), row.sequence or 0))
    trails = _trails(tx, people)
    routes = {key: [*rows] for key, rows in groupby(held, lambda row: row.engineer_id)}
    stops = _stops(tx, span, people, routes, trails)
    now, health = seconds(tx.now) or 0, _health(tx, people)
    return [
        Day(
            e,
            shift,
            routes.get(e, ()),
            stops.get(e, ()),
            forecast(stops.get(e, ()), now, _starts(shift)),
            trails[e],
            health.get(e),
        )
        for e, shift in people.items()
    ]


def _turn(row: Any, otherwise: datetime) -> tuple[int, datetime]:
    """What is over comes first, then what has begun, whenever it was planned."""
    begun = row.began_at or row.arrived_at
    if row.status in OVER:
        return 0, begun or row.planned_start or otherwise
    return 1 if row.status in UNDER_WAY else 2, row.planned_start or otherwise


def _starts(shift: Any) -> int:
    return seconds(shift.starts_at) or 0


def _whole_day_away(shift: Any) -> bool:
    begins, ends = shift.starts_at.timestamp(), shift.ends_at.timestamp()
    return any(a <= begins and b >= ends for a, b in shift.absences or ())


def _trails(tx: Tx, engineers: Collection[UUID]) -> dict[UUID, list[Point]]:
    p = Position
    query = (
        select(p.engineer_id, p.at, func.ST_X(p.location), func.ST_Y(p.location), p.accuracy)
        .where(p.engineer_id.in_(engineers), p.at > tx.now - TRAIL, p.at <= tx.now)
        .order_by(p.at)
    )
    found: dict[UUID, list[Point]] = {engineer_id: [] for engineer_id in engineers}
    for engineer_id, at, lon, lat, accuracy in tx.session.execute(query):
        found[engineer_id].append(Point(at, lon, lat, accuracy))
    return found


def _health(tx: Tx, engineers: Collection[UUID]) -> dict[UUID, Health]:
    """Of those who have agreed to be located, and whose tracker was ever heard of."""
    p, h = LatestPosition, TrackerHealth
    query = (
        select(Engineer.id, p.at, patience(), h.permission, func.coalesce(p.battery, h.battery))
        .outerjoin(p, p.engineer_id == Engineer.id)
        .outerjoin(h, h.engineer_id == Engineer.id)
        .where(Engineer.id.in_(engineers), Engineer.consent_tracking, or_(p.at.is_not(None), h.at.is_not(None)))
    )
    return {
        engineer_id: Health((tx.now - at).total_seconds() if at else None, stale, permission, battery)
        for engineer_id, at, stale, permission, battery in tx.session.execute(query)
    }


def _stops(
    tx: Tx, span: Span, people: dict[UUID, Any], routes: dict[UUID, list[Any]], trails: dict[UUID, list[Point]]
) -> dict[UUID, list[Stop]]:
    """Each route's stops with their drives; the first that is ahead is reached from where the engineer is now."""
    places, pairs = Places(), []
    for engineer_id, route in routes.items():
        before = places.number(people[engineer_id].lon, people[engineer_id].lat)
        newest = trails[engineer_id][-1] if trails[engineer_id] else None
        here = places.number(newest.lon, newest.lat) if newest and newest.at > tx.now - FRESH else None
        for row in route:
            if here is not None and row.status in (*PLANNED, "en_route"):
                before, here = here, None
            elif row.status in UNDER_WAY:
                here = None
            there = places.number(row.lon, row.lat)
            pairs.append((before, there))
            before = there
    travel = roads.around(places.points, max(span.starts, tx.now), settings.zone(tx))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    drives = iter(travel.seconds(ends[:, 0], ends[:, 1]).tolist())
    return {
        engineer_id: [replace(_stop(row, tx.now), drive=next(drives)) for row in route]
        for engineer_id, route in routes.items()
    }


def _stop(row: Any, now: datetime) -> Stop:
    over = row.status in OVER
    return Stop(
        visit_id=str(row.id),
        status=row.status,
        planned=None if out_of_turn(row, seconds(now) or 0) else seconds(row.planned_start),
        duration=row.duration_s,
        begun=seconds(row.began_at or row.arrived_at) if row.status in (*UNDER_WAY[1:], *OVER) else None,
        ended=(seconds(row.ended_at) or seconds(row.planned_end) or 0) if over else None,
        opens=seconds(row.window_start),
        closes=seconds(row.window_end),
        due=deadline(row, now),
        promised=row.status in ("dispatched", "accepted", "en_route"),
    )


def shown(tx: Tx, engineer_id: UUID, day: date | None) -> dict[str, Any]:
    """One engineer's local day: each visit with its plan and, until it is over, when it will really be."""
    zone = settings.zone(tx)
    local = day or tx.now.astimezone(zone).date()
    found = [one for one in days(tx, settings.local_day(local, zone, tx.now), [engineer_id]) if one.rows]
    visits = [entry for one in found for entry in _entries(one, tx.now)]
    return {"engineer_id": engineer_id, "date": local, "as_of": tx.now, "visits": visits}


def _entries(day: Day, now: datetime) -> list[dict[str, Any]]:
    etas = {eta.visit_id: eta for eta in day.etas}
    return [
        {
            "visit_id": row.id,
            "status": row.status,
            "planned_start": row.planned_start,
            "planned_end": row.planned_end,
            "window_end": row.window_end,
            "travel_s": stop.drive,
            "proposal": proposal(row, day.trail, now),
            **_told(etas.get(str(row.id))),
        }
        for row, stop in zip(day.rows, day.stops, strict=True)
    ]


def _told(eta: Eta | None) -> dict[str, Any]:
    if eta is None:
        return dict.fromkeys(("eta", "start", "end", "late_s", "promise_broken_s"))
    at: dict[str, datetime] = {"eta": saying.moment(eta.arrival), "start": saying.moment(eta.start)}
    return {**at, "end": saying.moment(eta.end), "late_s": eta.late, "promise_broken_s": eta.breaks}
