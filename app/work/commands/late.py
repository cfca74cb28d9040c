"""Facts beat plans: what an engineer did is kept, however late it arrives, and the two truths are shown to a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import audit, events, rows
from app.kernel.db import Tx
from app.work.models import Conflict, Visit


def open_conflict(
    tx: Tx,
    collection: str,
    row_id: UUID,
    kind: str,
    *,
    mine: dict[str, Any] | None = None,
    theirs: dict[str, Any] | None = None,
    base: dict[str, Any] | None = None,
    visit_id: UUID | None = None,
    job_id: UUID | None = None,
    engineer_id: UUID | None = None,
    flags: tuple[str, ...] = (),
) -> Conflict:
    """Keeps two truths about one row. `mine` is the device's, `theirs` the server's, `base` what both started from.

    kind: `field` (overlapping edits), `late_fact`, `answer`, `proposal` (a phone's wish about a plan), `rejected`, …
    """
    conflict = tx.append(
        Conflict(
            collection=collection,
            row_id=row_id,
            kind=kind,
            mine=rows.plain(mine),
            theirs=rows.plain(theirs),
            base=rows.plain(base),
            visit_id=visit_id,
            job_id=job_id,
            engineer_id=engineer_id or tx.actor.engineer_id,
            user_id=tx.actor.user_id,
            device_id=tx.actor.device_id,
            flags=list(flags),
        )
    )
    audit.record(tx, "conflict.opened", "conflict", conflict.id, {"kind": kind, "row_id": str(row_id)})
    payload = {"id": str(conflict.id), "collection": collection, "row_id": str(row_id), "kind": kind}
    events.emit(tx, "conflict.opened", {**payload, "visit_id": str(visit_id) if visit_id else None})
    return conflict


def record_late_fact(tx: Tx, visit: Visit, collection: str, row_id: UUID, fact: dict[str, Any]) -> Conflict:
    """Shows a fact that contradicts the plan. All facts of one engineer at one visit gather in one open Conflict.

    The fact itself is a row already; `fact` says in short what it is, for the person who resolves.
    """
    engineer_id = tx.actor.engineer_id
    entry = {"collection": collection, "row_id": str(row_id), **rows.plain(fact)}
    query = select(Conflict).where(
        Conflict.visit_id == visit.id,
        Conflict.kind == "late_fact",
        Conflict.status == "open",
        Conflict.engineer_id == engineer_id,
        Conflict.deleted_at.is_(None),
    )
    found = tx.session.scalars(query.with_for_update()).first()
    if found is not None:
        found.mine = {"facts": [*(found.mine or {}).get("facts", []), entry]}
        tx.session.flush()
        return found
    theirs = {"status": visit.status, "engineer_id": visit.engineer_id, "cancel_reason": visit.cancel_reason}
    about: dict[str, Any] = {"visit_id": visit.id, "job_id": visit.job_id, "engineer_id": engineer_id}
    return open_conflict(tx, "visits", visit.id, "late_fact", mine={"facts": [entry]}, theirs=theirs, **about)
