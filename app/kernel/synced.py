"""The registry of synced collections. Each room declares its own; the factory hands the registry to `sync`.

So `sync` moves rows without knowing any room's inside, and a room's mutations run the commands of its online API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel.db import Tx


@dataclass(frozen=True)
class FieldMutation:
    """One change made on a device, checked for shape. `base` holds the row's per-field revisions at `base_rev`."""

    id: UUID
    seq: int
    row_id: UUID
    kind: str
    base_rev: int | None
    data: dict[str, Any]
    device_id: UUID
    device_at: datetime
    corrected_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What a mutation came to: `applied`, `merged`, `conflict` or `rejected`; `conflict_id` names an open Conflict."""

    status: str
    conflict_id: UUID | None = None
    problem: dict[str, Any] | None = None


MutationHandler = Callable[[Tx, FieldMutation], Outcome]


@dataclass(frozen=True)
class Collection:
    """One synced collection.

    name: snake_case plural, as on the wire; also the table's name unless `table` says otherwise.
    body: SQL select list over the alias `r` (a row of the table) giving the columns a phone holds, without id and rev.
    buckets: SQL giving `(row_id uuid, bucket text)` for the rows in `:ids` (uuid[]) as the truth stands now:
        `user:<user id>`, `territory:<id>`, `org` or `parts`. A row that is deleted or out of scope gives nothing.
    touches: SQL giving `(collection text, row_id uuid)` whose scope hangs on the rows in `:ids`; read when draining.
    parents: columns whose old and new values are touched too when they change: {column: collection}.
    mutations: handlers by mutation type (`create`, `update`, `delete`, `transition`); none means read-only on phones.
    """

    name: str
    body: str
    buckets: str
    version: int = 1
    table: str = ""
    touches: str | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    mutations: Mapping[str, MutationHandler] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.table or self.name


_collections: dict[str, Collection] = {}


def declare(collection: Collection) -> Collection:
    """Adds a collection to the registry; called once at import by the room that owns it."""
    if _collections.setdefault(collection.name, collection) is not collection:
        raise ValueError(f"two collections are called {collection.name!r}")
    return collection


def collections() -> Mapping[str, Collection]:
    """All declared collections by name, parents before children as declared."""
    return _collections
