"""What happens to a visit and its report, told to its customer; and the delivery of what was written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.tasks import Handle
from app.notices import commands, rules, telling
from app.notices.models import Notice
from app.work.models import Job, Visit, VisitEvent


@tasks.task(commands.DELIVER)
def deliver(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Hands one message to its way out."""
    return {"state": commands.deliver(tx, UUID(args["notice_id"]))}


PLANNED = "notices.planned"


@on("visit.transitioned", when=lambda event: event["to"] == "cancelled" or event["to"] in rules.TOLD_OF)
def tell_of_step(tx: Tx, handle: Handle, **event: Any) -> None:
    """That a visit is planned, once the plan has stood for a while; that somebody is on the way or there, at once."""
    if event["to"] == "cancelled":
        _reconsider(tx, "called_off", event)
    elif rules.TOLD_OF[event["to"]] == "planned":
        tasks.schedule(tx, PLANNED, {"event": event}, key=event["event_id"], delay=rules.SETTLE)
    else:
        _tell(tx, rules.TOLD_OF[event["to"]], event)


@tasks.task(PLANNED)
def tell_of_plan(tx: Tx, handle: Handle, **args: Any) -> None:
    """That a visit is planned, as it stands now; nothing when it was taken back meanwhile."""
    _tell(tx, "planned", args["event"])


RECONSIDERED = "notices.reconsidered"


def _taken_back(event: dict[str, Any]) -> bool:
    return event["status"] in rules.STILL["unplanned"] and event["engineer_id"] is None


@on("visit.assigned", when=_taken_back)
def tell_of_taking_back(tx: Tx, handle: Handle, **event: Any) -> None:
    """That nobody comes, when a visit was taken back and still waits after a while. An engineer who declines changes
    nothing that was promised: the office looks for another."""
    _reconsider(tx, "unplanned", event)


def _reconsider(tx: Tx, kind: str, event: dict[str, Any]) -> None:
    args = {"visit_id": event["visit_id"], "kind": kind}
    tasks.schedule(tx, RECONSIDERED, args, key=event["event_id"], delay=rules.RECONSIDER)


@tasks.task(RECONSIDERED)
def tell_of_no_plan(tx: Tx, handle: Handle, **args: Any) -> None:
    """That a visit is not planned any more: to whom was told that it is, unless it is again or they ended it."""
    visit, kind = tx.find(Visit, UUID(args["visit_id"])), args["kind"]
    told = commands.received(tx, f"planned:{args['visit_id']}")
    if visit is None or told is None or visit.status not in rules.STILL[kind]:
        return
    if kind == "unplanned" or not _ended_by_customer(tx, visit):
        telling.tell(tx, visit, kind, f"{kind}:{told.id}")
    commands.let_go(told)


def _ended_by_customer(tx: Tx, visit: Visit) -> bool:
    ends = (VisitEvent.visit_id == visit.id, VisitEvent.applied, VisitEvent.to_status == "cancelled")
    newest = select(VisitEvent.data).where(*ends).order_by(VisitEvent.seq.desc()).limit(1)
    return (tx.session.scalar(newest) or {}).get("by") == "customer"


def _tell(tx: Tx, kind: str, event: dict[str, Any]) -> None:
    """Once each for a visit and a day."""
    visit = tx.find(Visit, UUID(event["visit_id"]))
    if visit is None:
        return
    at = datetime.fromisoformat(event["corrected_at"])
    if rules.is_news(kind, visit.status, at, visit.window_start or visit.planned_start, tx.now):
        until = None if kind == "planned" else at + rules.NEWS
        day = "" if kind == "planned" else f":{at.date()}"
        telling.tell(tx, visit, kind, f"{kind}:{visit.id}{day}", good_until=until)


@on("report.sealed")
def tell_of_report(tx: Tx, handle: Handle, **event: Any) -> None:
    """That a report is ready; a correction is told anew, since it is another document."""
    visit = tx.find(Visit, UUID(event["visit_id"]))
    if visit is not None:
        telling.tell(tx, visit, "report", f"report:{event['id']}", proof=event["url"])


@on("job.office_wrote")
def tell_of_answer(tx: Tx, handle: Handle, **event: Any) -> None:
    """That the office has written: what it wrote is for whoever opens the page, not for a locked screen. Letters in a
    row are one notice, which leaves a while after the first of them."""
    job = tx.find(Job, UUID(event["id"]), lock=True)  # of two letters the second sees what the first has caused
    if job is None or _told_already(tx, job.id, datetime.fromisoformat(event["at"])):
        return
    of_job = select(Visit).where(Visit.job_id == UUID(event["id"]), Visit.deleted_at.is_(None))
    visit = tx.session.scalars(of_job.order_by(Visit.created_at.desc(), Visit.id.desc()).limit(1)).first()
    if visit is not None:
        telling.tell(tx, visit, "answer", f"answer:{event['message_id']}", delay=rules.GATHER)


def _told_already(tx: Tx, job_id: UUID, written_at: datetime) -> bool:
    """Whether the newest notice of letters to this customer tells of one of this moment, too."""
    answers = select(Notice).where(Notice.job_id == job_id, Notice.kind == "answer")
    newest = tx.session.scalars(answers.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(1)).first()
    return newest is not None and rules.covers(
        newest.state, newest.sent_at or newest.created_at + rules.GATHER, written_at
    )
