"""The nightly audit: finds what no trigger told (replication roles, restored tables, a forgotten dependency).

The feed is by level, so what is found is only touched: the next drain brings it in order, and phones with it.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from app.kernel import synced
from app.kernel.db import enter_organisation, new_session
from app.kernel.synced import Collection
from sync import feed
from sync.sql import ids_from

# Membership that differs from the truth, and rows that changed after they were stamped last.
FIND = """
WITH truth AS (
    SELECT DISTINCT b.row_id, b.bucket, true AS here FROM ({buckets}) AS b(row_id, bucket)
    WHERE b.row_id IS NOT NULL AND b.bucket IS NOT NULL
), known AS (
    SELECT row_id, bucket, live, stamped_at FROM sync_state WHERE org_id = current_org() AND collection = '{name}'
), wrong AS (
    SELECT row_id, false AS content FROM truth FULL JOIN known USING (row_id, bucket)
    WHERE (here IS NOT NULL) <> coalesce(live, false)
    UNION
    SELECT k.row_id, true FROM known k JOIN "{table}" r ON r.org_id = current_org() AND r.id = k.row_id
    WHERE k.live AND r.updated_at > k.stamped_at
)
SELECT row_id, bool_or(content) AS content FROM wrong GROUP BY row_id
"""
TOUCH = "INSERT INTO sync_outbox (collection, row_id, content) SELECT '{name}', row_id, content FROM ({found}) AS found"


def audit(org_id: UUID) -> dict[str, int]:
    """Compares an organisation's feed with the truth, touches what differs. Returns how many rows, by collection."""
    feed.drain(org_id)
    found = {}
    with new_session(feed.pool()) as session, session.begin():
        enter_organisation(session, org_id)
        for collection in synced.collections().values():
            statement = TOUCH.format(name=collection.name, found=_find(collection))
            if count := session.execute(text(statement + " RETURNING 1")).all():
                found[collection.name] = len(count)
        session.execute(text("UPDATE sync_counters SET audited = day WHERE org_id = current_org()"))
    return found


def _find(collection: Collection) -> str:
    everything = (
        f'SELECT array_agg(id) FROM (SELECT id FROM "{collection.source}" WHERE org_id = current_org() UNION '
        f"SELECT row_id FROM sync_state WHERE org_id = current_org() AND collection = '{collection.name}') AS every"
    )
    buckets = ids_from(collection.buckets, everything)
    return FIND.format(buckets=buckets, name=collection.name, table=collection.source)
