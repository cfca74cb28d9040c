"""Rows as they stand after a push, for its results; only those that their reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.prepared import prepared
from sync import bodies
from sync.scope import Scope
from sync.sql import id_array


def show(tx: Tx, scope: Scope, touched: dict[str, dict[UUID, list[UUID]]], results: dict[UUID, dict[str, Any]]) -> None:
    """Puts `rev` and `row` into the results of mutations, {collection: {row id: [mutation id]}}; one statement each."""
    tx.session.flush()
    for name, mutations in touched.items():
        for row in read(tx, scope, name, mutations):
            for mutation_id in mutations[row.id]:
                results[mutation_id] |= {"rev": row.rev, "row": orjson.Fragment(row.body)}


def read(tx: Tx, scope: Scope, name: str, ids: Iterable[object]) -> Sequence[Any]:
    """Rows of a collection by id, (id, rev, body as JSON text); those that their reader may not see are left out."""
    values = {"ids": id_array(ids), "buckets": list(scope.buckets), "masked": scope.masked}
    shown = prepared(bodies.rows_sql(synced.collections()[name]), f"show {name}")
    return shown.run(tx.session, values).all()
