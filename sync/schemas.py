"""Wire shapes of synchronisation."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Request
from jwt import PyJWK, PyJWTError
from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema
from webargs.fields import DelimitedList

from app.kernel.http.reading import JSON_TYPES, body_bytes
from app.kernel.http.schemas import Moment, Schema, text
from app.kernel.problems import MALFORMED, UNSUPPORTED_TYPE
from sync.protocol import hostile
from sync.protocol.mutations import TYPES
from sync.pull import MAX_ROWS

MAX_MUTATIONS = 1_000
MAX_SEQ = 2**53 - 1
PLAIN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PendingSchema(Schema):
    """What a device has not sent yet."""

    count = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))
    oldest_at = Moment(allow_none=True, load_default=None)


class JwkSchema(Schema):
    """The public half of a device's signing key (P-256)."""

    class Meta:
        unknown = EXCLUDE

    kty = fields.String(required=True, validate=validate.Equal("EC"))
    crv = fields.String(required=True, validate=validate.Equal("P-256"))
    x = text(64, required=True)
    y = text(64, required=True)

    @validates_schema
    def _is_a_point(self, data: dict[str, Any], **_: Any) -> None:
        """Refused here: a device would find out otherwise only when its first sign-off is not believed."""
        try:
            PyJWK(data, algorithm="ES256")
        except (PyJWTError, ValueError):
            raise ValidationError("These coordinates are no point of P-256.") from None


class HandshakeSchema(Schema):
    """A device says who it is and what its clock shows."""

    device_id = fields.UUID(required=True)
    app_version = text(50, required=True)
    schema_version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))
    device_time = Moment(required=True)
    pending = fields.Nested(PendingSchema, load_default=lambda: {"count": 0, "oldest_at": None})
    public_key = fields.Nested(JwkSchema, allow_none=True, load_default=None)


class ScopeSchema(Schema):
    """How many rows the user's phone holds; counted up to one above the limit. More than the limit makes it slow."""

    rows = fields.Integer(required=True)
    limit = fields.Integer(required=True)
    exceeded = fields.Boolean(required=True)


class WelcomeSchema(Schema):
    """What a device must know before it pushes and pulls."""

    server_time = Moment(required=True)
    clock_offset_ms = fields.Integer(required=True, metadata={"description": "Server minus device."})
    collections = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    min_app_version = fields.String(required=True)
    erase = fields.Boolean(required=True, metadata={"description": "The device was revoked: erase everything."})
    scope = fields.Nested(ScopeSchema, metadata={"description": "Not for a device that must erase itself."})


class PullQuery(Schema):
    """Where the client stands and what it wants. Keep one cursor for each set of collections."""

    cursor = fields.Integer(
        load_default=None, metadata={"description": "`cursor` of the page before; absent: from scratch."}
    )
    limit = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ROWS))
    collections = DelimitedList(text(64, required=True), load_default=[])


class ChangesSchema(Schema):
    """Changes of one collection. `leaving` rows go with the next page: push what you have about them first."""

    upserts = fields.List(fields.Dict(), required=True)
    removed = fields.List(fields.UUID(), required=True)
    leaving = fields.List(fields.UUID(), required=True)


class PageSchema(Schema):
    """One page. `replacement`: discard every clean row, keep unsent mutations, then apply."""

    mode = fields.String(required=True, validate=validate.OneOf(["delta", "replacement"]))
    changes = fields.Dict(keys=fields.String(), values=fields.Nested(ChangesSchema), required=True)
    cursor = fields.Integer(required=True)
    more = fields.Boolean(required=True)
    server_time = Moment(required=True)


class MutationSchema(Schema):
    """One change. Only `id` and `seq` are checked with the envelope: a bad mutation is rejected alone, and kept."""

    class Meta:
        unknown = "include"

    id = fields.UUID(required=True)
    seq = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_SEQ))
    collection = fields.Raw(allow_none=True, metadata={"type": "string", "example": "visits"})
    row_id = fields.Raw(allow_none=True, metadata={"type": "string", "format": "uuid"})
    type = fields.Raw(allow_none=True, metadata={"type": "string", "enum": list(TYPES)})
    base_rev = fields.Raw(allow_none=True, metadata={"type": ["integer", "null"]})
    data = fields.Raw(allow_none=True, metadata={"type": "object"})
    seen = fields.Raw(
        allow_none=True,
        metadata={
            "type": "object",
            "description": "Values that the device had in mind: nobody changed what is still so.",
        },
    )
    device_at = fields.Raw(allow_none=True, metadata={"type": "string", "format": "date-time"})


class MutationList(fields.List[Any]):
    """A list of mutations. Those whose `id` and `seq` are good at first sight pass at once; a batch has hundreds."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[Any]:
        if isinstance(value, list) and all(map(_plainly_good, value)):
            return [{**one, "id": UUID(one["id"])} for one in value]
        return super()._deserialize(value, attr, data, **more)


def _plainly_good(one: Any) -> bool:
    if not isinstance(one, dict):
        return False
    seq, named = one.get("seq"), one.get("id")
    return type(seq) is int and 1 <= seq <= MAX_SEQ and isinstance(named, str) and bool(PLAIN_ID.fullmatch(named))


class PushSchema(Schema):
    """A device's mutations, in the order of `seq`."""

    device_id = fields.UUID(required=True)
    mutations = MutationList(fields.Nested(MutationSchema), required=True, validate=validate.Length(max=MAX_MUTATIONS))

    @staticmethod
    def read_body(request: Request) -> Any:
        """The body, text that cannot be stored included: what is wrong with one mutation must not stop the others."""
        if request.mimetype not in JSON_TYPES:
            raise UNSUPPORTED_TYPE(f"Send application/json, not {request.mimetype or 'a body without a type'}.")
        try:
            return hostile.loads(body_bytes(request))
        except ValueError as error:
            raise MALFORMED(f"The body is not valid JSON: {error}.") from None


class ResultSchema(Schema):
    """What came of one mutation. `held`: it waits for `expected_seq`."""

    id = fields.UUID(required=True)
    seq = fields.Integer(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(["applied", "merged", "conflict", "rejected", "duplicate", "held"])
    )
    replayed = fields.Boolean()
    rev = fields.Integer()
    row = fields.Dict()
    conflict_id = fields.UUID()
    problem = fields.Dict()


class PushedSchema(Schema):
    """Results in the order of the mutations; everything up to `acked_seq` is done with."""

    results = fields.List(fields.Nested(ResultSchema), required=True)
    acked_seq = fields.Integer(required=True)
    expected_seq = fields.Integer()


class ChecksumQuery(Schema):
    """Where the client stands."""

    cursor = fields.Integer(required=True)


class SumSchema(Schema):
    """Count and hash of one collection."""

    count = fields.Integer(required=True)
    hash = fields.String(required=True, metadata={"description": "Hex SHA-256 of `id:rev\\n` lines sorted by id."})


class ChecksumSchema(Schema):
    """What the client's copy must come to."""

    cursor = fields.Integer(required=True)
    collections = fields.Dict(keys=fields.String(), values=fields.Nested(SumSchema), required=True)


class DeviceStatusSchema(Schema):
    """How one device stands."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    platform = fields.String(required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    user_id = fields.UUID(required=True)
    user_name = fields.String(required=True)
    last_seen_at = Moment(required=True, allow_none=True)
    pending_count = fields.Integer(required=True)
    pending_oldest_at = Moment(required=True, allow_none=True)
    acked_seq = fields.Integer(required=True)
    waiting_since = Moment(
        required=True, allow_none=True, metadata={"description": "Mutations wait for one that is missing before them."}
    )
    clock_offset_ms = fields.Integer(required=True, allow_none=True)
    scope_rows = fields.Integer(required=True, allow_none=True)
    scope_exceeded = fields.Boolean(
        required=True, metadata={"description": "Its user's scope has more rows than a phone should hold."}
    )
    revoked_at = Moment(required=True, allow_none=True)
    erased_at = Moment(required=True, allow_none=True)


class StatusSchema(Schema):
    """How the devices of the organisation stand."""

    devices = fields.List(fields.Nested(DeviceStatusSchema), required=True)
    drain_lag_s = fields.Float(required=True)
    open_conflicts = fields.Integer(required=True)
