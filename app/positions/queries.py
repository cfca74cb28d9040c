"""Reads of positions: where everybody is, and where somebody was."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel import audit, rows
from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.kernel.problems import not_found
from app.people.models import Engineer
from app.places.models import EngineerTerritory
from app.positions import rules
from app.positions.models import LatestPosition, Position, Tracker, TrackerHealth


def visible(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The engineers whose positions the actor may see under `scope`."""
    if scope is Scope.OWN:
        return Engineer.id.in_([actor.engineer_id] if actor.engineer_id else [])
    if scope is Scope.TERRITORY:
        served = select(EngineerTerritory.engineer_id).where(EngineerTerritory.territory_id.in_(actor.territory_ids))
        return Engineer.id.in_(served)
    return Engineer.deleted_at.is_(None)


def own_trackers(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The trackers that the actor may see under `scope`."""
    return Tracker.engineer_id.in_(select(Engineer.id).where(visible(actor, scope)))


def trackers() -> Select[Any]:
    """Trackers without what is stored of their tokens."""
    return select(*rows.wire_columns(Tracker, "token_hash"))


def patience() -> ColumnElement[int]:
    """Seconds after which a position is stale: two intervals of the phone."""
    return func.coalesce(TrackerHealth.interval_s, rules.INTERVAL_S) * rules.STALE_INTERVALS


def latest(tx: Tx) -> Select[Any]:
    """The newest fix of every engineer that the actor may see, with its age in seconds; newest first."""
    p = LatestPosition
    age = func.greatest(func.extract("epoch", tx.now - p.at), 0)
    return (
        select(
            p.engineer_id.label("id"), p.engineer_id, Engineer.name, p.at, cast(age, Integer).label("age_s"),
            cast(func.ST_AsGeoJSON(p.location, 7), JSONB).label("location"),
            p.accuracy, p.speed, p.bearing, p.altitude, p.battery, p.mock,
            (age > patience()).label("stale"), TrackerHealth.permission,
        )
        .outerjoin(TrackerHealth, TrackerHealth.engineer_id == p.engineer_id)
        .join(Engineer, Engineer.id == p.engineer_id)
        .where(Engineer.deleted_at.is_(None), visible(tx.actor, tx.actor.demand("positions.read")))
        .order_by(p.at.desc(), p.engineer_id)
    )  # fmt: skip


def track(tx: Tx, engineer_id: UUID, since: datetime, until: datetime, tolerance_m: float = 0.0) -> dict[str, Any]:
    """Where an engineer was in [since, until): line, gaps, stops, metres. That it was read is itself written down.

    The line is drawn to within `tolerance_m`; all that is counted is counted from every fix.
    """
    allowed = visible(tx.actor, tx.actor.demand("positions.read"))
    if tx.session.scalar(select(Engineer.id).where(Engineer.id == engineer_id, allowed)) is None:
        raise not_found("engineer")
    p = Position
    fixes = (
        select(p.at, func.ST_X(p.location).label("lon"), func.ST_Y(p.location).label("lat"), p.accuracy, p.mock)
        .where(p.engineer_id == engineer_id, p.at >= since, p.at < until)
        .order_by(p.at)
    )
    found = tx.session.execute(fixes).all()
    points = rules.usable([rules.Point(row.at, row.lon, row.lat, row.accuracy) for row in found])
    span = {"from": since, "to": until}
    audit.record(tx, "track.read", "engineer", engineer_id, rows.plain({**span, "fixes": len(found)}))
    return {"engineer_id": engineer_id, **span, "mock": sum(row.mock for row in found), **_drawn(points, tolerance_m)}


def _drawn(points: list[rules.Point], tolerance_m: float) -> dict[str, Any]:
    silent, stood = rules.gaps(points), rules.stops(points)
    kept = rules.thinned(points, silent, tolerance_m)
    line = [[points[n].lon, points[n].lat] for n in kept]
    return {
        "geometry": {"type": "LineString", "coordinates": line} if len(line) > 1 else None,
        "times": [points[n].at for n in kept],
        "distance_m": round(rules.distance(points, silent, stood)),
        "gaps": [_gap(points, gap, bisect_left(kept, gap.after)) for gap in silent],
        "stops": [_stop(points, stop) for stop in stood],
    }


def _gap(points: list[rules.Point], gap: rules.Gap, index: int) -> dict[str, Any]:
    before, after = points[gap.after], points[gap.before]
    seconds = round((after.at - before.at).total_seconds())
    return {"index": index, "from": before.at, "to": after.at, "seconds": seconds, "distance_m": round(gap.metres)}


def _stop(points: list[rules.Point], stop: rules.Stop) -> dict[str, Any]:
    first, last = points[stop.first], points[stop.last]
    place = {"type": "Point", "coordinates": [round(stop.lon, 7), round(stop.lat, 7)]}
    return {
        "from": first.at,
        "to": last.at,
        "seconds": round((last.at - first.at).total_seconds()),
        "location": place,
    }
