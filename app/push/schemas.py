"""Wire shapes of push subscriptions, as browsers write them."""

from __future__ import annotations

from marshmallow import fields, validate

from app.kernel.http import Schema


class PushKeysSchema(Schema):
    """The keys of a browser's subscription."""

    p256dh = fields.String(required=True, validate=validate.Length(1, 200), metadata={"description": "base64url"})
    auth = fields.String(required=True, validate=validate.Length(1, 100), metadata={"description": "base64url"})


class PushSubscriptionSchema(Schema):
    """Where this device is reached: what `PushSubscription.toJSON()` gives."""

    endpoint = fields.String(required=True, validate=validate.Length(1, 2000))
    keys = fields.Nested(PushKeysSchema, required=True)


class PushKeySchema(Schema):
    """The `applicationServerKey` of this organisation."""

    key = fields.String(required=True, metadata={"description": "A point of P-256, uncompressed, in base64url."})
