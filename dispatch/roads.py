"""The travel providers of this installation: `CALLOUT_OSRM_URL` names a road server, the estimate is always there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.engine.model import MatrixTravel, Travel
from dispatch.travel.choose import FirstThatAnswers
from dispatch.travel.lookup import Estimated, measured
from dispatch.travel.osrm import Osrm
from dispatch.travel.provider import Point, Provider
from dispatch.travel.straight import Straight


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
    return not os.environ.get("CALLOUT_OSRM_URL")


def _providers(zone: ZoneInfo) -> tuple[Provider, ...]:
    url = os.environ.get("CALLOUT_OSRM_URL")
    straight = Straight(zone)
    return (Osrm(url), straight) if url else (straight,)
