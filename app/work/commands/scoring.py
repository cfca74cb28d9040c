"""The points of jobs: written with the job, and again as time passes; waiting that raises them is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import rows
from app.kernel.db import Tx
from app.places.models import Account, Site
from app.work import priority
from app.work.commands.deriving import tell
from app.work.models import Job, JobScore, PrioritySettings
from app.work.priority import Facts, Rules, Term
from app.work.priority_words import sentence

ALIVE = ("new", "open", "scheduled", "in_progress", "on_hold")
WAITING = ("new", "open")
LEVEL = 5
"""Waiting is told each time that it has added so many points more."""


def rules(tx: Tx) -> Rules:
    """What the organisation counts; the defaults when it never said."""
    row = tx.session.scalars(select(PrioritySettings)).one_or_none()
    if row is None:
        return Rules()
    names = ("urgency", "importance", "tier", "deadline", "age_after_s", "age_points", "age_most")
    words = priority.DEFAULT_WORDS if row.urgent_words is None else row.urgent_words
    return Rules(**{name: getattr(row, name) for name in names}, words=words)


def change_rules(tx: Tx, data: dict[str, Any]) -> None:
    """Sets the members given and counts all open jobs anew."""
    row = tx.session.scalars(select(PrioritySettings).with_for_update()).one_or_none()
    if row is None:
        rows.create(tx, PrioritySettings, data)
    else:
        rows.update(tx, row, data)
    refresh_scores(tx)


def raised(tx: Tx, data: dict[str, Any], present: int | None = None) -> tuple[int, str] | None:
    """(priority, words) when the words of a job make it more urgent than it says; None when they do not."""
    said = priority.urgent_word(f"{data.get('summary') or ''}\n{data.get('description') or ''}", rules(tx))
    return (said[1], said[0]) if said and said[1] < (data.get("priority") or present or 3) else None


def tell_raised(tx: Tx, job: Job, words: str, before: int) -> None:
    """Why a job is more urgent than somebody had said, in its trail."""
    tell(tx, job, "raised", f"it says “{words}”", words=words, **{"from": before, "to": job.priority})


def score_job(tx: Tx, job: Job) -> None:
    """Counts the points of one job."""
    tx.session.flush()
    _count(tx, _read(tx, Job.id == job.id))


def refresh_scores(tx: Tx) -> int:
    """Counts the points of all open jobs as of `tx.now`. Returns how many have changed.

    A job that has waited past the threshold climbs; each `LEVEL` points more go into its trail, the audit and the
    outbox (`job.aged`).
    """
    return _count(tx, _read(tx, Job.status.in_(ALIVE)))


def _read(tx: Tx, which: Any) -> Sequence[Any]:
    columns = (
        *(Job.id, Job.priority, Job.importance, Job.due_at, Job.status, Job.created_at),
        func.coalesce(Account.tier, "standard").label("tier"),
        *(JobScore.score, JobScore.aged),
    )
    query = (
        select(*columns)
        .join(Site, Site.id == Job.site_id)
        .outerjoin(Account, Account.id == func.coalesce(Job.account_id, Site.account_id))
        .outerjoin(JobScore, JobScore.job_id == Job.id)
        .where(Job.deleted_at.is_(None), which)
    )
    return tx.session.execute(query.order_by(Job.id)).all()


def _count(tx: Tx, jobs: Sequence[Any]) -> int:
    own = rules(tx)
    fresh, older = [], []
    for job in jobs:
        since = job.created_at if job.status in WAITING else None
        reasons = priority.terms(Facts(job.priority, job.importance, job.tier, job.due_at, since), own, tx.now)
        value, level = priority.score(reasons), _level(reasons)
        if value != job.score or level != job.aged:
            fresh.append({"job_id": job.id, "score": value, "terms": [asdict(r) for r in reasons], "aged": level})
        if level > (job.aged or 0):
            older.append((job.id, value, level * LEVEL))
    _write(tx, fresh)
    for job_id, value, points in older:
        tell(tx, tx.get(Job, job_id), "aged", score=value, points=points)
    return len(fresh)


def _level(reasons: Collection[Term]) -> int:
    return int(sum(reason.points for reason in reasons if reason.name == "age") // LEVEL)


def _write(tx: Tx, fresh: list[dict[str, Any]]) -> None:
    if not fresh:
        return
    statement = insert(JobScore)
    new = statement.excluded
    tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "job_id"], set_={"score": new.score, "terms": new.terms, "aged": new.aged}
        ),
        fresh,
    )


def shown(tx: Tx, job_id: UUID, language: str) -> dict[str, Any]:
    """The points of a job with their reasons in words."""
    job = tx.get(Job, job_id)
    row = tx.session.scalars(select(JobScore).where(JobScore.job_id == job_id)).one_or_none()
    reasons = [{**one, "detail": sentence(one["name"], one["numbers"], language)} for one in (row.terms if row else [])]
    said = priority.urgent_word(f"{job.summary}\n{job.description}", rules(tx))
    words = [
        {"words": words, "priority": least, "detail": sentence("word", {"words": words}, language)}
        for words, least in ([said] if said else [])
    ]
    return {
        "job_id": job_id,
        "priority": job.priority,
        "score": row.score if row else None,
        "terms": reasons,
        "urgent_words": words,
    }
