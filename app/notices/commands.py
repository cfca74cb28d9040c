"""Writing a message, handing it over, and taking it back. Each is written once, however often its cause is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.kernel import tasks, vault
from app.kernel.config import config
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.notices import rules, ways
from app.notices.models import Notice
from app.work.models import Visit

DELIVER = "notices.deliver"


def write(
    tx: Tx,
    kind: str,
    key: str,
    *,
    channel: str,
    address: str,
    language: str,
    subject: str,
    text: str,
    secret: bool = False,
    job_id: UUID | None = None,
    visit_id: UUID | None = None,
    good_until: datetime | None = None,
    delay: timedelta | None = None,
) -> Notice | None:
    """A message that leaves after the commit, or `delay` later; None when this `key` was told before.

    language: `en` or `zh-CN`. A `secret` text is kept encrypted, and only until it was taken.
    """
    if tx.session.scalar(select(Notice.id).where(Notice.key == key)):
        return None
    row = Notice(
        id=new_id(),
        kind=kind,
        key=key,
        channel=channel,
        address=address,
        language=language,
        subject=subject,
        body=None if secret else text,
        job_id=job_id,
        visit_id=visit_id,
        good_until=good_until,
    )
    if secret:
        row.sealed = vault.encrypt(vault.CODE, tx.actor.org_id, row.id, text.encode())
    row.state, row.fault = _first_state(channel)
    tx.add(row)
    if row.state == "waiting":
        tasks.schedule(tx, DELIVER, {"notice_id": str(row.id)}, key=f"{row.id}:0", delay=delay)
    return row


def _first_state(channel: str) -> tuple[str, str | None]:
    if ways.leads_out(channel):
        return "waiting", None
    if config().mode == "production":
        return "failed", f"Nothing is set up that sends {channel}."
    return "shown", None


def deliver(tx: Tx, notice_id: UUID) -> str | None:
    """Hands a waiting message over and says where it is now. When it is not taken, a later task tries again.

    A worker that dies between handing over and commit hands over again, under the same id.
    """
    row = tx.find(Notice, notice_id, lock=True)
    if row is None or row.state != "waiting":
        return row.state if row else None
    if row.good_until is not None and row.good_until <= tx.now:
        return _over(tx, row, "failed", "It came too late to be of use.")
    if not _holds(tx, row):
        let_go(row)
        return _over(tx, row, "withdrawn", "It was not true any more.")
    row.attempts += 1
    try:
        ways.hand_over(_message(row))
    except ways.Refused as error:
        return _over(tx, row, "failed", str(error))
    except ways.NotSent as error:
        return _again(tx, row, str(error))
    row.sent_at = tx.now
    return _over(tx, row, "sent", None)


def _holds(tx: Tx, row: Notice) -> bool:
    """Whether what a message tells of a visit is still so."""
    where = rules.STILL.get(row.kind)
    if where is None or row.visit_id is None:
        return True
    visit = tx.find(Visit, row.visit_id)
    return visit is not None and visit.status in where


def _message(row: Notice) -> ways.Message:
    text = row.body or vault.decrypt(vault.CODE, row.org_id, row.id, row.sealed or b"").decode()
    return ways.Message(str(row.id), row.channel, row.address, row.subject, text, row.language)


def _again(tx: Tx, row: Notice, fault: str) -> str:
    if row.attempts >= rules.MAX_ATTEMPTS:
        return _over(tx, row, "failed", fault)
    row.fault = fault[:500]
    tx.session.flush()
    args, key = {"notice_id": str(row.id)}, f"{row.id}:{row.attempts}"
    tasks.schedule(tx, DELIVER, args, key=key, delay=rules.pause(row.attempts))
    return row.state


def _over(tx: Tx, row: Notice, state: str, fault: str | None) -> str:
    row.state, row.fault, row.sealed = state, fault and fault[:500], None
    tx.session.flush()
    return state


def let_go(row: Notice) -> None:
    """What a message told is not so any more: when it comes true again, it is told again."""
    row.key = f"{row.key}:{row.id}"


def received(tx: Tx, key: str) -> Notice | None:
    """The message of this key, if it has reached somebody."""
    reached = (Notice.key == key) & Notice.state.in_(("sent", "shown"))
    return tx.session.scalars(select(Notice).where(reached).with_for_update()).one_or_none()


def withdraw(tx: Tx, key: str) -> None:
    """A message that waits still is not sent any more."""
    waiting = (Notice.key == key) & (Notice.state == "waiting")
    tx.session.execute(update(Notice).where(waiting).values(state="withdrawn", sealed=None))
