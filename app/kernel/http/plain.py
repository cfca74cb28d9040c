"""Flat objects that come by the hundred, read as nearly every client sends them.

What is not surely right goes the schema's way, which words what is wrong. Marshmallow's way through a batch of changes
costs more than storing them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from app.kernel import clock
from app.kernel.http.schemas import EARLIEST, LATEST, Moment, Quantity

PLAIN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLAIN_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?(Z|[+-]\d\d:\d\d)")
PLAIN_QUANTITY = re.compile(r"\d{1,7}(\.\d{1,3})?")
HOOKS = ("pre_load", "post_load", "validates", "validates_schema")

Read = Callable[[Any], Any]


class _Unsure(Exception):
    """The schema decides."""


class _Member(NamedTuple):
    name: str
    read: Read
    field: fields.Field[Any]


class Plain:
    """A schema with a short way through it. Fields of kinds that are not known here always go the schema's way."""

    def __init__(self, schema: Schema) -> None:
        self.schema, self.load_fields = schema, schema.load_fields
        self._members = [_Member(name, _reader(field), field) for name, field in schema.load_fields.items()]
        self._whole = schema.partial is not True
        self._short = schema.unknown == RAISE and not any(schema._hooks[tag] for tag in HOOKS)
        if any(field.data_key or field.attribute for field in schema.load_fields.values()):
            self._short = False

    def load(self, data: Any) -> dict[str, Any]:
        """What the schema's `load` gives; raises ValidationError as it does."""
        read = self._read(data) if self._short and type(data) is dict else None
        return self.schema.load(data) if read is None else read

    def _read(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """None when something is not surely right."""
        read, met = {}, 0
        try:
            for name, reader, field in self._members:
                if name in data:
                    met += 1
                    read[name] = _value(reader, field, data[name])
                elif self._whole and field.required:
                    return None
                elif self._whole and field.load_default is not missing:
                    read[name] = field.load_default() if callable(field.load_default) else field.load_default
        except (_Unsure, ValidationError, ValueError, OverflowError):
            return None
        return read if met == len(data) else None


def _value(reader: Read, field: fields.Field[Any], value: Any) -> Any:
    if value is None and field.allow_none:
        return None
    read = reader(value)
    for validate in field.validators:
        validate(read)
    return read


def _reader(field: fields.Field[Any]) -> Read:
    if field.pre_load or field.post_load:
        return _unsure
    if type(field)._deserialize is fields.Field._deserialize:  # it takes whatever it is given
        return _given
    return READERS.get(type(field), _unsure)


def _unsure(value: Any) -> Any:
    raise _Unsure


def _text(pattern: re.Pattern[str], make: Read) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not str or not pattern.fullmatch(value):
            raise _Unsure
        return make(value)

    return read


def _of(kind: type) -> Read:
    def read(value: Any) -> Any:
        return value if type(value) is kind else _unsure(value)

    return read


def _moment(value: str) -> datetime:
    moment = clock.milliseconds(datetime.fromisoformat(value).astimezone(UTC))
    if not EARLIEST <= moment <= LATEST:
        raise _Unsure
    return moment


def _quantity(value: str) -> Decimal:
    quantity = Decimal(value)
    if not 0 < quantity <= Quantity.MOST:
        raise _Unsure
    return quantity


def _given(value: Any) -> Any:
    return _unsure(value) if value is None else value


READERS: dict[type[fields.Field[Any]], Read] = {
    fields.UUID: _text(PLAIN_ID, UUID),
    fields.String: _of(str),
    fields.Boolean: _of(bool),
    Moment: _text(PLAIN_MOMENT, _moment),
    Quantity: _text(PLAIN_QUANTITY, _quantity),
}
