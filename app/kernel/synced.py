"""The registry of synced collections. Each room declares its own; the factory hands the registry to `sync`.

So `sync` moves rows without knowing any room's inside, and a room's mutations run the commands of its online API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel.db import Tx


@dataclass(frozen=True)
class FieldMutation:
    """One change made on a device, checked for shape.

    data: what the device sent; for `update` only the fields that nobody else changed since `base_rev` (`sync` keeps
        the others as a Conflict). Values are plain JSON: the handler's schema checks them.
    base_rev: the revision that the device had seen; None for `create`.
    left: the row was this user's when the device last saw it and is not any more. `update` and `delete` never arrive
        so (`sync` keeps them as a Conflict); a `transition` does, because facts are recorded however late.
    flags: doubts about the device's clock: `clock_unknown`, `clock_skew`.
    """

    id: UUID
    seq: int
    row_id: UUID
    kind: str
    base_rev: int | None
    data: dict[str, Any]
    device_id: UUID
    device_at: datetime
    corrected_at: datetime
    left: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a mutation came to: `applied`, `conflict` or `rejected`; `conflict_id` names a Conflict that was opened.

    A handler may as well raise a Problem, as commands do: its savepoint is undone, the result is `rejected`.
    """

    status: str = "applied"
    conflict_id: UUID | None = None
    problem: dict[str, Any] | None = None


MutationHandler = Callable[[Tx, FieldMutation], Outcome]
Prepare = Callable[[Tx, Mapping[str, Sequence[FieldMutation]]], None]


@dataclass(frozen=True)
class Collection:
    """One synced collection.

    name: snake_case plural, as on the wire; also the table's name unless `table` says otherwise. The table has
        `org_id`, `id`, `rev`, and `field_revs` if phones may `update` it.
    body: SQL select list over the alias `r` (a row of the table) giving the columns a phone holds, without id and rev.
        `:masked` is true where customer data must not be shown (subcontractors). Fields that merge keep their
        column's name. Money and exact quantities are cast to text.
    buckets: SQL giving `(row_id uuid, bucket text)` for the rows in `:ids` (uuid[]) as the truth stands now:
        `user:<user id>`, `territory:<id>`, `org` or `parts`. A row that is deleted or out of scope gives nothing.
    touches: SQL giving `(collection text, row_id uuid)` whose *scope* hangs on the rows in `:ids`; read when draining,
        followed to the end. It sees the truth after the change: what hung on a row before is found by `parents`.
    follows: {collection: SQL giving ids (uuid)}: rows of this collection whose scope hangs on the rows in `:ids` of a
        collection declared by a lower room, which cannot name this one in its own `touches`.
    parents: {column: collection}: when the column changes or the row goes, the rows named by its old and new value
        have their scope looked at again. Triggers do it, so plain SQL and COPY count too.
    ties: SQL select list over the alias `r`: that of a row on which the scope of what hangs on it depends. An UPDATE
        that leaves it as it was concerns the row alone, and draining it costs that one row. None: every change counts.
    daily: SQL giving ids (uuid) of rows whose scope changes as days pass; they are touched at local midnight.
        `:today` is the organisation's new local date, `:yesterday` the one looked at last (dates).
    creates: the fields that `create` understands. Clients that send whole rows have only these passed on.
    mutations: handlers by mutation type (`create`, `update`, `delete`, `transition`); none means read-only on phones.
    prepare: called with all mutations of a batch {collection: [mutation]} before the first of them: fills `tx.memory`
        in bulk with what the handlers would ask one by one. Only speed hangs on it. Collections may share one.
    """

    name: str
    body: str
    buckets: str
    version: int = 1
    table: str = ""
    touches: str | None = None
    follows: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    ties: str | None = None
    daily: str | None = None
    mutations: Mapping[str, MutationHandler] = field(default_factory=dict)
    prepare: Prepare | None = None
    creates: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        return self.table or self.name


@dataclass(frozen=True)
class Watch:
    """A table that no phone holds, but on which scopes or bodies of collections hang (`crew_members`, `stock_moves`).

    touches: SQL giving `(collection text, row_id uuid)` for the values of the uuid column `key` in `:ids`, old and new.
    content: the bodies of those rows change too, so phones get them again (`engineer_skills` are part of an engineer).
    """

    table: str
    touches: str
    key: str = "id"
    content: bool = False


_collections: dict[str, Collection] = {}
_watches: dict[str, Watch] = {}


def declare(collection: Collection) -> Collection:
    """Adds a collection to the registry; called once at import by the room that owns it."""
    if _collections.setdefault(collection.name, collection) is not collection:
        raise ValueError(f"two collections are called {collection.name!r}")
    return collection


def watch(watched: Watch) -> Watch:
    """Adds a table to watch; called once at import. One watch a table, and none on the table of a collection."""
    if _watches.setdefault(watched.table, watched) is not watched:
        raise ValueError(f"{watched.table!r} is watched already")
    return watched


def collections() -> Mapping[str, Collection]:
    """All declared collections by name, parents before children as declared."""
    return _collections


def touches(name: str) -> str | None:
    """What is touched with the rows of a collection: what it says itself, and what higher rooms hang on it."""
    followers = [
        f"SELECT '{follower.name}', f.id FROM ({follower.follows[name]}) AS f(id)"
        for follower in _collections.values()
        if name in follower.follows
    ]
    own = _collections[name].touches
    return " UNION ALL ".join([*([own] if own else []), *followers]) or None


def watches() -> Mapping[str, Watch]:
    """All watched tables by name."""
    return _watches
