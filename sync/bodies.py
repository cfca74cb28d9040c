"""The statement that builds the rows of a page inside PostgreSQL, and the one that reads single rows for push."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.synced import Collection
from sync.sql import ids_from

PENDING = "EXISTS (SELECT FROM sync_outbox o WHERE o.org_id = current_org())"

# One index range for each bucket: OFFSET 0 keeps the planner from joining the other way round, through every position
# of the organisation. It walks in the order of positions: of an organisation that no statistics know yet, the planner
# would as soon walk through all keys. entries: the newest place of each row in reach, `live` when it lives in any of
# the client's buckets: a row that left one bucket and lives in another is not removed. living: those by collection, so
# that each collection looks at its own only.
RANGE = """
WITH found AS (
    SELECT s.collection, s.row_id, max(s.pos) AS pos, bool_or(s.live) AS live
    FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
        SELECT s.collection, s.row_id, s.pos, s.live FROM sync_state s
        WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.pos > :after AND s.pos <= :last
          AND (s.live OR s.pos > :base) AND s.collection = ANY(CAST(:collections AS text[])) {guard}
        ORDER BY s.pos OFFSET 0) AS s
    GROUP BY 1, 2
), entries AS MATERIALIZED (
    SELECT f.collection, f.row_id, f.pos, f.live OR EXISTS (
        SELECT FROM sync_state o WHERE o.org_id = current_org() AND o.collection = f.collection
        AND o.row_id = f.row_id AND o.live AND o.bucket = ANY(CAST(:buckets AS text[]))) AS live
    FROM found f
), leaving AS (
    SELECT s.collection, s.row_id, max(s.leaving_pos) AS pos
    FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
        SELECT s.collection, s.row_id, s.leaving_pos FROM sync_state s
        WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.leaving_pos > :after AND s.leaving_pos > :base
          AND s.leaving_pos <= :last AND s.pos > :last AND s.collection = ANY(CAST(:collections AS text[])) {guard}
        OFFSET 0) AS s
    WHERE NOT EXISTS (
        SELECT FROM sync_state o WHERE o.org_id = current_org() AND o.collection = s.collection
        AND o.row_id = s.row_id AND o.live AND o.bucket = ANY(CAST(:buckets AS text[])))
    GROUP BY 1, 2
), living AS MATERIALIZED (
    SELECT collection, array_agg(row_id) AS ids, array_agg(pos) AS positions FROM entries WHERE live GROUP BY 1
)"""

# What was named before, unless somebody has drained since `:head` was the newest position, or something waits for it.
STILL = f"(SELECT pos FROM sync_counters WHERE org_id = current_org()) = :head AND NOT {PENDING}"
NAMED = f"""
WITH living AS MATERIALIZED (
    SELECT l.collection, CAST(l.ids AS uuid[]) AS ids, CAST(l.positions AS bigint[]) AS positions
    FROM unnest(CAST(:collections AS text[]), CAST(:ids AS text[]), CAST(:positions AS text[]))
         AS l (collection, ids, positions)
    WHERE {STILL}
)"""

# Rows come in any order, each kind of a collection in one row of the answer; between items stands the `SEPARATOR`.
GONE = """
SELECT 'removed', collection, string_agg('"' || row_id || '"', E',\\n'), string_agg(pos::text, ',')
FROM entries WHERE NOT live GROUP BY collection
UNION ALL
SELECT 'leaving', collection, string_agg('"' || row_id || '"', E',\\n'), string_agg(pos::text, ',')
FROM leaving GROUP BY collection
"""


def page_sql(collections: Iterable[Collection], *, checked: bool) -> str:
    """All changes of `collections` in `(:after, :last]` of `:buckets`: rows of (kind, collection, items, positions).

    Nothing may leak between a commit and its drain. `checked` asks the truth about the scope of every row. Without it
    the feed is believed, and the answer is the one row `stale` if anything is pending at the same snapshot: while
    nothing is, the feed is the truth, and planning and running that question for every row is spared.
    """
    parts = [_in_range(collection, checked) for collection in collections]
    guard, stale = (
        ("", "") if checked else (f"AND NOT {PENDING}", f"UNION ALL SELECT 'stale', '', '', '' WHERE {PENDING}")
    )
    return f"{RANGE.format(guard=guard)} {' UNION ALL '.join([*parts, GONE])}{stale}"


def known_sql(collections: Iterable[Collection]) -> str:
    """The rows of `collections` at places that an outline named, all of them living: (kind, collection, items,
    positions). `:ids` and `:positions` are arrays of array literals, one of each for each of `:collections`.

    The one row `stale` unless the feed is as it was when `:head` was its newest position, with nothing pending: then
    all of them are in scope at the snapshot at which the bodies are read.
    """
    parts = [_in_range(collection, False) for collection in collections]
    return f"{NAMED} {' UNION ALL '.join(parts)} UNION ALL SELECT 'stale', '', '', '' WHERE ({STILL}) IS NOT TRUE"


def _in_range(collection: Collection, checked: bool) -> str:
    """One row with all bodies of a collection; without items when these are more than `:most` bytes of several rows.

    OFFSET 0: each row is fetched by its key, and each body is built once, not once to be measured and once to be sent.
    A plan lives as long as its connection: one made while organisations were small would read all rows of a large one.
    """
    ids = f"SELECT ids FROM living WHERE collection = '{collection.name}'"
    scope = f"WHERE {in_scope(collection, ids)}" if checked else ""
    return f"""
    SELECT 'upserts' AS kind, '{collection.name}' AS collection,
           CASE WHEN count(*) = 1 OR sum(octet_length(body)) <= CAST(:most AS bigint)
                THEN string_agg(body, E',\\n') END AS items, string_agg(pos::text, ',') AS positions
    FROM (
        SELECT e.pos, row_to_json(b)::text AS body
        FROM living l CROSS JOIN LATERAL unnest(l.ids, l.positions) AS e (row_id, pos) CROSS JOIN LATERAL (
            SELECT r.id, r.rev, {collection.body} FROM (
                SELECT * FROM "{collection.source}" WHERE org_id = current_org() AND id = e.row_id OFFSET 0) AS r
            {scope}) AS b
        WHERE l.collection = '{collection.name}' OFFSET 0) AS found
    HAVING count(*) > 0"""


def _json(collection: Collection) -> str:
    return f"(SELECT row_to_json(b)::text FROM (SELECT r.id, r.rev, {collection.body}) AS b)"


def in_scope(collection: Collection, ids: str) -> str:
    """The condition that the row `r` is in one of `:buckets` as the truth stands at this moment.

    What the feed says is as old as its last drain; bodies are only ever shown to those who may see them now.
    """
    buckets = ids_from(collection.buckets, ids)
    mine = "b.bucket = ANY(CAST(:buckets AS text[]))"
    return f"r.id IN (SELECT b.row_id FROM ({buckets}) AS b(row_id, bucket) WHERE {mine})"


def rows_sql(collection: Collection) -> str:
    """The rows `:ids` of one collection for a push, if in `:buckets` now: (id, rev, body as JSON text).

    Which of them are is asked once, for all, and each of those is fetched by its key: a planner that expects few rows,
    as right after a table was empty, would rather ask for each pair of them, and read all rows of the organisation.
    """
    buckets = ids_from(collection.buckets, "CAST(:ids AS uuid[])")
    return f"""
    WITH mine AS MATERIALIZED (
        SELECT DISTINCT b.row_id FROM ({buckets}) AS b(row_id, bucket)
        WHERE b.bucket = ANY(CAST(:buckets AS text[])))
    SELECT r.id, r.rev, {_json(collection)} AS body
    FROM mine CROSS JOIN LATERAL (
        SELECT * FROM "{collection.source}" WHERE org_id = current_org() AND id = mine.row_id OFFSET 0) AS r"""


def look_sql(collection: Collection, *, whole: bool) -> str:
    """Rows for mutations, locked, with what decides about it: scope now, scope as the feed knew it; of `whole` ones
    revisions and body, too."""
    body = f"r.rev, to_jsonb(r) -> 'field_revs' AS field_revs, CAST({_json(collection)} AS json) AS body,"
    return f"""
    SELECT r.id, {body if whole else ""}
           {in_scope(collection, "CAST(:ids AS uuid[])")} AS mine,
           EXISTS (SELECT FROM (
                SELECT bucket FROM sync_state WHERE org_id = current_org() AND collection = CAST(:collection AS text)
                AND row_id = r.id OFFSET 0) AS s WHERE s.bucket = ANY(CAST(:buckets AS text[]))) AS was
    FROM "{collection.source}" r
    WHERE r.org_id = current_org() AND r.id = ANY(CAST(:ids AS uuid[])) ORDER BY r.id FOR NO KEY UPDATE OF r"""
