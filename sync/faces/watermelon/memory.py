"""What is remembered of a WatermelonDB device: its last pull, and what it pushed in its last round.

The stock client merges the rows of a pull into its own before it pushes. What its edits were made upon is therefore not
what it just got, but what it had before: the cursor that it *sent* with that pull. And when the answer to a push is
lost, it pushes the same rows again, upon a cursor that has gone on, though the edits are the old ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.kernel.db import Tx
from sync.protocol.cursor import parse
from sync.pull import look
from sync.scope import Scope
from sync.sql import id_array

LOAD = text("SELECT watermelon FROM sync_clients WHERE org_id = current_org() AND device_id = :device")
SAVE = text("""
    INSERT INTO sync_clients (device_id, watermelon) VALUES (:device, CAST(:memory AS jsonb))
    ON CONFLICT (org_id, device_id) DO UPDATE
    SET watermelon = coalesce(sync_clients.watermelon, '{}') || EXCLUDED.watermelon
""")
REVISIONS = text("""
    SELECT DISTINCT ON (row_id) row_id::text AS row_id, rev FROM sync_revisions
    WHERE org_id = current_org() AND collection = :collection AND row_id = ANY(CAST(:ids AS uuid[])) AND pos <= :pos
    ORDER BY row_id, pos DESC
""")


@dataclass
class Memory:
    """came_from, went_to: the cursors of the last pull, as sent and as answered.

    owes: the device had unsent changes at that pull, and no push of it has arrived since.
    round: where the pull before the last push had gone to. rows: what that push said,
    {"visits/<id>": {"base_rev": 3, "data": {…}}}.
    """

    came_from: int | None = None
    went_to: int | None = None
    owes: bool = False
    round: int | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def must_push(self, last_pulled_at: int) -> bool:
        """Whether the push that belongs to the pull before this one never arrived, so that it has to come first."""
        return self.owes and last_pulled_at == self.went_to

    def base(self, last_pulled_at: int) -> int | None:
        """The cursor upon which edits were made that are pushed after a pull to `last_pulled_at`."""
        return self.came_from if last_pulled_at == self.went_to else None

    def before(self, key: str, last_pulled_at: int) -> dict[str, Any] | None:
        """What the push just before this one said about a row. Its answer may have been lost."""
        return self.rows.get(key) if self.round in (self.base(last_pulled_at), last_pulled_at) else None

    def said_at(self, last_pulled_at: int | None) -> dict[str, dict[str, Any]]:
        """What was pushed since the pull to `last_pulled_at`."""
        return self.rows if self.round is not None and self.round == last_pulled_at else {}


def load(tx: Tx, device_id: UUID) -> Memory:
    """The memory of a device; an empty one when nothing is known."""
    return Memory(**(tx.session.scalar(LOAD, {"device": device_id}) or {}))


def pulled(tx: Tx, device_id: UUID, came_from: int | None, went_to: int, *, unsent: bool) -> None:
    """Remembers a pull."""
    _save(tx, device_id, {"came_from": came_from, "went_to": went_to, "owes": unsent})


def pushed(tx: Tx, device_id: UUID, memory: Memory) -> None:
    """Remembers a push."""
    _save(tx, device_id, asdict(memory))


def _save(tx: Tx, device_id: UUID, values: dict[str, Any]) -> None:
    tx.session.execute(SAVE, {"device": device_id, "memory": json.dumps(values)})


def revisions_at(tx: Tx, scope: Scope, number: int | None, collection: str, ids: Iterable[str]) -> dict[str, int]:
    """The revisions that a client at cursor `number` had surely seen; nothing about rows that it may not have had."""
    cursor = parse(number) if number is not None else None
    horizon = look(tx, scope, cursor)
    if cursor is None or cursor.gen != horizon.gen:
        return {}
    pos = cursor.pos if not cursor.ticket else horizon.ticket[1] if horizon.ticket else 0
    values = {"collection": collection, "ids": id_array(ids), "pos": pos}
    return {row.row_id: row.rev for row in tx.session.execute(REVISIONS, values)}
