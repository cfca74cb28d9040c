"""Rows as they stand after a push, for its results; only those that their reader may see."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text

from app.kernel import synced
from app.kernel.db import Tx
from sync import bodies
from sync.scope import Scope
from sync.sql import id_array


def show(tx: Tx, scope: Scope, touched: dict[str, dict[UUID, list[UUID]]], results: dict[UUID, dict[str, Any]]) -> None:
    """Puts `rev` and `row` into the results of mutations, {collection: {row id: [mutation id]}}; one statement each."""
    for name, mutations in touched.items():
        statement, names = _statement(name)
        values = {"ids": id_array(mutations), "buckets": list(scope.buckets), "masked": scope.masked}
        for row in tx.session.execute(statement, {key: values[key] for key in names}):
            for mutation_id in mutations[row.id]:
                results[mutation_id] |= {"rev": row.rev, "row": orjson.Fragment(row.body)}


@lru_cache(maxsize=256)
def _statement(name: str) -> tuple[TextClause, frozenset[str]]:
    statement = text(bodies.rows_sql(synced.collections()[name]))
    return statement, frozenset(statement.compile().params)
