"""How an organisation weighs its wishes, and the zone in which its days begin."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, true

from app.kernel import rows
from app.kernel.db import Tx
from app.people.models import Organisation
from dispatch.engine.model import Weights
from dispatch.models import DispatchSettings
from dispatch.queries import Span

OFFER_S = 900
DEFAULTS = asdict(Weights())
"""The engine's weights, by name; the names are fixed, an organisation may set each."""


def current(tx: Tx) -> DispatchSettings:
    """The organisation's settings; defaults that are not stored when it never set any."""
    return tx.session.scalars(select(DispatchSettings)).one_or_none() or _unset()


def _unset() -> DispatchSettings:
    return DispatchSettings(weights={}, max_travel_s=None, require_parts=True, offer_s=OFFER_S, slack_percent=0)


def with_zone(tx: Tx) -> tuple[DispatchSettings, ZoneInfo]:
    """`current` and `zone` at once. One statement."""
    query = select(Organisation.timezone, DispatchSettings).outerjoin(DispatchSettings, true())
    name, found = tx.session.execute(query).one()
    return found or _unset(), ZoneInfo(name)


def shown(settings: DispatchSettings) -> dict[str, Any]:
    """The settings as on the wire: every weight with the value that counts."""
    return {
        "weights": {**DEFAULTS, **settings.weights},
        "max_travel_s": settings.max_travel_s,
        "require_parts": settings.require_parts,
        "offer_s": settings.offer_s,
        "slack_percent": settings.slack_percent,
    }


def change(tx: Tx, data: dict[str, Any]) -> DispatchSettings:
    """Sets the members given; weights are merged name by name."""
    row = tx.session.scalars(select(DispatchSettings).with_for_update()).one_or_none()
    if row is None:
        return rows.create(tx, DispatchSettings, data)
    if "weights" in data:
        data = {**data, "weights": {**row.weights, **data["weights"]}}
    return rows.update(tx, row, data)


def weights(settings: DispatchSettings, stability: float = 0.5) -> Weights:
    """The engine's weights; `stability` is the dispatcher's slider: 0 free to move, 0.5 as set, 1 (almost) never."""
    own = replace(Weights(), **settings.weights)
    price = min(stability / max(1 - stability, 1e-6), 1e4)
    return replace(own, stability=own.stability * price, promise=own.promise * price, delay=own.delay * price)


def zone(tx: Tx) -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(tx.session.scalars(select(Organisation.timezone)).one())


def local_day(day: date, where: ZoneInfo, now: datetime, days: int = 1) -> Span:
    """The organisation's local day as a span of time: 23, 24 or 25 hours; or several of them."""
    starts = datetime.combine(day, time(), where)
    return Span(starts, datetime.combine(day + timedelta(days=days), time(), where), now)
