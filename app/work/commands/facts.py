"""What an engineer records at a visit: answers, time, parts, evidence. Facts append; late ones are shown."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.problems import invalid
from app.stock import commands as stock
from app.stock.models import StockLocation
from app.work.commands.late import open_conflict
from app.work.commands.recording import add_fact, given_id, reach
from app.work.commands.times import When, fact, when
from app.work.models import ChecklistAnswer, ChecklistItem, PartUse, TimeEntry, VisitEvidence
from app.work.rules import problem_of_answer


def answer_item(
    tx: Tx,
    visit_id: UUID,
    item_id: UUID,
    value: Any,
    *,
    comment: str | None = None,
    id: UUID | None = None,
    at: When | None = None,
    offline: bool = False,
    over: bool = False,
) -> ChecklistAnswer:
    """Answers a checklist item; the latest answer stands. Raises 422 for a value that does not fit the item's kind.

    When another engineer's different answer stands already, both are kept and a Conflict `answer` is opened, unless
    this one is meant to go `over` it.
    """
    visit, late = reach(tx, visit_id, offline)
    item = tx.find(ChecklistItem, item_id, lock=True)
    if item is None or item.visit_id != visit.id:
        raise invalid("/item_id", "This visit has no such checklist item.")
    if sentence := problem_of_answer(item.kind, item.options, value):
        raise invalid("/value", sentence)
    standing = tx.recall(("standing", item.id), lambda: standing_answer(tx, item.id))
    given = fact(tx, visit.engineer_id, at or when(tx))
    row = ChecklistAnswer(visit_id=visit.id, item_id=item.id, value=value, comment=comment, **given_id(id), **given)
    add_fact(tx, visit, late, row, {"item_id": item.id, "value": value})
    if standing is None or row.corrected_at >= standing.corrected_at:
        tx.learn(("standing", item.id), row)
    if standing and not over and standing.value != value and standing.engineer_id != row.engineer_id:
        about: dict[str, Any] = {"visit_id": visit.id, "job_id": visit.job_id}
        theirs = {"value": standing.value, "answer_id": standing.id, "engineer_id": standing.engineer_id}
        mine = {"value": value, "answer_id": row.id, "engineer_id": row.engineer_id}
        open_conflict(tx, "checklist_answers", item.id, "answer", mine=mine, theirs=theirs, **about)
    return row


def standing_answer(tx: Tx, item_id: UUID) -> ChecklistAnswer | None:
    """The answer that counts now."""
    query = select(ChecklistAnswer).where(ChecklistAnswer.item_id == item_id, ChecklistAnswer.deleted_at.is_(None))
    latest = query.order_by(ChecklistAnswer.corrected_at.desc(), ChecklistAnswer.created_at.desc())
    return tx.session.scalars(latest.limit(1)).first()


def record_time(
    tx: Tx,
    visit_id: UUID,
    kind: str,
    started_at: datetime,
    ended_at: datetime | None = None,
    *,
    note: str | None = None,
    id: UUID | None = None,
    at: When | None = None,
    offline: bool = False,
) -> TimeEntry:
    """A stretch of `travel`, `work` or `pause`, by the device's clock; the corrected ends follow the same offset."""
    visit, late = reach(tx, visit_id, offline)
    at = at or when(tx)
    _demand_order(started_at, ended_at)
    row = TimeEntry(
        visit_id=visit.id,
        kind=kind,
        started_at=started_at,
        started_corrected_at=_corrected(started_at, at, tx.now),
        ended_at=ended_at,
        ended_corrected_at=_corrected(ended_at, at, tx.now) if ended_at else None,
        note=note,
        **given_id(id),
        **fact(tx, visit.engineer_id, at),
    )
    return add_fact(tx, visit, late, row, {"kind": kind, "started_at": started_at, "ended_at": ended_at})


def update_time(tx: Tx, row: TimeEntry, data: dict[str, Any], at: When | None = None) -> TimeEntry:
    """Ends a time entry, or mends its kind, ends or note."""
    at = at or when(tx)
    started, ended = data.get("started_at", row.started_at), data.get("ended_at", row.ended_at)
    _demand_order(started, ended)
    moved = dict(data)
    if "started_at" in data:
        moved["started_corrected_at"] = _corrected(started, at, tx.now)
    if "ended_at" in data:
        moved["ended_corrected_at"] = _corrected(ended, at, tx.now) if ended else None
    return rows.update(tx, row, moved)


def _demand_order(started_at: datetime, ended_at: datetime | None) -> None:
    if ended_at is not None and ended_at < started_at:
        raise invalid("/ended_at", "It cannot end before it started.")


def _corrected(moment: datetime, at: When, latest: datetime) -> datetime:
    return min(moment + (at.corrected_at - at.device_at), latest)


def use_part(
    tx: Tx,
    visit_id: UUID,
    part_id: UUID,
    quantity: Decimal,
    location_id: UUID | None = None,
    *,
    serial: str | None = None,
    id: UUID | None = None,
    at: When | None = None,
    offline: bool = False,
) -> PartUse:
    """A part used at a visit, taken from `location_id` (default: the engineer's van) by a stock move.

    Stock that runs negative is flagged, never refused.
    """
    visit, late = reach(tx, visit_id, offline)
    at = at or when(tx)
    location_id = location_id or _van(tx, tx.actor.engineer_id or visit.engineer_id)
    times: dict[str, Any] = {"device_at": at.device_at, "corrected_at": at.corrected_at}
    moved = stock.use(tx, visit.id, part_id, quantity, location_id, serial=serial, **times)
    flags = ("negative_stock",) if moved.flagged_negative else ()
    row = PartUse(
        visit_id=visit.id,
        part_id=part_id,
        quantity=quantity,
        location_id=location_id,
        serial=serial,
        stock_move_id=moved.id,
        **given_id(id),
        **fact(tx, visit.engineer_id, at, flags),
    )
    return add_fact(tx, visit, late, row, {"part_id": part_id, "quantity": quantity, "serial": serial})


def _van(tx: Tx, engineer_id: UUID | None) -> UUID:
    def ask() -> UUID | None:
        query = select(StockLocation.id).where(
            StockLocation.kind == "van", StockLocation.engineer_id == engineer_id, StockLocation.deleted_at.is_(None)
        )
        return tx.session.scalars(query.limit(1).execution_options(autoflush=False)).first()

    van = tx.recall(("van", engineer_id), ask) if engineer_id else None
    if van is None:
        raise invalid("/location_id", "Say from which location the part was taken; this engineer has no van.")
    return van


def record_evidence(
    tx: Tx,
    visit_id: UUID,
    kind: str,
    ref_id: UUID,
    *,
    item_id: UUID | None = None,
    reason: str | None = None,
    at: When | None = None,
    offline: bool = False,
    right: str = "visits.work",
) -> VisitEvidence:
    """That a `photo`, `signature` or `refusal` (with reason) exists for a visit, whether or not its bytes are here.

    ref_id names the row of `media`; the same evidence twice is one row. `right` is the one that media checked.
    """
    visit, late = reach(tx, visit_id, offline, right)
    if kind == "refusal" and not (reason or "").strip():
        raise invalid("/reason", "Say why the customer did not sign.")
    if item_id is not None and _item_visit(tx, item_id) != visit.id:
        raise invalid("/item_id", "This visit has no such checklist item.")
    same = (VisitEvidence.visit_id == visit_id) & (VisitEvidence.kind == kind) & (VisitEvidence.ref_id == ref_id)
    found = tx.session.scalars(select(VisitEvidence).where(same)).one_or_none()
    if found is not None:
        return found
    given = fact(tx, visit.engineer_id, at or when(tx))
    row = VisitEvidence(visit_id=visit.id, kind=kind, ref_id=ref_id, item_id=item_id, reason=reason, **given)
    return add_fact(tx, visit, late, row, {"kind": kind, "ref_id": ref_id})


def _item_visit(tx: Tx, item_id: UUID) -> UUID | None:
    item = tx.find(ChecklistItem, item_id)
    return item.visit_id if item else None
