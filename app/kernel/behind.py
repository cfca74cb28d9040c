"""What a transaction writes last: audit entries, events and the tasks of their subscribers, gathered as deeds are done.

One statement a table however many deeds, in their order, right before the commit. A savepoint that is undone takes
what was gathered in it along.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.kernel.prepared import prepared

TASK_CHANNEL, EVENT_CHANNEL = "callout_tasks", "callout_events"
"""Where the relay hears of new tasks, and streams of new events."""

AUDIT = prepared(
    """
    INSERT INTO audit_entries (actor, action, subject_type, subject_id, data)
    SELECT actor, action, subject_type, subject_id, data FROM json_to_recordset(CAST(:rows AS json))
      AS entry (actor jsonb, action text, subject_type text, subject_id uuid, data jsonb)
""",
    "write audit entries",
)
# Listeners hear of events and tasks at the commit; to tell them costs no statement of its own.
EVENTS = prepared(
    f"""
    WITH made AS (
        INSERT INTO events (topic, payload)
        SELECT topic, payload FROM json_to_recordset(CAST(:rows AS json)) AS event (topic text, payload jsonb)
        RETURNING id)
    SELECT array_agg(id ORDER BY id), pg_notify('{EVENT_CHANNEL}', current_org()::text) FROM made
""",
    "write events",
)
# In the order of their names, so that commits which ask for the same tasks wait for one another in one order. The relay
# is woken only by what it can do at once: commits that notify stand in line.
TASKS = prepared(
    f"""
    WITH made AS (
        INSERT INTO tasks (id, name, key, args, created_by, run_after)
        SELECT id, name, key, args, created_by, coalesce(run_after, now())
          FROM json_to_recordset(CAST(:rows AS json))
            AS task (id uuid, name text, key text, args jsonb, created_by uuid, run_after timestamptz)
         ORDER BY name, key
        ON CONFLICT (org_id, name, key) DO NOTHING RETURNING 1)
    SELECT CASE WHEN CAST(:due AS boolean) AND count(*) > 0 THEN pg_notify('{TASK_CHANNEL}', '') END FROM made
""",
    "write tasks",
)

HURRY = prepared(f"SELECT pg_notify('{TASK_CHANNEL}', CAST(:id AS text) || ' ' || current_org())", "hurry a task")
MOST_HURRIED = 20
"""Urgent tasks of one commit that do not stand in line: what comes in crowds has time."""

Rows = list[dict[str, Any]]
NOTHING = (0, 0, 0, 0)


@dataclass
class Behind:
    """What waits for the commit. `followers` are tasks of events: (place of the event, the task's row)."""

    audit: Rows = field(default_factory=list)
    events: Rows = field(default_factory=list)
    tasks: Rows = field(default_factory=list)
    followers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    marks: dict[SessionTransaction, tuple[int, ...]] = field(default_factory=dict)

    def mark(self) -> tuple[int, ...]:
        return tuple(len(rows) for rows in self._kinds())

    def cut(self, mark: tuple[int, ...]) -> None:
        """Forgets what was gathered after `mark`."""
        for rows, length in zip(self._kinds(), mark, strict=True):
            del rows[length:]

    def _kinds(self) -> tuple[list[Any], ...]:
        return self.audit, self.events, self.tasks, self.followers


def behind(session: Session) -> Behind:
    """What `session` has gathered."""
    found: Behind | None = session.info.get("behind")
    if found is None:
        found = session.info["behind"] = Behind()
    return found


def write(session: Session) -> None:
    """Writes what was gathered; the commit does it by itself."""
    gathered: Behind | None = session.info.get("behind")
    if gathered is None or gathered.mark() == NOTHING:
        return
    session.flush()
    if gathered.audit:
        AUDIT.run(session, {"rows": _json(gathered.audit)})
    if gathered.events:
        ids = EVENTS.run(session, {"rows": _json(gathered.events)}).one()[0]
        gathered.tasks += [_following(row, ids[place]) for place, row in gathered.followers]
    if gathered.tasks:
        due = any(row.get("run_after") is None for row in gathered.tasks)
        TASKS.run(session, {"rows": _json(gathered.tasks), "due": due})
        for row in [row for row in gathered.tasks if row.get("urgent")][:MOST_HURRIED]:
            HURRY.run(session, {"id": str(row["id"])})
    gathered.cut(NOTHING)
    gathered.marks.clear()


def _following(row: dict[str, Any], event_id: int) -> dict[str, Any]:
    return {**row, "key": str(event_id), "args": {"event_id": event_id, **row["args"]}}


def _json(rows: Rows) -> str:
    return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write(session)


@event.listens_for(Session, "after_transaction_create")
def _begun(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        gathered = behind(session)
        gathered.marks[transaction] = gathered.mark()


@event.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, transaction: SessionTransaction) -> None:
    if "behind" in session.info:
        gathered = behind(session)
        if mark := gathered.marks.pop(transaction, None):
            gathered.cut(mark)
        elif transaction.parent is None:
            gathered.cut(NOTHING)
