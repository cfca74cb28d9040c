"""Keeping a decision by hand beside the engine's proposal, and comparing a month of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.work import access
from app.work.models import Visit
from dispatch import recommending, settings
from dispatch.decisions.models import Decision
from dispatch.engine.answer import Candidate, Reason
from dispatch.saying import Voice


def proposed(tx: Tx, visit_id: UUID) -> dict[str, Any] | None:
    """The engine's first candidate, as things stand before somebody decides; None when there is none."""
    found = recommending.for_visit(tx, visit_id, 1, Voice())["candidates"]
    return found[0] if found else None


def keep(
    tx: Tx,
    visit_id: UUID,
    engineer_id: UUID,
    best: dict[str, Any] | None,
    found: Candidate | None,
    broken: Sequence[Reason],
    reason: str | None,
) -> Decision:
    """Keeps what was decided, with the reason that was given."""
    wanted = UUID(best["engineer_id"]) if best else None
    return tx.add(
        Decision(
            visit_id=visit_id,
            engineer_id=engineer_id,
            proposed_id=wanted,
            followed=found is not None and wanted == engineer_id,
            forced=found is None,
            reason=reason,
            added_travel_s=found.added_seconds if found else None,
            proposed_travel_s=best["added_travel_s"] if best else None,
            rules=sorted({one.rule for one in broken}) if found is None else [],
            user_id=tx.actor.user_id,
        )
    )


def month(tx: Tx, first: date) -> dict[str, Any]:
    """The decisions of a local month: how many followed the engine, and what the others cost or saved, by reason."""
    zone = settings.zone(tx)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, after))
    d = Decision
    own, scope = ~d.followed, tx.actor.demand("dispatch.read")
    extra = func.sum(d.added_travel_s - d.proposed_travel_s).filter(own)
    within = [d.created_at >= begins, d.created_at < ends]
    if scope is not Scope.ALL:
        within.append(d.visit_id.in_(select(Visit.id).where(access.visits_of(tx.actor, scope))))
    totals = select(
        func.count().label("by_hand"),
        func.count().filter(d.followed).label("followed"),
        func.count().filter(own).label("overridden"),
        func.count().filter(d.forced).label("forced"),
        func.coalesce(extra, 0).label("extra_travel_s"),
    ).where(*within)
    reasons = (
        select(d.reason, func.count().label("count"), func.coalesce(extra, 0).label("extra_travel_s"))
        .where(*within, own)
        .group_by(d.reason)
        .order_by(func.count().desc(), d.reason)
        .limit(50)
    )
    found = tx.session.execute(reasons).mappings().all()
    told = tx.session.execute(totals).mappings().one()
    return {"month": first.strftime("%Y-%m"), **told, "reasons": [dict(row) for row in found]}
