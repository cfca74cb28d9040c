"""Wire shapes of maps and of imports over the API."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import ValidationError, fields, validate, validates_schema

from app.imports.mapping import Map, Value
from app.kernel.http import Schema
from app.kernel.http.schemas import text

MAX_ROWS = 5_000
NAMES = (
    "external_id", "subject", "description", "channel", "priority", "reported_at", "due_at", "state", "account",
    "address", "site_key", "site_name", "latitude", "longitude", "job_type",
)  # fmt: skip


class TableSchema(Schema):
    """A template, then a table from words of theirs to words of ours; `otherwise` for all other words."""

    template = fields.String(required=True, data_key="from", validate=validate.Length(1, 2_000))
    table = fields.Dict(keys=fields.String(), values=fields.String(), data_key="map", load_default=dict)
    otherwise = fields.String(load_default=None)


class ValueField(fields.Field[Value]):
    """`"{column}"`, or `{"from": "{column}", "map": {…}, "otherwise": "…"}`."""

    def __init__(self, **kwargs: Any) -> None:
        shapes = [{"type": "string"}, {"type": "object"}]
        super().__init__(metadata={"anyOf": shapes, "example": "{request_id}"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Value:
        given = {"from": value} if isinstance(value, str) else value
        if not isinstance(given, dict):
            raise ValidationError("A template such as “{column}”, or an object with “from” and “map”.")
        return Value(**TableSchema().load(given))


class TypeSchema(Schema):
    """A job type that is made when there is none with this code."""

    name = text(300, required=True)
    duration_s = fields.Integer(strict=True, load_default=3_600, validate=validate.Range(60, 604_800))


class MapSchema(Schema):
    """How an export is read."""

    source = text(100, required=True, metadata={"example": "stl_csb"})
    timezone = fields.String(load_default="UTC", validate=lambda name: _known_zone(name))
    fields_ = fields.Dict(
        keys=fields.String(validate=validate.OneOf(NAMES)), values=ValueField(), required=True, data_key="fields"
    )
    job_types = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)), values=fields.Nested(TypeSchema), load_default=dict
    )


class ImportSchema(Schema):
    """Rows of an export, with the map that reads them.

    `lines` says where each row begins in its file: one with line ends in a cell fills several. Without it they stand
    one after the other from `first_line` on.
    """

    map = fields.Nested(MapSchema, required=True)
    rows = fields.List(
        fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)),
        required=True,
        validate=validate.Length(1, MAX_ROWS),
    )
    first_line = fields.Integer(strict=True, load_default=1, validate=validate.Range(0, 2**31))
    lines = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, 2**31)),
        load_default=None,
        allow_none=True,
        metadata={"description": "One for each row."},
    )
    dry_run = fields.Boolean(load_default=False)

    @validates_schema
    def one_line_a_row(self, data: dict[str, Any], **_: Any) -> None:
        """As many lines as rows, where they are given."""
        if data["lines"] is not None and len(data["lines"]) != len(data["rows"]):
            raise ValidationError("One line for each row.", "lines")


class AcceptedSchema(Schema):
    """The task that does it: `GET /api/v1/tasks/{id}` tells progress and result."""

    id = fields.UUID(required=True)


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Not a time zone of the IANA database.")
    ZoneInfo(name)


def map_of(loaded: dict[str, Any]) -> Map:
    """The map of a loaded MapSchema. Raises ValidationError when a field that every request needs is not mapped."""
    missing = {"external_id", "subject"} - set(loaded["fields_"])
    if missing:
        raise ValidationError({"fields": {name: ["Every request needs it."] for name in sorted(missing)}})
    return Map(loaded["source"], loaded["fields_"], loaded["timezone"], loaded["job_types"])


def read_map(given: Any) -> Map:
    """The map in a JSON document; raises ValidationError."""
    return map_of(MapSchema().load(given))
