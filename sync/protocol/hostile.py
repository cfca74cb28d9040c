"""Reading a push so that one bad mutation does not spoil the others, and keeping what no database can hold."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 40
LEAST, MOST = -(2**63), 2**64 - 1
MAX_DIGITS = 400  # more make no number in any language that phones speak; Python refuses to read a few thousand
UNTEXT = re.compile("[\x00\ud800-\udfff]")
UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def loads(body: bytes) -> Any:
    """The JSON value, lone surrogates included (a phone's text field can hold them), and numbers that no number type
    holds as their digits (whatever refuses them keeps them as they were sent). Raises ValueError for the rest."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(body.decode(), parse_constant=_refuse, parse_float=_float, parse_int=_int)
        except (UnicodeDecodeError, ValueError, RecursionError):
            raise ValueError(f"{error.msg} at line {error.lineno}") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _float(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) < MAX_DIGITS else digits


def poisonous(value: Any) -> str | None:
    """What makes `value` impossible to store (a sentence), or None when nothing does."""
    return None if _wholesome(value) else _poison(value, 0)


def _wholesome(value: Any) -> bool:
    """Whether nothing is wrong anywhere, level by level: a push has thousands of values, and nearly all are right."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for one in level:
            kind = type(one)
            if kind is str:
                if UNTEXT.search(one):
                    return False
            elif kind is dict:
                inner.extend(one)
                inner.extend(one.values())
            elif kind is list:
                inner.extend(one)
            elif kind is int and not LEAST <= one <= MOST:
                return False
        if not inner:
            return True
        level = inner
    return False


def _poison(value: Any, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return "It is nested too deeply."
    if isinstance(value, str):
        return "It holds characters that are no text." if value.translate(UNSTORABLE) != value else None
    if isinstance(value, int) and not LEAST <= value <= MOST:
        return "It holds a whole number beyond 64 bits."
    inner: list[Any] = (
        [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    )
    return next((found for item in inner if (found := _poison(item, depth + 1))), None)


def storable(value: Any, depth: int = 0) -> Any:
    """`value` with what cannot be stored replaced: NUL and lone surrogates by U+FFFD, too deep nesting by a word."""
    if isinstance(value, str):
        return value.translate(UNSTORABLE)
    if isinstance(value, int) and not LEAST <= value <= MOST:
        return str(value)
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        return "(nested too deeply)"
    if isinstance(value, dict):
        return {storable(key): storable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    return value
