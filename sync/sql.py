"""Putting the SQL that rooms declare into statements of the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable

IDS = re.compile(r"(?<!:):ids\b")


def ids_from(sql: str, source: str) -> str:
    """The SQL of a room, with each `:ids` replaced by an expression that makes an array of uuid."""
    return IDS.sub(lambda _: f"CAST(({source}) AS uuid[])", sql)


def id_array(ids: Iterable[object]) -> str:
    """Ids as the literal of a PostgreSQL array, far cheaper to send than a list."""
    return "{" + ",".join(map(str, ids)) + "}"
