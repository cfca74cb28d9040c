"""What must be there before a visit takes a step. Guards look at rows of this room only, never at bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Text, and_, cast, exists, func, or_, select

from app.kernel.db import Tx
from app.work.models import ChecklistAnswer, ChecklistItem, Job, JobType, Visit, VisitEvidence

Missing = list[dict[str, Any]]


def _job_type(tx: Tx, visit: Visit) -> JobType:
    def ask() -> JobType:
        query = select(JobType).join(Job, Job.job_type_id == JobType.id).where(Job.id == visit.job_id)
        return tx.session.scalars(query).one()

    return tx.recall(("type of", visit.job_id), ask)


def _checklist(tx: Tx, visit: Visit, to: str) -> Missing:
    open_items = tx.known(("open items", visit.id))
    if open_items is not None and not any(row.at_status == to and row.kind == "photo" for row in open_items):
        return _gaps(row for row in open_items if row.at_status == to and not tx.known(("standing", row.id)))
    answer = exists().where(ChecklistAnswer.item_id == ChecklistItem.id, ChecklistAnswer.deleted_at.is_(None))
    named = answer.where(ChecklistAnswer.value.contains(func.to_jsonb(cast(VisitEvidence.ref_id, Text))))
    photo = exists().where(
        VisitEvidence.visit_id == ChecklistItem.visit_id,
        VisitEvidence.kind == "photo",
        or_(VisitEvidence.item_id == ChecklistItem.id, named),
    )
    items = select(ChecklistItem.id, ChecklistItem.key, ChecklistItem.label).where(
        ChecklistItem.visit_id == visit.id,
        ChecklistItem.deleted_at.is_(None),
        ChecklistItem.required,
        ChecklistItem.at_status == to,
        or_(and_(ChecklistItem.kind == "photo", ~photo), and_(ChecklistItem.kind != "photo", ~answer)),
    )
    return _gaps(tx.session.execute(items.order_by(ChecklistItem.position)))


def _gaps(items: Iterable[Any]) -> Missing:
    return [{"guard": "checklist", "item_id": str(row.id), "key": row.key, "label": row.label} for row in items]


def _evidence(tx: Tx, visit: Visit, *kinds: str) -> int:
    live = (VisitEvidence.visit_id == visit.id) & VisitEvidence.deleted_at.is_(None)
    query = select(func.count(VisitEvidence.ref_id.distinct())).where(live, VisitEvidence.kind.in_(kinds))
    return tx.session.scalar(query) or 0


def _photos(tx: Tx, visit: Visit, to: str) -> Missing:
    required = _job_type(tx, visit).required_photos
    present = _evidence(tx, visit, "photo") if required else 0
    return [{"guard": "photos", "required": required, "present": present}] if present < required else []


def _signature(tx: Tx, visit: Visit, to: str) -> Missing:
    if not _job_type(tx, visit).requires_signature or _evidence(tx, visit, "signature", "refusal"):
        return []
    return [{"guard": "signature", "detail": "A signature, or a recorded refusal to sign, is needed."}]


def _assigned(tx: Tx, visit: Visit, to: str) -> Missing:
    return [] if visit.engineer_id or visit.crew_id else [{"guard": "assigned", "detail": "Nobody is assigned."}]


def _abort_asked(tx: Tx, visit: Visit, to: str) -> Missing:
    return [] if visit.abort_asked_at else [{"guard": "abort_asked", "detail": "The dispatcher has not asked for it."}]


GUARDS: dict[str, Callable[[Tx, Visit, str], Missing]] = {
    "checklist": _checklist,
    "photos": _photos,
    "signature": _signature,
    "assigned": _assigned,
    "abort_asked": _abort_asked,
}


def missing(tx: Tx, visit: Visit, to: str, names: tuple[str, ...]) -> Missing:
    """Everything that still keeps `visit` from `to`, by guard."""
    return [gap for name in names for gap in GUARDS[name](tx, visit, to)]
