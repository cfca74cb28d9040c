"""Reading requests: JSON only where JSON is meant, gzip within limits, marshmallow's findings as field errors."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn

import orjson
from flask import Request, request
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser

from app.kernel.config import config
from app.kernel.problems import INVALID, MALFORMED, STALE_REVISION, TOO_LARGE, UNSUPPORTED_TYPE, FieldError

JSON_TYPES = {"application/json", "application/merge-patch+json"}
MAX_DEPTH = 40
MAX_NUMBER = 2**53  # what every client's number type holds; jsonb would give larger ones back as endless integers


def body_bytes(req: Request) -> bytes:
    """The whole body, inflated when gzipped. Raises 413 past the limit, 415 for another encoding, 400 for bad gzip."""
    raw = req.get_data(cache=True)
    encoding = req.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return raw
    if encoding != "gzip":
        raise UNSUPPORTED_TYPE(f"Content-Encoding {encoding} is not understood; use gzip or none.")
    limit = config().max_body
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(raw, limit)
    except zlib.error:
        raise MALFORMED("The body is not valid gzip.") from None
    if inflater.unconsumed_tail:
        raise TOO_LARGE(f"The inflated body is larger than {limit} bytes.", limit=limit)
    if not inflater.eof:
        raise MALFORMED("The gzip body ends too early.")
    return body


def read_json(req: Request) -> Any:
    """The JSON body. Raises 415 for another content type, 400 for anything that is not JSON."""
    if req.mimetype not in JSON_TYPES:
        raise UNSUPPORTED_TYPE(f"Send application/json, not {req.mimetype or 'a body without a type'}.")
    body = body_bytes(req)
    if not body:
        raise MALFORMED("The body is empty.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MALFORMED(f"The body is not valid JSON: {error.msg} at line {error.lineno}.") from None
    refuse_hostile_text(value)
    return value


def refuse_hostile_text(value: Any, pointer: str = "") -> None:
    """Raises 422 for NUL characters (PostgreSQL cannot hold them), absurd nesting, numbers beyond 2^53."""
    if not _harmless(value):
        _refuse_at_fault(value, pointer, 0)


def _harmless(value: Any) -> bool:
    """Whether nothing is wrong anywhere, level by level: bodies have thousands of values, and nearly all are right."""
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            return False
        inner: list[Any] = []
        for one in level:
            kind = type(one)
            if kind is dict:
                inner.extend(one)
                inner.extend(one.values())
            elif kind is list:
                inner.extend(one)
            elif kind is str:
                if "\x00" in one:
                    return False
            elif (kind is float or kind is int) and not -MAX_NUMBER <= one <= MAX_NUMBER:
                return False
        level, depth = inner, depth + 1
    return True


def _refuse_at_fault(value: Any, pointer: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise INVALID("The body is nested too deeply.", errors=[FieldError(pointer, "too deep")])
    if isinstance(value, str):
        if "\x00" in value:
            raise INVALID("Text may not contain the NUL character.", errors=[FieldError(pointer, "contains NUL")])
    elif isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise INVALID("A number is too large to be kept exactly.", errors=[FieldError(pointer, "beyond 2^53")])
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_at_fault(key, pointer, depth)
            _refuse_at_fault(inner, f"{pointer}/{key}", depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_at_fault(inner, f"{pointer}/{index}", depth + 1)


def _flatten(messages: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flatten(inner, pointer if key == "_schema" else f"{pointer}/{key}")
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield FieldError(pointer, str(message))


def field_errors(error: ValidationError) -> list[FieldError]:
    """marshmallow's messages as (JSON pointer, sentence) pairs."""
    return list(_flatten(error.messages, ""))


class Parser(FlaskParser):
    """webargs' Flask parser that reads bodies our way and raises problems."""

    DEFAULT_VALIDATION_STATUS = 422
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": "raise", "json": None}

    def load_json(self, req: Request, schema: Any) -> Any:
        """The body. A schema with a `read_body` of its own (where one bad item must not spoil the rest) reads it."""
        return getattr(schema, "read_body", read_json)(req)

    def load_querystring(self, req: Request, schema: Any) -> Any:
        for key, values in req.args.lists():
            for text in (key, *values):
                refuse_hostile_text(text, f"?{key}")
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, req: Request, schema: Any, **_: Any) -> NoReturn:
        messages = error.messages
        assert isinstance(messages, dict)
        location, findings = next(iter(messages.items()))
        errors = list(_flatten(findings, "" if location == "json" else "?"))
        if location != "json":
            errors = [FieldError(e.pointer.replace("?/", "?"), e.detail) for e in errors]
        first = errors[0] if errors else FieldError("", "invalid")
        raise INVALID(f"{first.pointer or 'body'}: {first.detail}", errors=errors)


def expected_revision() -> int | None:
    """The revision named by `If-Match`; None without the header or for `*`. Raises 412 for anything unreadable."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tag = header.strip().removeprefix("W/").strip('"')
    if not re.fullmatch(r"[0-9]{1,18}", tag):
        raise STALE_REVISION("If-Match names a revision that this row never had.")
    return int(tag)
