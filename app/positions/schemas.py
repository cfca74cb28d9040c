"""Wire shapes of positions, tracks and trackers."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, validate, validates_schema

from app.kernel.http import Moment, RowSchema, Schema
from app.kernel.http.schemas import text
from app.positions import plain
from app.positions.models import PERMISSIONS

MAX_BATCH = 1_000
MAX_TRACK_DAYS = 7


class Measure(fields.Float):
    """A measured number; one too small to be stored is zero."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        return plain.measure(super()._deserialize(value, attr, data, **kwargs))


def _number(name: str, description: str, **kwargs: Any) -> fields.Float:
    return Measure(validate=validate.Range(*plain.SPANS[name]), metadata={"description": description}, **kwargs)


def _optional(name: str, description: str) -> fields.Float:
    return _number(name, description, allow_none=True)


class FixSchema(Schema):
    """One fix."""

    at = Moment(required=True)
    lat = _number("lat", "Degrees north", required=True)
    lon = _number("lon", "Degrees east", required=True)
    accuracy = _optional("accuracy", "Radius in metres")
    speed = _optional("speed", "Metres per second")
    bearing = _optional("bearing", "Degrees clockwise from north")
    altitude = _optional("altitude", "Metres above sea level")
    battery = _optional("battery", "Percent")
    mock = fields.Boolean(allow_none=True, metadata={"description": "The phone says that this is made up."})


class Fixes(fields.List[Any]):
    """Fixes, one by one only where they are not read at once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        read = plain.read(value) if isinstance(value, list) else None
        return super()._deserialize(value, attr, data, **kwargs) if read is None else read


class BatchSchema(Schema):
    """Fixes in any order; sent again they are counted, not stored twice."""

    positions = Fixes(fields.Nested(FixSchema), required=True, validate=validate.Length(1, MAX_BATCH))
    engineer_id = fields.UUID(metadata={"description": "For machines that send for others; else the acting engineer."})


class RecordedSchema(Schema):
    """What became of a batch."""

    stored = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    outside_shift = fields.Integer(required=True, metadata={"description": "Not stored: nobody is watched off duty."})
    refused = fields.Integer(required=True, metadata={"description": "From the future, or older than 180 days."})
    consent = fields.Boolean(required=True, metadata={"description": "False: nothing is stored without consent."})


class LatestSchema(Schema):
    """Where an engineer is."""

    id = fields.UUID(required=True)
    engineer_id = fields.UUID(required=True)
    name = fields.String(required=True)
    at = Moment(required=True)
    age_s = fields.Integer(required=True)
    location = fields.Dict(required=True, metadata={"description": "GeoJSON Point"})
    accuracy = fields.Float(required=True, allow_none=True)
    speed = fields.Float(required=True, allow_none=True)
    bearing = fields.Float(required=True, allow_none=True)
    altitude = fields.Float(required=True, allow_none=True)
    battery = fields.Float(required=True, allow_none=True)
    mock = fields.Boolean(required=True)
    stale = fields.Boolean(required=True, metadata={"description": "No fix for two intervals."})
    permission = fields.String(required=True, allow_none=True, metadata={"enum": [*PERMISSIONS, None]})


class TrackerHealthSchema(Schema):
    """How the phone's tracker fares. Sent when something changes, and now and then."""

    permission = fields.String(
        required=True,
        validate=validate.OneOf(PERMISSIONS),
        metadata={"description": "May the app locate: always, while open, not, or location is switched off."},
    )
    battery = _optional("battery", "Percent")
    interval_s = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(5, 3_600), metadata={"description": "Between two fixes."}
    )


class ReaderSchema(Schema):
    """Somebody who looked."""

    at = Moment(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    what = fields.String(required=True, metadata={"enum": ["track", "map"]})
    since = fields.String(data_key="from", attribute="from", allow_none=True)
    until = fields.String(data_key="to", attribute="to", allow_none=True)


class ReadersSchema(Schema):
    """Who looked at the engineer's positions, the newest first."""

    items = fields.List(fields.Nested(ReaderSchema), required=True)


class LatestListSchema(Schema):
    """Where everybody is."""

    items = fields.List(fields.Nested(LatestSchema), required=True)


class SpanSchema(Schema):
    """A span of time, at most a week."""

    since = Moment(required=True, data_key="from")
    until = Moment(required=True, data_key="to")

    @validates_schema
    def ordered(self, data: dict[str, Any], **_: Any) -> None:
        """`from` comes before `to`, and not long before."""
        span = data["until"] - data["since"]
        if not 0 < span.total_seconds() <= MAX_TRACK_DAYS * 86_400:
            raise ValidationError(f"Must be after `from`, by {MAX_TRACK_DAYS} days at most.", "to")


class TrackQuerySchema(SpanSchema):
    """Which track, and how finely it is drawn."""

    tolerance_m = fields.Float(
        load_default=0.0,
        validate=validate.Range(0, 1_000),
        metadata={"description": "Fixes that lie this near to the line are left out of it; all of them are counted."},
    )


GapSchema = Schema.from_dict(
    {
        "index": fields.Integer(required=True, metadata={"description": "The gap follows this position of the line."}),
        "from": Moment(required=True),
        "to": Moment(required=True),
        "seconds": fields.Integer(required=True),
        "distance_m": fields.Integer(required=True, metadata={"description": "Straight across; not in the distance."}),
    },
    name="GapSchema",
)
StopSchema = Schema.from_dict(
    {
        "from": Moment(required=True),
        "to": Moment(required=True),
        "seconds": fields.Integer(required=True),
        "location": fields.Dict(required=True, metadata={"description": "GeoJSON Point"}),
    },
    name="StopSchema",
)
TrackSchema = Schema.from_dict(
    {
        "engineer_id": fields.UUID(required=True),
        "from": Moment(required=True),
        "to": Moment(required=True),
        "geometry": fields.Dict(required=True, allow_none=True, metadata={"description": "GeoJSON LineString"}),
        "times": fields.List(Moment(), required=True, metadata={"description": "One for each position of the line."}),
        "distance_m": fields.Integer(required=True, metadata={"description": "Without gaps and standing still."}),
        "gaps": fields.List(fields.Nested(GapSchema), required=True),
        "stops": fields.List(fields.Nested(StopSchema), required=True),
        "mock": fields.Integer(required=True, metadata={"description": "How many fixes say that they are made up."}),
    },
    name="TrackSchema",
)


class TrackerRequestSchema(Schema):
    """A program that is to send fixes for an engineer."""

    engineer_id = fields.UUID(metadata={"description": "The acting engineer unless said otherwise."})
    name = text(100, required=True, metadata={"example": "Traccar Client on the old phone"})


class TrackerSchema(TrackerRequestSchema, RowSchema):
    """A program that sends fixes for an engineer."""


class NewTrackerSchema(TrackerSchema):
    """A tracker and its secret."""

    token = fields.String(dump_only=True, metadata={"description": "Shown this once: device id or password."})


class OwnTracksSchema(Schema):
    """A message of OwnTracks; only `location` is stored."""

    class Meta:
        unknown = INCLUDE

    kind = fields.String(required=True, data_key="_type", metadata={"example": "location"})
