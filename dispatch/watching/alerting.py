"""Alerts are opened once and closed when they are over. When a promise will break a plan is proposed, never applied."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.kernel import events
from app.kernel.db import Tx
from app.people.models import Absence
from app.places.models import EngineerTerritory
from app.work.models import Visit
from app.work.statuses import PLANNED, UNDER_WAY
from dispatch import plans, queries
from dispatch.models import Plan
from dispatch.queries import Span
from dispatch.watching.days import days
from dispatch.watching.models import Alert
from dispatch.watching.noticing import Notice, notices

WATCHED = (
    "running_late", "promise_at_risk", "early_finish", "late_departure", "no_movement", "off_route", "long_stop",
    "tracker_silent", "battery_low", "permission_lost",
)  # fmt: skip
AHEAD = timedelta(hours=12)
PATIENCE = timedelta(minutes=10)
"""A proposal that is younger still speaks of the same trouble."""
PROPOSAL: dict[str, Any] = {"lock": "started", "stability": 0.7, "time_limit_s": 2}


def watch_day(tx: Tx, engineers: Collection[UUID] | None = None) -> list[Alert]:
    """Looks at everybody (or `engineers`) on duty. Returns the alerts that are new; those that are over are closed."""
    on_duty = days(tx, Span(tx.now, tx.now + timedelta(seconds=1), tx.now), engineers)
    found = [notice for day in on_duty for notice in notices(day, tx.now)]
    new = settle(tx, found, WATCHED, engineers)
    _close_served(tx)
    broken = [alert for alert in new if alert.kind == "promise_at_risk"]
    if broken:
        propose(tx, broken)
    return new


def _close_served(tx: Tx) -> None:
    """An emergency is over for the dispatcher once somebody goes; an absence once nothing is left with the absent."""
    served = select(Visit.id).where(or_(Visit.engineer_id.is_not(None), Visit.status.not_in(("draft", "scheduled"))))
    waiting = select(Visit.engineer_id).where(
        Visit.status.in_(("scheduled", "dispatched", "accepted")), Visit.engineer_id.is_not(None)
    )
    over = or_(
        (Alert.kind == "emergency") & Alert.visit_id.in_(served),
        (Alert.kind == "absence") & Alert.engineer_id.not_in(waiting),
    )
    for alert in tx.session.scalars(select(Alert).where(Alert.closed_at.is_(None), over).with_for_update()).all():
        close(tx, alert)


def settle(
    tx: Tx, found: Iterable[Notice], kinds: Collection[str], engineers: Collection[UUID] | None = None
) -> list[Alert]:
    """Opens what is new, refreshes what goes on, closes what is over among `kinds` (of `engineers`)."""
    wanted = {notice.key: notice for notice in found}
    open_ones = select(Alert).where(Alert.closed_at.is_(None), Alert.kind.in_(kinds))
    if engineers is not None:
        open_ones = open_ones.where(Alert.engineer_id.in_(engineers))
    for alert in tx.session.scalars(open_ones.with_for_update()).all():
        notice = wanted.pop(alert.key, None)
        if notice is None:
            alert.closed_at = tx.now
            tx.session.flush()
            _tell(tx, alert, "alert.closed")
        elif notice.data != alert.data:
            alert.data = notice.data
    return [raise_alert(tx, notice) for notice in wanted.values()]


def raise_alert(tx: Tx, notice: Notice) -> Alert:
    """A new alert, told through the outbox."""
    alert = tx.add(
        Alert(
            kind=notice.kind,
            key=notice.key,
            engineer_id=notice.engineer_id,
            visit_id=notice.visit_id,
            data=notice.data,
        )
    )
    _tell(tx, alert, "alert.raised")
    return alert


def _tell(tx: Tx, alert: Alert, topic: str) -> None:
    ids = {"engineer_id": alert.engineer_id, "visit_id": alert.visit_id}
    told = {name: str(value) if value else None for name, value in ids.items()}
    events.emit(tx, topic, {"id": str(alert.id), "rev": alert.rev, "kind": alert.kind, **told, "data": alert.data})


def propose(tx: Tx, because: Collection[Alert]) -> Plan:
    """A plan for the rest of today that moves as little as it can; a young proposal of ours is used again."""
    territories = _territories(tx, because)
    mine = select(Plan).where(Plan.created_by.is_(None), Plan.created_at > tx.now - PATIENCE)
    same = Plan.territory_ids == territories if territories else Plan.territory_ids.is_(None)
    fresh = mine.where(Plan.status.in_(("queued", "running")), same)
    plan = tx.session.scalars(fresh.order_by(Plan.created_at.desc()).limit(1)).one_or_none()
    plan = plan or plans.create_plan(tx, {**PROPOSAL, "territory_ids": territories})
    for alert in because:
        alert.plan_id = plan.id
    tx.session.flush()
    told = [{"id": str(alert.id), "kind": alert.kind} for alert in because]
    events.emit(tx, "plan.proposed", {"id": str(plan.id), "because": told})
    return plan


def _territories(tx: Tx, because: Collection[Alert]) -> list[UUID] | None:
    """The territories that the trouble lies in, so that their own dispatchers see the plan; None: everywhere."""
    found: set[UUID] = set()
    for alert in because:
        served = select(EngineerTerritory.territory_id).where(EngineerTerritory.engineer_id == alert.engineer_id)
        there = select(Visit.territory_id).where(Visit.id == alert.visit_id, Visit.territory_id.is_not(None))
        mine = {one for one in tx.session.scalars(served if alert.engineer_id else there) if one is not None}
        if not mine:
            return None
        found |= mine
    return sorted(found) or None


def absence(tx: Tx, absence_id: UUID) -> Plan | None:
    """Somebody is away: when work of the next hours lies with them, a plan without them is proposed."""
    row = tx.find(Absence, absence_id)
    if row is None or row.ends_at <= tx.now or row.starts_at > tx.now + AHEAD:
        return None
    span = Span(max(row.starts_at, tx.now), min(row.ends_at, tx.now + AHEAD), tx.now)
    left = [
        visit
        for visit in queries.held_visits(tx, span, [row.engineer_id])
        if visit.status in ("scheduled", "dispatched", "accepted")
    ]
    if not left:
        return None
    return propose(tx, [_once(tx, Notice("absence", row.engineer_id, None, {"visits": len(left)}))])


def changed(tx: Tx, visit_id: UUID) -> None:
    """A visit of somebody's day is another than before, longer perhaps: what that means for the day is told at once."""
    visit = tx.find(Visit, visit_id)
    if visit is not None and visit.engineer_id is not None and visit.status in (*PLANNED, *UNDER_WAY):
        watch_day(tx, [visit.engineer_id])


def emergency(tx: Tx, visit_id: UUID) -> Plan | None:
    """An urgent visit waits for a dispatcher: a plan that has a place for it is proposed."""
    visit = tx.find(Visit, visit_id)
    if visit is None or visit.engineer_id or visit.crew_id or visit.status not in ("draft", "scheduled"):
        return None
    return propose(tx, [_once(tx, Notice("emergency", None, visit_id))])


def _once(tx: Tx, notice: Notice) -> Alert:
    query = select(Alert).where(Alert.key == notice.key, Alert.closed_at.is_(None)).with_for_update()
    return tx.session.scalars(query).one_or_none() or raise_alert(tx, notice)


def close(tx: Tx, alert: Alert) -> None:
    """Somebody has seen to it."""
    if alert.closed_at is None:
        alert.closed_at = tx.now
        tx.session.flush()
        _tell(tx, alert, "alert.closed")
