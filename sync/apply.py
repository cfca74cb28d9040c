"""One mutation: its row looked at and locked, merged field by field, handed to the room's command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Result

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.prepared import prepared
from app.kernel.problems import invalid, not_found
from app.kernel.synced import Collection, FieldMutation, Outcome
from sync import bodies
from sync.conflicts import keep
from sync.protocol.merge import merge, same
from sync.protocol.mutations import Mutation
from sync.scope import Scope
from sync.sql import id_array

W = TypeVar("W", bound="Whose")


@dataclass(frozen=True)
class Whose:
    """mine: the row is in the user's scope now. was: it once was, says the feed."""

    mine: bool
    was: bool


@dataclass(frozen=True)
class Now(Whose):
    """A row at this moment. body: as its phone sees it."""

    rev: int
    field_revs: dict[str, int] | None
    body: dict[str, Any]


def collection_of(name: str, kind: str) -> Collection:
    """The collection that takes mutations of `kind`. Raises 422 when there is none."""
    collection = synced.collections().get(name)
    if collection is None:
        raise invalid("/collection", f"There is no collection called {name!r}.")
    if kind not in collection.mutations:
        allowed = ", ".join(collection.mutations) or "nothing"
        raise invalid("/type", f"Phones cannot {kind} {name}; allowed: {allowed}.")
    return collection


@dataclass
class Own:
    """What a push has done itself: the rows that it `made`, and the values that it `wrote` into others.

    Nobody else has seen those yet. Whatever revision a device had in mind when it changed them once more, its own
    earlier change is no reason for a conflict.
    """

    made: set[tuple[str, UUID]] = field(default_factory=set)
    wrote: dict[tuple[str, UUID], dict[str, Any]] = field(default_factory=dict)

    def copy(self) -> Own:
        return Own(set(self.made), {place: dict(values) for place, values in self.wrote.items()})


class Scopes:
    """Whose the rows were when a batch began, for its transitions: looked up at once, for all of a collection."""

    def __init__(self, tx: Tx, scope: Scope, mutations: Iterable[Mutation]) -> None:
        self.tx, self.scope = tx, scope
        self.asked: dict[str, set[UUID]] = defaultdict(set)
        self.known: dict[str, dict[UUID, Whose]] = {}
        for mutation in mutations:
            if mutation.kind == "transition":
                self.asked[mutation.collection].add(mutation.row_id)

    def at(self, collection: Collection, row_id: UUID) -> Whose | None:
        """Whose the row was when the batch found it."""
        if collection.name not in self.known:
            self.known[collection.name] = _whose(self.tx, self.scope, collection, self.asked[collection.name])
        return self.known[collection.name].get(row_id)


def apply(
    tx: Tx,
    scope: Scope,
    collection: Collection,
    mutation: FieldMutation,
    sent: dict[str, Any],
    own: Own,
    scopes: Scopes | None = None,
) -> Outcome:
    """Runs a mutation through its room's command. Raises problems as commands do; the caller undoes and keeps it."""
    handler = collection.mutations[mutation.kind]
    place = (collection.name, mutation.row_id)
    if mutation.kind == "create":
        outcome = handler(tx, mutation)
        own.made.add(place)
        return outcome
    if mutation.kind == "update" and place in own.made:
        return handler(tx, mutation)
    if mutation.kind == "transition":
        row_id = mutation.row_id
        found = scopes.at(collection, row_id) if scopes else _whose(tx, scope, collection, [row_id]).get(row_id)
        return handler(tx, replace(mutation, left=not _reachable(collection, found).mine))
    row = _reachable(collection, _now(tx, scope, collection, mutation.row_id))
    if not row.mine:
        return Outcome("conflict", keep(tx, sent, "left", flags=mutation.flags))
    if mutation.kind == "delete":
        if mutation.base_rev != row.rev:
            return Outcome("conflict", keep(tx, sent, "delete", theirs=row.body, flags=mutation.flags))
        return handler(tx, mutation)
    return _update(tx, collection, mutation, sent, row, own.wrote.setdefault(place, {}))


def _reachable(collection: Collection, row: W | None) -> W:
    if row is None or not (row.mine or row.was):
        raise not_found(f"row in {collection.name}")
    return row


def _update(
    tx: Tx, collection: Collection, mutation: FieldMutation, sent: dict[str, Any], row: Now, wrote: dict[str, Any]
) -> Outcome:
    merged = merge(mutation.base_rev, row.rev, row.field_revs, row.body, mutation.data, sent.get("seen"))
    mine = {name for name, (_, theirs) in merged.clash.items() if name in wrote and same(wrote[name], theirs)}
    accepted = merged.apply | {name: merged.clash[name][0] for name in mine}
    clash = {name: both for name, both in merged.clash.items() if name not in mine}
    outcome = Outcome("applied" if mutation.base_rev == row.rev else "merged")
    if accepted:
        done = collection.mutations["update"](tx, replace(mutation, data=accepted))
        outcome = outcome if done.status == "applied" else done
        wrote |= accepted
    if clash and outcome.conflict_id is None:
        values = {
            "mine": {n: both[0] for n, both in clash.items()},
            "theirs": {n: both[1] for n, both in clash.items()},
        }
        outcome = Outcome("conflict", keep(tx, sent, "field", **values, flags=mutation.flags))
    return outcome


def _whose(tx: Tx, scope: Scope, collection: Collection, row_ids: Iterable[UUID]) -> dict[UUID, Whose]:
    found = _look(tx, scope, collection, row_ids, whole=False)
    return {row.id: Whose(row.mine, row.was) for row in found}


def _now(tx: Tx, scope: Scope, collection: Collection, row_id: UUID) -> Now | None:
    row = _look(tx, scope, collection, [row_id], whole=True).first()
    return Now(row.mine, row.was, row.rev, row.field_revs, row.body) if row else None


def _look(tx: Tx, scope: Scope, collection: Collection, row_ids: Iterable[UUID], *, whole: bool) -> Result[Any]:
    tx.session.flush()
    values = {
        "ids": id_array(row_ids),
        "buckets": list(scope.buckets),
        "masked": scope.masked,
        "collection": collection.name,
    }
    comment = f"look at {collection.name}" if whole else f"whose are {collection.name}"
    return prepared(bodies.look_sql(collection, whole=whole), comment).run(tx.session, values)
