"""Comparing the truth with the feed, and writing the difference at new positions, in one statement a collection.

To plan such a statement takes many times as long as to run it for a usual drain, so a connection plans it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.prepared import prepared
from app.kernel.synced import Collection
from sync.sql import id_array, ids_from

# A row is written when its membership in a bucket changed, or when it is there and its content changed.
STAMP = """
WITH truth AS MATERIALIZED (
    SELECT DISTINCT b.row_id, b.bucket, true AS here FROM ({buckets}) AS b(row_id, bucket)
    WHERE b.row_id IS NOT NULL AND b.bucket IS NOT NULL
), known AS (
    {known}
), news AS (
    SELECT row_id, bucket, here IS NOT NULL AS live FROM truth FULL JOIN known USING (row_id, bucket)
    WHERE CASE WHEN here THEN live IS NOT TRUE OR row_id = ANY(CAST(:changed AS uuid[])) ELSE live END
), placed AS (
    SELECT *, CAST(:after AS bigint) + row_number() OVER (ORDER BY live DESC, row_id, bucket) AS pos FROM news
), written AS (
    INSERT INTO sync_state (org_id, collection, row_id, bucket, pos, live, leaving_pos, stamped_at)
    SELECT current_org(), :collection, row_id, bucket, pos, live,
           CASE WHEN NOT live AND CAST(:two_steps AS boolean) THEN pos END, clock_timestamp() FROM placed
    ON CONFLICT (org_id, collection, row_id, bucket) DO UPDATE
    SET pos = EXCLUDED.pos, live = EXCLUDED.live, leaving_pos = EXCLUDED.leaving_pos, stamped_at = EXCLUDED.stamped_at
    RETURNING row_id, bucket, pos, live, leaving_pos){revisions}
SELECT bucket, count(*) AS written, count(leaving_pos) AS leaving FROM written GROUP BY bucket
"""

# A plan for many rows at once differs from the usual one, and is worth its while.
USUAL = 500

# What is known is fetched row by row by its key: a planner that expects few rows would rather read all of the
# collection. Of many rows at once it is read in one pass: before the planner has counted a new organisation it may take
# any index for as good, and would go through all of the organisation for each of them.
KNOWN = """SELECT s.row_id, s.bucket, s.live FROM unnest(:ids) AS asked (row_id) CROSS JOIN LATERAL (
        SELECT * FROM sync_state WHERE org_id = current_org() AND collection = CAST(:collection AS text)
        AND row_id = asked.row_id OFFSET 0) AS s"""
KNOWN_OF_MANY = """SELECT row_id, bucket, live FROM sync_state
    WHERE org_id = current_org() AND collection = CAST(:collection AS text) AND row_id = ANY(:ids)"""

# Of what phones update, which revision stood where. In several buckets a row has several positions: only a client past
# the last of them has surely seen it.
REVISIONS = """, revised AS (
    INSERT INTO sync_revisions (collection, row_id, pos, rev)
    SELECT :collection, w.row_id, max(w.pos), r.rev FROM written w
    JOIN "{source}" r ON r.org_id = current_org() AND r.id = w.row_id WHERE w.live GROUP BY w.row_id, r.rev)"""

# The announcements of this drain lie behind `:start` at places of their own; as far again behind them lie the removals.
REMOVE = text("""
    UPDATE sync_state SET pos = leaving_pos + :distance
    WHERE org_id = current_org() AND bucket = ANY(:buckets) AND leaving_pos > :start
""")


@dataclass
class Stamped:
    """How many positions were given, in which buckets, and in which of these something is on its way out."""

    count: int = 0
    buckets: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)


def stamp(session: Session, collection: Collection, rows: Mapping[str, bool], after: int) -> Stamped:
    """Brings the feed of `rows` (id → has its content changed) up to the truth, at positions from `after` + 1 on."""
    values = {
        "collection": collection.name,
        "ids": id_array(rows),
        "changed": id_array(row_id for row_id, content in rows.items() if content),
        "after": after,
        "two_steps": bool(collection.mutations),
    }
    stamped = Stamped()
    revisions = REVISIONS.format(source=collection.source) if "update" in collection.mutations else ""
    known = KNOWN if len(rows) <= USUAL else KNOWN_OF_MANY
    sql = ids_from(STAMP.format(buckets=collection.buckets, revisions=revisions, known=known), ":ids")
    usual = prepared(sql, f"stamp {collection.name}") if len(rows) <= USUAL else None
    for row in usual.run(session, values) if usual else session.execute(text(sql), values):
        stamped.count += row.written
        stamped.buckets.add(row.bucket)
        if row.leaving:
            stamped.leaving.add(row.bucket)
    return stamped


def remove_after(session: Session, buckets: set[str], start: int, after: int) -> int:
    """Moves what left since `start` behind everything else: first the announcement, then the removal.

    So a page can end between the two, and a phone pushes what it has before the row goes. Returns the newest position.
    """
    distance = after - start
    session.execute(REMOVE, {"buckets": sorted(buckets), "start": start, "distance": distance})
    return after + distance
