"""The drives between the visits of a day, as they are planned now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np

from app.kernel.db import Tx
from dispatch import queries, roads, settings
from dispatch.snapshot import Places, driving_hour


def legs(tx: Tx, day: date, engineers: Collection[UUID] | None = None) -> dict[str, Any]:
    """The drive to each visit of the local day from the one before it, or from home, engineer by engineer.

    `engineers`: of these alone; a desk asks again for those whose day changed.
    """
    zone = settings.zone(tx)
    span = settings.local_day(day, zone, tx.now)
    shifts = queries.shifts(tx, span, engineers=engineers, territories=tx.actor.territory_ids or None)
    homes = {row.engineer_id: (row.lon, row.lat) for row in shifts}
    held = queries.stops(tx, span, homes)
    places = Places()
    pairs = [
        pair for _, route in groupby(held, lambda row: row.engineer_id) for pair in _pairs([*route], homes, places)
    ]
    travel = roads.around(places.points, driving_hour(span, zone), zone)
    ends = np.array([(a, b) for a, b, _ in pairs], dtype=np.int64).reshape(-1, 2)
    seconds = travel.seconds(ends[:, 0], ends[:, 1]).tolist()
    metres = travel.metres(ends[:, 0], ends[:, 1]).tolist()
    drives = [{**leg, "travel_s": s, "travel_m": m} for (_, _, leg), s, m in zip(pairs, seconds, metres, strict=True)]
    return {"legs": drives, "source": travel.source}


def _pairs(route: Sequence[Any], homes: dict[UUID, tuple[float | None, float | None]], places: Places) -> list[Any]:
    """(number of the place before, number of the place, what is known of the drive) for each visit of a route."""
    found, before, place = [], None, places.number(*homes[route[0].engineer_id])
    for row in route:
        here = places.number(row.lon, row.lat)
        leg = {"engineer_id": row.engineer_id, "visit_id": row.id, "from_visit_id": before}
        found.append((place, here, leg))
        before, place = row.id, here
    return found
