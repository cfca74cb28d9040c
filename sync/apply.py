"""One mutation: its row looked at and locked, merged field by field, handed to the room's command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.problems import invalid, not_found
from app.kernel.synced import Collection, FieldMutation, Outcome
from sync import bodies
from sync.conflicts import keep
from sync.prepared import prepared
from sync.protocol.merge import merge
from sync.protocol.mutations import Mutation
from sync.scope import Scope
from sync.sql import id_array


@dataclass(frozen=True)
class Now:
    """A row at this moment. body: as its phone sees it. mine: in the user's scope. was: once in it, says the feed."""

    rev: int
    field_revs: dict[str, int] | None
    body: dict[str, Any]
    mine: bool
    was: bool


def collection_of(name: str, kind: str) -> Collection:
    """The collection that takes mutations of `kind`. Raises 422 when there is none."""
    collection = synced.collections().get(name)
    if collection is None:
        raise invalid("/collection", f"There is no collection called {name!r}.")
    if kind not in collection.mutations:
        allowed = ", ".join(collection.mutations) or "nothing"
        raise invalid("/type", f"Phones cannot {kind} {name}; allowed: {allowed}.")
    return collection


class Scopes:
    """What a batch knows of its rows without looking at each.

    Whose they were when it began, for its transitions: looked up at once, for all of a collection. And which of them
    it `made` itself: nobody else has seen those, so what the device changes of them next cannot clash with anything.
    """

    def __init__(self, tx: Tx, scope: Scope, mutations: Iterable[Mutation]) -> None:
        self.tx, self.scope = tx, scope
        self.asked: dict[str, set[UUID]] = defaultdict(set)
        self.known: dict[str, dict[UUID, Now]] = {}
        self.made: set[tuple[str, UUID]] = set()
        for mutation in mutations:
            if mutation.kind == "transition":
                self.asked[mutation.collection].add(mutation.row_id)

    def at(self, collection: Collection, row_id: UUID) -> Now | None:
        """The row as the batch found it."""
        if collection.name not in self.known:
            self.known[collection.name] = _look(self.tx, self.scope, collection, self.asked[collection.name])
        return self.known[collection.name].get(row_id)


def apply(
    tx: Tx,
    scope: Scope,
    collection: Collection,
    mutation: FieldMutation,
    sent: dict[str, Any],
    scopes: Scopes | None = None,
) -> Outcome:
    """Runs a mutation through its room's command. Raises problems as commands do; the caller undoes and keeps it."""
    handler = collection.mutations[mutation.kind]
    fresh = scopes.made if scopes else set()
    place = (collection.name, mutation.row_id)
    if mutation.kind == "create":
        fresh.add(place)
        return handler(tx, mutation)
    if mutation.kind == "update" and mutation.base_rev == 1 and place in fresh:
        fresh.remove(place)
        return handler(tx, mutation)
    if mutation.kind == "transition" and scopes:
        row = scopes.at(collection, mutation.row_id)
    else:
        row = _look(tx, scope, collection, [mutation.row_id]).get(mutation.row_id)
    if row is None or not (row.mine or row.was):
        raise not_found(f"row in {collection.name}")
    if mutation.kind == "transition":
        return handler(tx, replace(mutation, left=not row.mine))
    if not row.mine:
        return Outcome("conflict", keep(tx, sent, "left", flags=mutation.flags))
    if mutation.kind == "delete":
        if mutation.base_rev != row.rev:
            return Outcome("conflict", keep(tx, sent, "delete", theirs=row.body, flags=mutation.flags))
        return handler(tx, mutation)
    return _update(tx, collection, mutation, sent, row)


def _update(tx: Tx, collection: Collection, mutation: FieldMutation, sent: dict[str, Any], row: Now) -> Outcome:
    merged = merge(mutation.base_rev, row.rev, row.field_revs, row.body, mutation.data)
    outcome = Outcome("applied" if mutation.base_rev == row.rev else "merged")
    if merged.apply:
        done = collection.mutations["update"](tx, replace(mutation, data=merged.apply))
        outcome = outcome if done.status == "applied" else done
    if merged.clash and outcome.conflict_id is None:
        mine = {name: both[0] for name, both in merged.clash.items()}
        theirs = {name: both[1] for name, both in merged.clash.items()}
        outcome = Outcome("conflict", keep(tx, sent, "field", mine=mine, theirs=theirs, flags=mutation.flags))
    return outcome


def _look(tx: Tx, scope: Scope, collection: Collection, row_ids: Iterable[UUID]) -> dict[UUID, Now]:
    tx.session.flush()
    values = {
        "ids": id_array(row_ids),
        "buckets": list(scope.buckets),
        "masked": scope.masked,
        "collection": collection.name,
    }
    found = prepared(bodies.look_sql(collection), f"look at {collection.name}").run(tx.session, values)
    return {row.id: Now(row.rev, row.field_revs, row.body, row.mine, row.was) for row in found}
