"""The travel providers of this installation: `CALLOUT_OSRM_URL` and `CALLOUT_VALHALLA_URL` name road servers.

Who is named is asked in this order; the estimate is always there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from dispatch.engine.model import MatrixTravel, Travel
from dispatch.travel.choose import FirstThatAnswers
from dispatch.travel.lookup import Estimated, measured
from dispatch.travel.osrm import Osrm
from dispatch.travel.provider import Point, Provider, RoadServer
from dispatch.travel.remembered import Remembered
from dispatch.travel.resting import Resting
from dispatch.travel.straight import Straight
from dispatch.travel.valhalla import Valhalla

OSRM, VALHALLA = "CALLOUT_OSRM_URL", "CALLOUT_VALHALLA_URL"


def matrix(points: Sequence[Point], depart: datetime, zone: ZoneInfo) -> MatrixTravel:
    """Travel between all points, from the best provider that answers."""
    return measured(FirstThatAnswers(_providers(zone)).matrix(points, points, depart))


def around(points: Sequence[Point], depart: datetime, zone: ZoneInfo) -> Travel:
    """Travel for a few questions between many points: estimated pair by pair when there is no road server."""
    providers = _providers(zone)
    if isinstance(providers[0], Straight):
        return Estimated.between(points, providers[0], depart)
    return measured(FirstThatAnswers(providers).matrix(points, points, depart))


def estimated() -> bool:
    """Whether no road server is named: travel is then estimated pair by pair, at no cost."""
    return not (os.environ.get(OSRM) or os.environ.get(VALHALLA))


def _providers(zone: ZoneInfo) -> tuple[Provider, ...]:
    return (*_servers(os.environ.get(OSRM), os.environ.get(VALHALLA)), Straight(zone))


@cache
def _servers(osrm: str | None, valhalla: str | None) -> tuple[Provider, ...]:
    """One memory for each server and process."""
    named: list[RoadServer] = [*([Osrm(osrm)] if osrm else ()), *([Valhalla(valhalla)] if valhalla else ())]
    return tuple(Remembered(Resting(server)) for server in named)
