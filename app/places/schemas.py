"""Wire shapes of customers and places."""

from __future__ import annotations

from marshmallow import fields, validate

from app.kernel.http import GeoJSON, RowSchema, Schema
from app.kernel.http.schemas import text, timezone
from app.places.models import METHODS, TIERS

LOCALES = ("en", "zh-CN")
MAX_TERRITORIES = 500


class AccountSchema(RowSchema):
    """A customer."""

    name = text(300, required=True)
    number = text(100, allow_none=True)
    tier = fields.String(validate=validate.OneOf(TIERS), allow_none=False)
    external_id = text(200, allow_none=True, metadata={"description": "Its name in the system it came from."})
    notes = text(20_000, allow_none=True)


class ContactSchema(RowSchema):
    """A person of a customer."""

    account_id = fields.UUID(allow_none=True)
    name = text(300, required=True)
    phone = text(50, allow_none=True)
    email = fields.Email(allow_none=True, validate=validate.Length(3, 254))
    locale = fields.String(allow_none=True, validate=validate.OneOf(LOCALES))


class SiteSchema(RowSchema):
    """A place where work is done. Without `territory_id` the point decides."""

    account_id = fields.UUID(allow_none=True)
    territory_id = fields.UUID(allow_none=True)
    name = text(300, required=True)
    address = text(1000, allow_none=True)
    access_notes = text(5000, allow_none=True, metadata={"example": "Dog in the yard; ring twice."})
    location = GeoJSON("Point", allow_none=True)
    geofence_m = fields.Integer(
        validate=validate.Range(10, 10_000), metadata={"description": "Radius within which one has arrived, metres."}
    )
    timezone = timezone(allow_none=True)
    external_id = text(200, allow_none=True)


class AssetSchema(RowSchema):
    """An installed thing at a site."""

    site_id = fields.UUID(required=True)
    parent_id = fields.UUID(allow_none=True, metadata={"description": "The bigger asset that it is part of."})
    name = text(300, required=True)
    model = text(200, allow_none=True)
    serial = text(200, allow_none=True)
    batch = text(200, allow_none=True)
    installed_on = fields.Date(allow_none=True)
    purchased_on = fields.Date(allow_none=True)
    warranty_until = fields.Date(allow_none=True)


class TerritorySchema(RowSchema):
    """A polygon that engineers serve."""

    name = text(200, required=True)
    area = GeoJSON("Polygon", allow_none=True)
    timezone = timezone(allow_none=True)
    dispatch_method = fields.String(
        allow_none=True,
        validate=validate.OneOf(METHODS),
        metadata={"description": "How waiting visits find their engineer here; null: as their job type says."},
    )
    engineer_ids = fields.List(fields.UUID(), dump_only=True)


class MembershipsSchema(Schema):
    """All territories of an engineer or a user."""

    territory_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(0, MAX_TERRITORIES))
