"""From whole rows, as stock clients send them, to mutations that say what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.synced import Collection
from app.work.commands.stepping import believed_status
from app.work.models import Visit
from app.work.transitions import route
from sync.protocol.merge import same

# What clients keep beside the row, and what only the server writes.
OURS = frozenset({"id", "rev", "created_at", "updated_at", "deleted_at", "leaving_at", "device_id", "device_at"})
OURS |= {"received_at", "corrected_at", "flags", "_status", "_changed", "_deleted", "_rev", "_meta", "_attachments"}
# Said with a step of a visit, never kept in the row.
STEP_WORDS = {"status_reason": "reason"}

ANY_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")

Data = dict[str, Any]
Key = tuple[str, str]  # collection, row id as sent


@dataclass(frozen=True)
class Standing:
    """A row as it stands now, as its reader sees it."""

    rev: int
    body: Data


@dataclass
class Change:
    """What a client did to one row. fields: what it changed, or all of a new row.

    base_rev: the revision that it knew. seen: values that it had in mind. id: those of its mutations are made from it.
    """

    collection: str
    row_id: Any
    kind: str
    fields: Data
    base_rev: int = 0
    seen: Data = field(default_factory=dict)
    at: datetime | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def key(self) -> Key:
        return self.collection, str(self.row_id)


def changed(fields: Data, standing: Standing | None) -> Data:
    """What differs from the row as it stands; all of it when the row cannot be seen."""
    own = {name: value for name, value in fields.items() if name not in OURS}
    if standing is None:
        return own
    # A column that the row does not have is the client's own business.
    known = {name: value for name, value in own.items() if name in standing.body or name in STEP_WORDS}
    return {name: v for name, v in known.items() if name in STEP_WORDS or not same(standing.body[name], v)}


def mutations(tx: Tx, change: Change, standing: Standing | None) -> Iterator[Data]:
    """The mutations, without numbers, that say what `change` means; none when it means nothing."""
    collection = synced.collections().get(change.collection)
    if change.kind == "create":
        yield _mutation(tx, change, "create", _new(collection, change.fields))
    elif change.kind == "delete":
        yield _mutation(tx, change, "delete", {})
    elif collection and "transition" in collection.mutations:
        yield from _moved(tx, change, standing)
    elif change.fields:
        yield _mutation(tx, change, "update", change.fields)


def _moved(tx: Tx, change: Change, standing: Standing | None) -> Iterator[Data]:
    """An update of a row whose status moves by steps. A client that keeps rows has only the last step it took."""
    words = {STEP_WORDS[name]: value for name, value in change.fields.items() if name in STEP_WORDS and value}
    fields = {name: value for name, value in change.fields.items() if name not in STEP_WORDS and name != "status"}
    if fields:
        yield _mutation(tx, change, "update", fields)
    if "status" in change.fields:
        to = str(change.fields["status"])
        for name in _way(tx, change, standing, to):
            yield _mutation(tx, change, "transition", {"to": name, **(words if name == to else {})})


def _way(tx: Tx, change: Change, standing: Standing | None, to: str) -> list[str]:
    """The steps that lead to a status from the present one, or else from what the device believed."""
    if standing and (way := route(str(standing.body["status"]), to)):
        return way
    visit = tx.find(Visit, UUID(change.row_id)) if is_uuid(change.row_id) else None
    return (route(believed_status(tx, visit, change.base_rev), to) if visit else []) or [to]


def _new(collection: Collection | None, fields: Data) -> Data:
    known = collection.creates if collection else frozenset()
    return {name: value for name, value in _filled(fields).items() if name in known or (not known and name not in OURS)}


def _filled(fields: Data) -> Data:
    return {name: value for name, value in fields.items() if value is not None}


def _mutation(tx: Tx, change: Change, kind: str, data: Data) -> Data:
    sent = {
        "id": uuid5(change.id, f"{kind} {data.get('to', '')!a}"),
        "collection": change.collection,
        "row_id": change.row_id,
        "type": kind,
        "base_rev": change.base_rev,
        "data": data,
        "device_at": (change.at or tx.now).isoformat(),
    }
    seen = {name: change.seen[name] for name in data if name in change.seen}
    return {**sent, "seen": seen} if seen else sent


def moment(row: Data, names: Iterable[str]) -> datetime | None:
    """The first of the fields `names` that holds a time: RFC 3339 text, or milliseconds as JavaScript counts them."""
    for name in names:
        value = row.get(name)
        try:
            if isinstance(value, str):
                at = datetime.fromisoformat(value)
            elif isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
                at = datetime.fromtimestamp(value / 1000, UTC)
            else:
                continue
        except (ValueError, OverflowError, OSError):
            continue
        if at.tzinfo and 1970 < at.year < 2200:
            return at
    return None


def is_uuid(value: Any) -> bool:
    """Whether a client gave the row an id that we can keep: as PostgreSQL reads it, where Python reads more."""
    return isinstance(value, str) and bool(ANY_UUID.fullmatch(value))
