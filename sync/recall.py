"""Sending rows again to a client that believes something else of them than what is so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import TextClause, text

from app.kernel import synced
from app.kernel.db import Tx
from sync.protocol.cursor import parse
from sync.scope import Scope
from sync.sql import id_array, ids_from

# Rows in scope get a new position: they are sent again. Of the others, the feed is told that the user holds them. The
# drainer finds that it is not so, and announces their removal as it does with every row that leaves. What it removed
# after `given` is on its way already.
TOUCH = """
WITH asked AS (SELECT unnest(CAST(:ids AS uuid[])) AS row_id),
mine AS (
    SELECT DISTINCT b.row_id FROM ({buckets}) AS b(row_id, bucket) WHERE b.bucket = ANY(CAST(:buckets AS text[]))
), touched AS (
    INSERT INTO sync_outbox (collection, row_id, content) SELECT :collection, row_id, true FROM asked
    RETURNING id, row_id)
INSERT INTO sync_state (collection, row_id, bucket, pos, live)
SELECT :collection, t.row_id, :mine, -t.id, true FROM touched t WHERE t.row_id NOT IN (SELECT row_id FROM mine)
ON CONFLICT (org_id, collection, row_id, bucket) DO UPDATE SET live = true
WHERE NOT sync_state.live AND sync_state.pos <= :given
"""


def recall(tx: Tx, scope: Scope, keys: Iterable[tuple[str, str]], given: int) -> None:
    """Has the feed send the rows (collection, id) to the user again, or remove those that are not the user's.

    given: the cursor up to which the client has pulled.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, row_id in keys:
        if name in synced.collections():
            by_name[name].append(row_id)
    cursor = parse(given)
    for name, ids in by_name.items():
        values: dict[str, Any] = {"collection": name, "ids": id_array(ids), "buckets": list(scope.buckets)}
        values |= {"mine": f"user:{scope.user_id}", "given": cursor.pos if cursor and not cursor.ticket else 0}
        tx.session.execute(_statement(name), values)


def _statement(name: str) -> TextClause:
    return text(TOUCH.format(buckets=ids_from(synced.collections()[name].buckets, "CAST(:ids AS uuid[])")))
