"""Rows as they stand after a push, for its results; only those that their reader may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from app.kernel import synced
from app.kernel.db import Tx
from sync import bodies
from sync.prepared import prepared
from sync.scope import Scope
from sync.sql import id_array


def show(tx: Tx, scope: Scope, touched: dict[str, dict[UUID, list[UUID]]], results: dict[UUID, dict[str, Any]]) -> None:
    """Puts `rev` and `row` into the results of mutations, {collection: {row id: [mutation id]}}; one statement each."""
    tx.session.flush()
    for name, mutations in touched.items():
        values = {"ids": id_array(mutations), "buckets": list(scope.buckets), "masked": scope.masked}
        shown = prepared(bodies.rows_sql(synced.collections()[name]), f"show {name}")
        for row in shown.run(tx.session, values):
            for mutation_id in mutations[row.id]:
                results[mutation_id] |= {"rev": row.rev, "row": orjson.Fragment(row.body)}
