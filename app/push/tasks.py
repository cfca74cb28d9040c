"""What happens to a visit in the office, told to the phones of whoever holds it."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.tasks import Handle
from app.people.models import CrewMember, Engineer, Organisation, User
from app.push import commands, rules, wording
from app.push.models import PushSubscription
from app.work.models import Visit, VisitEvent

TIMED = ("new", "moved", "offered", "sent_back")


@on("visit.transitioned", when=lambda event: rules.news_of_step(event["from"], event["to"]))
def tell_of_step(tx: Tx, handle: Handle, **event: Any) -> None:
    """New work, work that was cancelled or sent back: while it still stands so."""
    kind = rules.news_of_step(event["from"], event["to"])
    visit = tx.find(Visit, UUID(event["visit_id"])) if kind else None
    if kind and visit is not None and visit.status == event["status"]:
        commands.tell(tx, kind, visit.id, _holders(tx, visit), handle.task_id)


@on("visit.assigned", when=lambda event: event["previous_engineer_id"])
def tell_of_assignment(tx: Tx, handle: Handle, **event: Any) -> None:
    """Who loses a visit that was on their phone is told so; who keeps it hears of the new time."""
    before, visit = UUID(event["previous_engineer_id"]), tx.find(Visit, UUID(event["visit_id"]))
    if visit is None:
        return
    if event["engineer_id"] != event["previous_engineer_id"]:
        if visit.engineer_id != before and _had(tx, visit.id, before):
            commands.tell(tx, "taken", visit.id, [before], handle.task_id)
    elif visit.status in ("dispatched", "accepted"):
        commands.tell(tx, "moved", visit.id, [before], handle.task_id)


def _holders(tx: Tx, visit: Visit) -> list[UUID]:
    if visit.crew_id is None:
        return [visit.engineer_id] if visit.engineer_id else []
    return list(tx.session.scalars(select(CrewMember.engineer_id).where(CrewMember.crew_id == visit.crew_id)))


def _had(tx: Tx, visit_id: UUID, engineer_id: UUID) -> bool:
    """Whether the visit was ever on this engineer's phone."""
    told = select(VisitEvent.id).where(VisitEvent.visit_id == visit_id, VisitEvent.engineer_id == engineer_id)
    return tx.session.scalar(told.where(VisitEvent.to_status == "dispatched").limit(1)) is not None


@tasks.task(commands.SEND)
def send(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Sends one message to one phone, if it is still true. What cannot be handed over is tried again; a phone that is
    gone is forgotten."""
    row = tx.find(PushSubscription, UUID(args["subscription_id"]))
    visit = tx.find(Visit, UUID(args["visit_id"]))
    if row is None or visit is None or not rules.still_true(args["kind"], visit.status, _holds(tx, row, visit)):
        return None
    return {"outcome": commands.send(tx, row, _content(tx, row, visit, args["kind"]), visit.id.hex)}


def _holds(tx: Tx, row: PushSubscription, visit: Visit) -> bool:
    mine = select(Engineer.id).where(Engineer.user_id == row.user_id, Engineer.id.in_(_holders(tx, visit)))
    return tx.session.scalar(mine.limit(1)) is not None


def _content(tx: Tx, row: PushSubscription, visit: Visit, kind: str) -> dict[str, str]:
    language = tx.get(User, row.user_id).locale
    zone = ZoneInfo(tx.session.scalars(select(Organisation.timezone)).one())
    answer_by = visit.offer_expires_at if kind == "new" else None
    kind = "offered" if answer_by else kind
    begins = visit.planned_start or visit.window_start
    return {
        "title": wording.title(language, kind),
        "body": wording.body(language, zone, begins, answer_by) if kind in TIMED else "",
        "url": f"/field/visits/{visit.id}" if kind != "taken" else "/field/",
        "tag": str(visit.id),
    }
