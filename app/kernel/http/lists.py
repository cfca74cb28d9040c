"""Lists: keyset paging with opaque cursors, sorting, filters by field name, bounding boxes, GeoJSON layers."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from marshmallow import ValidationError, fields, validate
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    asc,
    cast,
    desc,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from app.kernel.db import Tx
from app.kernel.http.schemas import Schema
from app.kernel.problems import invalid

DEFAULT_LIMIT, MAX_LIMIT, MAX_FEATURES = 50, 200, 5_000


class BBox(fields.Field[Any]):
    """`minlon,minlat,maxlon,maxlat` in degrees, as four floats. minlon > maxlon crosses the antimeridian."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            metadata={"type": "string", "description": "minlon,minlat,maxlon,maxlat", "example": "121,31,122,32"},
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[float, ...]:
        try:
            box = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            raise ValidationError("Four numbers: minlon,minlat,maxlon,maxlat.") from None
        if len(box) != 4 or not (abs(box[0]) <= 180 and abs(box[2]) <= 180 and -90 <= box[1] <= box[3] <= 90):
            raise ValidationError("Four numbers on Earth: minlon,minlat,maxlon,maxlat.")
        return box


@dataclass(frozen=True)
class Sort:
    """The order of one request: by `column`, then id. `name` goes into the cursor, which is bound to it."""

    name: str
    column: ColumnElement[Any]
    descending: bool


def query_schema(
    name: str, filters: dict[str, fields.Field[Any]], sorts: list[str], bbox: bool, search: bool
) -> type[Schema]:
    """The query string of a list, for reading and for the documentation."""
    members: dict[str, Any] = {
        "limit": fields.Integer(
            load_default=DEFAULT_LIMIT,
            validate=validate.Range(1, MAX_FEATURES),
            metadata={"description": f"Rows a page: at most {MAX_LIMIT}, or {MAX_FEATURES} features as GeoJSON."},
        ),
        "cursor": fields.String(load_default=None, metadata={"description": "`next_cursor` of the page before."}),
        "sort": fields.String(load_default=None, validate=validate.OneOf([*sorts, *(f"-{s}" for s in sorts)])),
        **filters,
    }
    if bbox:
        members["bbox"] = BBox(load_default=None)
    if search:
        members["q"] = fields.String(load_default=None, validate=validate.Length(1, 200))
    return Schema.from_dict(members, name=name)  # type: ignore[return-value]


def page(
    tx: Tx, view: Select[Any], key: ColumnElement[UUID], sort: Sort, limit: int, cursor: str | None
) -> dict[str, Any]:
    """One page of `view` in one statement: `{"items": […], "next_cursor": …}`. `key` breaks ties."""
    ordered = view.add_columns(sort.column.label("_sort"))
    if cursor is not None:
        ordered = ordered.where(_after(sort, key, *_read_cursor(cursor, sort)))
    direction = desc if sort.descending else asc
    ordered = ordered.order_by(direction(sort.column).nulls_last(), direction(key)).limit(limit + 1)
    rows = [dict(row) for row in tx.session.execute(ordered).mappings()]
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1]["_sort"] if rows else None
    for row in rows:
        del row["_sort"]
    return {"items": rows, "next_cursor": _write_cursor(sort, last, rows[-1]["id"]) if more else None}


def feature_collection(tx: Tx, view: Select[Any], geometry: str, limit: int) -> Response:
    """The rows as a GeoJSON FeatureCollection, built inside PostgreSQL and passed through as bytes.

    `more`, a member of our own, says that there are more rows than `limit`. `json` all the way: rows that went through
    `jsonb` took twice as long.
    """
    found = view.limit(limit + 1).cte("found")
    rows = select(found).limit(limit).subquery("r")
    others = select(*(column for column in rows.c if column.name != geometry)).correlate(rows).lateral("p")
    properties = func.row_to_json(literal_column(others.name))
    feature = func.json_build_object(
        "type", "Feature", "id", rows.c.id, "geometry", rows.c[geometry], "properties", properties
    )
    features = select(func.coalesce(func.json_agg(feature), literal_column("'[]'::json"))).select_from(rows)
    features = features.join(others, true())
    more = select(func.count() > limit).select_from(found).scalar_subquery()
    collection = func.json_build_object(
        "type", "FeatureCollection", "more", more, "features", features.scalar_subquery()
    )
    body = tx.session.scalar(select(cast(collection, Text)))
    return Response(body, mimetype="application/geo+json")


def _after(sort: Sort, key: ColumnElement[UUID], value: Any, row_id: UUID) -> ColumnElement[bool]:
    if value is None:
        return and_(sort.column.is_(None), key < row_id if sort.descending else key > row_id)
    here, there = tuple_(sort.column, key), tuple_(value, row_id)
    return or_(here < there if sort.descending else here > there, sort.column.is_(None))


def _write_cursor(sort: Sort, value: Any, row_id: UUID) -> str:
    direction = "-" if sort.descending else ""
    text = orjson.dumps([direction + sort.name, value, row_id], default=str)
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _read_cursor(cursor: str, sort: Sort) -> tuple[Any, UUID]:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        name, value, row_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != ("-" if sort.descending else "") + sort.name:
            raise invalid("?cursor", "This cursor belongs to another order of the list.")
        return None if value is None else _as(sort.column.type.python_type, value), UUID(row_id)
    except (binascii.Error, ValueError, TypeError, AttributeError, UnicodeEncodeError):
        raise invalid("?cursor", "This is not a cursor of this list.") from None


def _as(python_type: type[Any], value: Any) -> Any:
    """A cursor's value as the column has it. Raises ValueError or TypeError for what was never one."""
    if issubclass(python_type, date):  # datetime too
        return python_type.fromisoformat(value)
    if python_type is str and (not isinstance(value, str) or "\x00" in value):
        raise ValueError("not text of ours")
    return python_type(value)
