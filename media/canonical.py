"""Canonical JSON (RFC 8785): one value has one byte string, on the phone and here, so hashes can be compared."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

MAX_BYTES = 4 * 1024 * 1024


class NotCanonical(ValueError):
    """These bytes are not canonical JSON, or this value has no canonical form."""


def dumps(value: Any) -> bytes:
    """The canonical bytes of a JSON value. Raises NotCanonical for NaN, integers beyond 2^53, lone surrogates."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(f"has no canonical form: {error}"[:200]) from None


def loads(data: bytes) -> Any:
    """The value of canonical bytes; raises NotCanonical unless writing it again gives exactly these bytes.

    So doubled keys, spaces, other spellings of a number and invalid UTF-8 are all refused.
    """
    if len(data) > MAX_BYTES:
        raise NotCanonical(f"is larger than {MAX_BYTES} bytes")
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NotCanonical("is not JSON") from None
    if dumps(value) != data:
        raise NotCanonical("is not written as RFC 8785 demands")
    return value


def sha256(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data).hexdigest()
