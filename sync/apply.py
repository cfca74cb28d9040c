"""One mutation: its row looked at and locked, merged field by field, handed to the room's command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.problems import invalid, not_found
from app.kernel.synced import Collection, FieldMutation, Outcome
from sync import bodies
from sync.conflicts import keep
from sync.protocol.merge import merge
from sync.scope import Scope


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


def apply(tx: Tx, scope: Scope, collection: Collection, mutation: FieldMutation, sent: dict[str, Any]) -> Outcome:
    """Runs a mutation through its room's command. Raises problems as commands do; the caller undoes and keeps it."""
    handler = collection.mutations[mutation.kind]
    if mutation.kind == "create":
        return handler(tx, mutation)
    row = _look(tx, scope, collection, mutation.row_id)
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


def _look(tx: Tx, scope: Scope, collection: Collection, row_id: UUID) -> Now | None:
    statement, names = _statement(collection.name)
    values = {
        "ids": "{" + str(row_id) + "}",
        "buckets": list(scope.buckets),
        "masked": scope.masked,
        "collection": collection.name,
    }
    row = tx.session.execute(statement, {name: values[name] for name in names}).one_or_none()
    return Now(row.rev, row.field_revs, row.body, row.mine, row.was) if row else None


@lru_cache(maxsize=256)
def _statement(name: str) -> tuple[TextClause, frozenset[str]]:
    statement = text(bodies.look_sql(synced.collections()[name]))
    return statement, frozenset(statement.compile().params)
