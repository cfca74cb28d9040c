"""Wire shapes of the faces. Those of the clients, not ours: names and emptiness are as they send them."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import EXCLUDE, ValidationError, fields, pre_load, validate
from webargs.fields import DelimitedList

from app.kernel.http.schemas import Schema, text
from sync.pull import MAX_ROWS
from sync.schemas import PushSchema

MAX_CURSOR = 2**53 - 1


class JsNumber(fields.Integer):
    """A number that a template string wrote: `null` and `undefined` are words."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        absent = value in ("null", "undefined", "")
        return None if absent else super().deserialize(value, attr, data, **kwargs)


class MigratedTableSchema(Schema):
    """Columns that a migration added to a table."""

    table = fields.String(required=True)
    columns = fields.List(fields.String(), required=True)


class MigrationSchema(Schema):
    """What a client's migration added since it last synchronised."""

    class Meta:
        unknown = EXCLUDE

    tables = fields.List(fields.String(), load_default=[])
    columns = fields.List(fields.Nested(MigratedTableSchema), load_default=[])


class Migration(fields.String):
    """The migration as JSON in the query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            read = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise ValidationError("Not JSON.") from None
        return MigrationSchema().load(read) if read is not None else None


class WatermelonPullQuery(Schema):
    """The arguments of `pullChanges`."""

    last_pulled_at = JsNumber(load_default=None, validate=validate.Range(0, MAX_CURSOR))
    schema_version = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    migration = Migration(load_default=None, metadata={"example": '{"from":1,"tables":["assets"],"columns":[]}'})
    limit = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ROWS))
    collections = DelimitedList(text(64, required=True), load_default=[])
    unsent = fields.Boolean(
        load_default=False,
        metadata={"description": "What `hasUnsyncedChanges` says just before this pull. Not for `strict` clients."},
    )


class TableChangesSchema(Schema):
    """Changes of one table. Rows are not checked here: what is wrong with one must not stop the others."""

    created = fields.List(fields.Raw(allow_none=True, metadata={"type": "object"}), load_default=[])
    updated = fields.List(fields.Raw(allow_none=True, metadata={"type": "object"}), load_default=[])
    deleted = fields.List(fields.Raw(allow_none=True, metadata={"type": "string"}), load_default=[])


class WatermelonPageSchema(Schema):
    """What `pullChanges` returns. `more`: synchronise again at once."""

    changes = fields.Dict(keys=fields.String(), values=fields.Nested(TableChangesSchema), required=True)
    timestamp = fields.Integer(required=True)
    more = fields.Boolean(required=True)
    experimentalStrategy = fields.String(validate=validate.Equal("replacement"))


class WatermelonPushQuery(Schema):
    """The arguments of `pushChanges` beside the changes."""

    last_pulled_at = fields.Integer(required=True, validate=validate.Range(0, MAX_CURSOR))
    strict = fields.Boolean(load_default=False, metadata={"description": "Abort if anything was changed since."})


class WatermelonPushSchema(Schema):
    """`{"changes": {…}}`, or the changes alone, as the example of WatermelonDB's documentation sends them."""

    changes = fields.Dict(keys=fields.String(), values=fields.Nested(TableChangesSchema), required=True)

    read_body = staticmethod(PushSchema.read_body)

    @pre_load
    def wrap(self, data: Any, **_: Any) -> Any:
        if isinstance(data, dict) and "changes" not in data:
            return {"changes": data}
        return data


class WatermelonPushedSchema(Schema):
    """Nothing: everything is accepted."""


class RxdbPullQuery(Schema):
    """A checkpoint, as the stock client spells it in the address."""

    lwt = fields.Integer(load_default=0, validate=validate.Range(0, MAX_CURSOR))
    id = fields.String(load_default="")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_ROWS))


class CheckpointSchema(Schema):
    """Where a client stands: `lwt` is our cursor."""

    id = fields.String(required=True)
    lwt = fields.Integer(required=True)


class RxdbPageSchema(Schema):
    """Documents since a checkpoint; fewer than `limit` when there are no more."""

    documents = fields.List(fields.Dict(), required=True)
    checkpoint = fields.Nested(CheckpointSchema, required=True)


class RxdbRowSchema(Schema):
    """A write: what shall be, and what the client believes to be."""

    class Meta:
        unknown = EXCLUDE

    newDocumentState = fields.Raw(allow_none=True, load_default=None, metadata={"type": "object"})
    assumedMasterState = fields.Raw(metadata={"type": ["object", "null"]}, load_default=None)

    read_body = staticmethod(PushSchema.read_body)
