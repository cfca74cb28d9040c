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
from app.work.models import Visit


@tasks.task(commands.DELIVER)
def deliver(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Hands one message to its way out."""
    return {"state": commands.deliver(tx, UUID(args["notice_id"]))}


@on("visit.transitioned")
def tell_of_step(tx: Tx, handle: Handle, **event: Any) -> None:
    """That a visit is planned, that somebody is on the way, that they are there: once each for a visit and a day."""
    kind = rules.TOLD_OF.get(event["to"])
    visit = tx.find(Visit, UUID(event["visit_id"])) if kind else None
    if kind is None or visit is None:
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
    """That the office has written: what it wrote is for whoever opens the page, not for a locked screen."""
    of_job = select(Visit).where(Visit.job_id == UUID(event["id"]), Visit.deleted_at.is_(None))
    visit = tx.session.scalars(of_job.order_by(Visit.created_at.desc(), Visit.id.desc()).limit(1)).first()
    if visit is not None:
        telling.tell(tx, visit, "answer", f"answer:{event['message_id']}")
