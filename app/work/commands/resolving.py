"""A person decides between two truths. Both stay readable in the Conflict afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel import audit, events, rows, synced
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import INVALID, STATE_CONFLICT, invalid
from app.work import access
from app.work.commands.deriving import lock_visit, refresh_job
from app.work.commands.facts import answer_item
from app.work.commands.moving import Deed, announce, record
from app.work.commands.times import when
from app.work.models import ChecklistItem, Conflict, Visit
from app.work.statuses import ENDED, UNDER_WAY
from app.work.transitions import PASSING, Step

Values = dict[str, Any]


def resolve_conflict(tx: Tx, conflict_id: UUID, resolution: str, value: Values | None = None) -> Conflict:
    """Resolves an open conflict: `keep_mine` (the device's), `keep_theirs` (the server's), `take_both`, `edit`.

    `value` holds the fields that `edit` writes. Raises 409 when it is resolved, 422 when the resolution does not fit.
    """
    conflict = tx.get(Conflict, conflict_id, lock=True)
    if conflict.visit_id is not None:
        access.demand_visit(tx, tx.get(Visit, conflict.visit_id), "conflicts.resolve")
    if conflict.status != "open":
        raise STATE_CONFLICT(f"This conflict is resolved already ({conflict.resolution}).")
    if resolution == "edit" and not value:
        raise invalid("/value", "Say what it shall be.")
    if resolution != "edit" and value is not None:
        raise invalid("/value", "Only the resolution `edit` takes a value.")
    chosen = _RESOLVERS.get(conflict.kind, _fields)(tx, conflict, resolution, value or {})
    conflict.status, conflict.resolution, conflict.resolved_value = "resolved", resolution, rows.plain(chosen)
    conflict.resolved_by, conflict.resolved_at = tx.actor.user_id, tx.now
    tx.session.flush()
    audit.record(
        tx, "conflict.resolved", "conflict", conflict.id, {"resolution": resolution, "value": rows.plain(chosen)}
    )
    events.emit(tx, "conflict.resolved", {"id": str(conflict.id), "rev": conflict.rev, "resolution": resolution})
    return conflict


def _fields(tx: Tx, conflict: Conflict, resolution: str, value: Values) -> Values | None:
    """Fields of a row: written by the same command that serves phones, whichever room the row lives in."""
    mine, theirs = conflict.mine or {}, conflict.theirs or {}
    if resolution == "keep_theirs":
        return None
    if unknown := set(value) - set(mine):
        raise INVALID(f"Not part of this conflict: {', '.join(sorted(unknown))}.")
    chosen = {"keep_mine": mine, "take_both": _joined(mine, theirs), "edit": value}[resolution]
    update = synced.collections()[conflict.collection].mutations.get("update")
    if update is None:
        raise invalid("/resolution", "Such rows are not edited; keep theirs.")
    mutation = synced.FieldMutation(
        id=new_id(), seq=0, row_id=conflict.row_id, kind="update", base_rev=None, data=chosen,
        device_id=conflict.device_id or new_id(), device_at=tx.now, corrected_at=tx.now,
    )  # fmt: skip
    update(tx, mutation)
    return chosen


def _joined(mine: Values, theirs: Values) -> Values:
    """Both texts, the server's first; a field that one side left empty takes the other's."""
    joined: Values = {}
    for name, value in mine.items():
        other = theirs.get(name)
        if value in (None, "", other) or other in (None, ""):
            joined[name] = value if other in (None, "") else other
        elif isinstance(value, str) and isinstance(other, str):
            joined[name] = f"{other}\n{value}"
        else:
            raise invalid("/resolution", f"Both cannot be kept in one field: {name}. Choose one or edit.")
    return joined


def _answer(tx: Tx, conflict: Conflict, resolution: str, value: Values) -> Values:
    """Two answers to one item: the chosen one is given once more, so that it is the latest and stands."""
    mine, theirs = (conflict.mine or {}).get("value"), (conflict.theirs or {}).get("value")
    options = {"keep_mine": mine, "keep_theirs": theirs, "edit": value.get("value")}
    options["take_both"] = _joined({"value": mine}, {"value": theirs})["value"] if resolution == "take_both" else None
    chosen = options[resolution]
    item = tx.get(ChecklistItem, conflict.row_id)
    row = answer_item(tx, item.visit_id, item.id, chosen, over=True)
    return {"value": chosen, "answer_id": row.id}


def _late_fact(tx: Tx, conflict: Conflict, resolution: str, value: Values) -> Values | None:
    """Work done under an old plan. `keep_mine` lets it count: the visit is that engineer's, where the work left it."""
    if resolution == "edit":
        raise invalid("/resolution", "Facts are not edited: keep mine, keep theirs, or take both.")
    if resolution != "keep_mine":
        return None
    visit, job = lock_visit(tx, conflict.visit_id or conflict.row_id)
    steps = [fact for fact in (conflict.mine or {}).get("facts", []) if "to" in fact]
    last = steps[-1]["to"] if steps else visit.status
    status = PASSING.get(last, last)
    if visit.status in ENDED and visit.status not in ("cancelled", status):
        raise STATE_CONFLICT(f"The visit is {visit.status} by now; keep theirs instead.", status_now=visit.status)
    source = visit.status
    begun = _begun(steps, visit)
    if begun and visit.engineer_id != conflict.engineer_id:  # the hours there are those of somebody else's day
        visit.planned_start = begun
        visit.planned_end, visit.sequence = visit.planned_start + timedelta(seconds=visit.duration_s), None
    visit.status, visit.engineer_id, visit.cancel_reason = status, conflict.engineer_id, None
    tx.session.flush()
    step = Step(source, status, (), event="late_work_counts")
    event = record(tx, visit, step, Deed(when(tx)), conflict.engineer_id, conflict_id=str(conflict.id))
    refresh_job(tx, job)
    announce(tx, visit, event)
    return {"status": status, "engineer_id": conflict.engineer_id}


def _begun(steps: list[Values], visit: Visit) -> datetime | None:
    """When the work began, or, while somebody is on the way to it, when it may."""
    times = {fact["to"]: datetime.fromisoformat(fact["corrected_at"]) for fact in reversed(steps)}
    there = [times[to] for to in UNDER_WAY if to in times and to != "en_route"]
    if there or "en_route" not in times:
        return min(there, default=None)
    return max(times["en_route"], visit.window_start or times["en_route"])


def _dismiss_only(tx: Tx, conflict: Conflict, resolution: str, value: Values) -> None:
    if resolution != "keep_theirs":
        raise invalid("/resolution", "What was refused cannot be applied; keep theirs when it has been dealt with.")


_RESOLVERS: dict[str, Callable[[Tx, Conflict, str, Values], Values | None]] = {
    "answer": _answer,
    "late_fact": _late_fact,
    "rejected": _dismiss_only,
    "quarantined": _dismiss_only,
}
