"""WatermelonDB's columns are text, numbers and booleans: everything else travels as JSON in text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from geoalchemy2 import Geography, Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB

from app.kernel import synced
from app.kernel.db import Base
from sync.faces.whole_rows import Data


@lru_cache(maxsize=256)
def nested(name: str) -> frozenset[str]:
    """The columns of a collection that hold JSON, lists or shapes."""
    table = Base.metadata.tables.get(synced.collections()[name].source)
    kinds = (JSON, JSONB, ARRAY, Geometry, Geography)
    return frozenset(c.name for c in table.columns if isinstance(c.type, kinds)) if table is not None else frozenset()


def flat_rows(name: str, rows: bytes) -> bytes:
    """The inside of a JSON array of rows, with what is nested written as text."""
    if not rows or not (nested(name) or b'":{' in rows or b'":[' in rows):
        return rows
    inner = nested(name)
    return orjson.dumps([flat(row, inner) for row in orjson.loads(b"[" + rows + b"]")])[1:-1]


def flat(row: Data, inner: frozenset[str]) -> Data:
    """A row with text for what is nested."""
    return {
        column: orjson.dumps(value).decode()
        if value is not None and (column in inner or isinstance(value, dict | list))
        else value
        for column, value in row.items()
    }


def unflat(row: Data, inner: frozenset[str]) -> Data:
    """The opposite of `flat`. Text that is no JSON stays text, for the command to judge."""
    return {column: _read(value) if column in inner else value for column, value in row.items()}


def _read(value: Any) -> Any:
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return value
