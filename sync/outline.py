"""The outline of a page: which rows the next places of the feed name, before any body is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.prepared import prepared

# The next `limit` places over all buckets, and one more to know whether there is one. What left before the client's
# replacement began means nothing to it.
OUTLINE = prepared(
    """
    WITH places AS (
        SELECT p.* FROM unnest(CAST(:buckets AS text[])) AS b(bucket) CROSS JOIN LATERAL (
            (SELECT s.pos, s.collection, s.row_id, s.live, NULL::bigint AS removal FROM sync_state s
             WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.pos > :after AND s.pos <= :head
               AND (s.live OR s.pos > :base) AND s.collection = ANY(CAST(:collections AS text[]))
             ORDER BY s.pos LIMIT CAST(:limit AS bigint) + 1)
            UNION ALL
            (SELECT s.leaving_pos, s.collection, s.row_id, false, s.pos FROM sync_state s
             WHERE s.org_id = current_org() AND s.bucket = b.bucket AND s.leaving_pos > :after AND s.leaving_pos > :base
               AND s.leaving_pos <= :head AND s.collection = ANY(CAST(:collections AS text[]))
             ORDER BY s.leaving_pos LIMIT CAST(:limit AS bigint) + 1)) AS p
        ORDER BY pos LIMIT CAST(:limit AS bigint) + 1
    )
    SELECT collection, string_agg(row_id::text, ',') AS ids, string_agg(pos::text, ',') AS positions,
           bool_and(live) AS live, min(removal) AS removal
    FROM places GROUP BY collection
    """,
    "outline",
)


@dataclass
class Named:
    """The places of one collection, in any order: row ids and, one for one, positions."""

    ids: list[str]
    positions: list[int]


@dataclass(frozen=True)
class Outline:
    """The places of a page, by collection.

    more: there are others behind them. cap: a removal that the page announces itself; it has to end before. plain: all
    of them are of living rows, each named once, so that they are the page whatever the truth says of others.
    """

    named: Mapping[str, Named]
    more: bool
    cap: int | None
    plain: bool

    @property
    def rows(self) -> int:
        return sum(len(one.positions) for one in self.named.values())

    @property
    def last(self) -> int:
        """The position at which the page ends."""
        last = max(max(one.positions) for one in self.named.values())
        return last if self.cap is None else min(last, self.cap - 1)


def outline(session: Session, values: Mapping[str, Any], limit: int) -> Outline | None:
    """What the next `limit` places are; None when there is none."""
    rows = OUTLINE.run(session, {**values, "limit": limit}).all()
    if not rows:
        return None
    named = {row.collection: Named(row.ids.split(","), [*map(int, row.positions.split(","))]) for row in rows}
    plain = all(row.live for row in rows) and all(len(set(one.ids)) == len(one.ids) for one in named.values())
    more = sum(len(one.ids) for one in named.values()) > limit
    if more:
        _drop_newest(named)
    return Outline(named, more, min((row.removal for row in rows if row.removal is not None), default=None), plain)


def _drop_newest(named: dict[str, Named]) -> None:
    """Takes out the place that only tells that there are more."""
    name = max(named, key=lambda name: max(named[name].positions))
    one = named[name]
    index = one.positions.index(max(one.positions))
    del one.positions[index], one.ids[index]
    if not one.ids:
        del named[name]
