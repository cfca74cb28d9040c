"""Who looked at an engineer's positions: written down when it happens, told to the engineer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.kernel import audit
from app.kernel.db import Tx
from app.kernel.models import AuditEntry

ONCE_IN = timedelta(hours=1)
"""The map asks every few seconds; looking at it is written down once in this time."""
MOST = 200


def note_map(tx: Tx, engineers: Collection[UUID]) -> None:
    """The actor sees where these engineers are now. Whoever looks at the own position alone is not noted."""
    others = sorted(str(one) for one in engineers if one != tx.actor.engineer_id)
    reader = tx.actor.user_id
    if not others or reader is None:
        return
    e = AuditEntry
    before = select(e.data).where(
        e.subject_type == "reader", e.subject_id == reader, e.action == "positions.read", e.at > tx.now - ONCE_IN
    )
    known = {one for data in tx.session.scalars(before) for one in data["engineer_ids"]}
    if fresh := [one for one in others if one not in known]:
        audit.record(tx, "positions.read", "reader", reader, {"engineer_ids": fresh})


def of_engineer(tx: Tx) -> list[dict[str, Any]]:
    """Who looked at the acting engineer's track or place on the map, the newest first."""
    me = tx.actor.engineer_id
    if me is None:
        return []
    e = AuditEntry
    track = (e.action == "track.read") & (e.subject_type == "engineer") & (e.subject_id == me)
    seen = (e.action == "positions.read") & e.data["engineer_ids"].contains([str(me)])
    query = select(e.at, e.actor, e.action, e.data).where(or_(track, seen)).order_by(e.id.desc()).limit(MOST)
    found = tx.session.execute(query).all()
    return [
        {
            "at": row.at,
            "name": row.actor["name"],
            "role": row.actor["role"],
            "what": "track" if row.action == "track.read" else "map",
            "from": row.data.get("from"),
            "to": row.data.get("to"),
        }
        for row in found
        if row.actor["user_id"] != str(tx.actor.user_id)
    ]
