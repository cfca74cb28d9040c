"""Base schemas and fields of the wire. Unknown members are refused, so that a typo is never silently ignored."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields, validate
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.validation import explain_validity

from app.kernel import clock

MAX_TEXT = 20_000
MAX_VERTICES = 10_000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Schema(marshmallow.Schema):
    """Base of every wire shape."""

    class Meta:
        unknown = marshmallow.RAISE

    def load(self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: Any = None) -> Any:
        """Only a schema that was made `partial` is: what stands inside a patch replaces the old value as a whole."""
        return super().load(data, many=many, partial=None, unknown=unknown)


class Moment(fields.AwareDateTime):
    """An RFC 3339 time with zone, between 1970 and 2200, cut to milliseconds."""

    def __init__(self, **kwargs: Any) -> None:
        said = "Not a time with zone, such as 2026-03-02T09:30:00+01:00 (in an address, write %2B for +)."
        super().__init__(format="iso", error_messages={"invalid": said, "invalid_awareness": said}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            moment = clock.milliseconds(moment.astimezone(UTC))
        except (OverflowError, ValueError):
            raise ValidationError("Not a possible time.") from None
        if not EARLIEST <= moment <= LATEST:
            raise ValidationError("Must lie between 1970 and 2200.")
        return moment


class Day(fields.Date):
    """A local day between 1970 and 2200: the days before and after it can be told, too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST.date() <= day <= LATEST.date():
            raise ValidationError("Must lie between 1970 and 2200.")
        return day


class Quantity(fields.Decimal):
    """More than 0, at most a million, at most three decimals, in the part's unit. Exact, so the wire carries text."""

    MOST = Decimal(1_000_000)
    STEP = Decimal("0.001")

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "pattern": r"^\d{1,7}(\.\d{1,3})?$", "example": "2.5"}
        super().__init__(as_string=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        quantity: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if not 0 < quantity <= self.MOST:
            raise ValidationError(f"More than 0 and at most {self.MOST}.")
        if quantity != quantity.quantize(self.STEP):
            raise ValidationError("At most three decimals.")
        return quantity


def text(max_length: int = 500, **kwargs: Any) -> fields.String:
    """A text field with a limit; a required one may not be blank."""
    least = 1 if kwargs.get("required") else 0
    return fields.String(validate=validate.Length(least, max_length), **kwargs)


def timezone(**kwargs: Any) -> fields.String:
    """The name of a time zone, such as `Asia/Shanghai`."""
    metadata = {"description": "Name in the IANA time zone database.", "example": "Asia/Shanghai"}
    return fields.String(validate=_known_zone, metadata=metadata, **kwargs)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _known_zone(name: str) -> None:
    if name not in _zones():
        raise ValidationError("There is no time zone of this name.")


class GeoJSON(fields.Field[Any]):
    """A GeoJSON geometry of one `kind` in WGS84, longitude first. Loads to EWKT text for the geometry column."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        example = {"type": "Point", "coordinates": [121.4737, 31.2304]} if kind == "Point" else None
        metadata: dict[str, Any] = {"type": "object", "description": f"GeoJSON {kind}, WGS84, longitude first."}
        if example:
            metadata["example"] = example
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, dict) or value.get("type") != self.kind:
            raise ValidationError(f"Must be a GeoJSON {self.kind}.")
        if unknown := set(value) - {"type", "coordinates", "bbox"}:
            raise ValidationError(f"Unknown members: {', '.join(sorted(unknown))}.")
        _check_positions(value.get("coordinates"))
        try:
            geometry = shape({"type": self.kind, "coordinates": value["coordinates"]})
        except (GEOSException, ValueError, TypeError, IndexError, AttributeError, KeyError):
            raise ValidationError(f"The coordinates do not make a {self.kind}.") from None
        if geometry.is_empty or geometry.has_z:
            raise ValidationError("Two coordinates for each position, longitude and latitude.")
        if not geometry.is_valid:
            raise ValidationError(f"Not a valid geometry: {explain_validity(geometry)}.")
        return f"SRID=4326;{geometry.wkt}"


def _check_positions(coordinates: Any) -> None:
    """Every leaf pair is a finite longitude and latitude on Earth."""
    stack, seen = [coordinates], 0
    while stack:
        item = stack.pop()
        if not isinstance(item, list) or not item:
            raise ValidationError("Coordinates must be nested lists of numbers.")
        if isinstance(item[0], list):
            stack.extend(item)
            continue
        seen += 1
        if seen > MAX_VERTICES:
            raise ValidationError(f"More than {MAX_VERTICES} positions.")
        if len(item) != 2 or any(isinstance(x, bool) or not isinstance(x, int | float) for x in item):
            raise ValidationError("A position is [longitude, latitude].")
        if not (-180 <= item[0] <= 180 and -90 <= item[1] <= 90):
            raise ValidationError("Longitude must be within ±180, latitude within ±90.")


def point_wkt(longitude: float, latitude: float) -> str:
    """EWKT of a point, as the geometry columns take it."""
    return f"SRID=4326;POINT({longitude!r} {latitude!r})"


class RowSchema(Schema):
    """The members that every row has. A client may choose the id (UUIDv7) when it creates a row."""

    id = fields.UUID(metadata={"description": "UUIDv7, made by whoever creates the row."})
    rev = fields.Integer(dump_only=True, metadata={"description": "Revision; also the ETag."})
    created_at = Moment(dump_only=True)
    updated_at = Moment(dump_only=True)


def page_of(schema: type[Schema]) -> type[Schema]:
    """The shape of one page of a list of `schema`."""
    name = schema.__name__.removesuffix("Schema") + "Page"
    members = {
        "items": fields.List(fields.Nested(schema), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(members, name=name)  # type: ignore[arg-type,return-value]
