"""Checksums with which a phone proves that its copy equals the server's."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from app.kernel import synced
from app.kernel.db import Tx
from app.kernel.problems import ProblemType
from app.kernel.synced import Collection
from sync.protocol.cursor import parse
from sync.pull import look
from sync.scope import scope_of

NOT_AT_HEAD = ProblemType("not-at-head", 409, "Pull first: there is something newer")

NEWER = text("""
    SELECT EXISTS (
        SELECT FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
            SELECT 1 FROM sync_state s WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.pos > :after
            LIMIT 1) AS newer)
""")


def checksum(tx: Tx, number: int) -> dict[str, Any]:
    """Per collection the count and the SHA-256 of `id:rev` lines sorted by id, over all that the user may hold.

    Raises 409 unless a client at cursor `number` has everything.
    """
    scope = scope_of(tx.actor)
    cursor = parse(number)
    horizon = look(tx, scope, cursor)
    start = horizon.start(cursor)
    newer = tx.session.scalar(NEWER, {"buckets": list(scope.buckets), "after": start.after})
    if cursor is None or cursor.ticket or start.replacement or newer:
        raise NOT_AT_HEAD("Checksums are of the newest state only; pull until there is no more.")
    sums = {name: {"count": 0, "hash": ""} for name in synced.collections()}
    for row in tx.session.execute(_statement(tuple(synced.collections())), {"buckets": list(scope.buckets)}):
        sums[row.collection] = {"count": row.count, "hash": row.hash}
    return {"cursor": number, "collections": sums}


@lru_cache(maxsize=4)
def _statement(names: tuple[str, ...]) -> TextClause:
    return text(" UNION ALL ".join(_sum(synced.collections()[name]) for name in names))


def _sum(collection: Collection) -> str:
    return f"""
    SELECT '{collection.name}' AS collection, count(*) AS count, encode(sha256(convert_to(
        coalesce(string_agg(r.id || ':' || r.rev || E'\\n', '' ORDER BY r.id), ''), 'UTF8')), 'hex') AS hash
    FROM "{collection.source}" r WHERE r.org_id = current_org() AND r.id IN (
        SELECT s.row_id FROM sync_state s WHERE s.org_id = current_org() AND s.collection = '{collection.name}'
        AND s.live AND s.bucket = ANY(CAST(:buckets AS text[])))"""
