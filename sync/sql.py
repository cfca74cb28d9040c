"""Putting the SQL that rooms declare into statements of the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import TextClause, text

IDS = re.compile(r"(?<!:):ids\b")


@lru_cache(maxsize=512)
def with_ids(sql: str) -> TextClause:
    """The statement, with each `:ids` read as an array of uuid (see `id_array`)."""
    return text(IDS.sub("CAST(:ids AS uuid[])", sql))


def ids_from(sql: str, source: str) -> str:
    """The SQL of a room, with each `:ids` replaced by an expression that makes an array of uuid."""
    return IDS.sub(lambda _: f"CAST(({source}) AS uuid[])", sql)


def id_array(ids: Iterable[object]) -> str:
    """Ids as the literal of a PostgreSQL array, far cheaper to send than a list."""
    return "{" + ",".join(map(str, ids)) + "}"
