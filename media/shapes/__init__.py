"""The JSON Schemas of what phones build and sign themselves. Clients are generated from the same files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.kernel.problems import FieldError

_FOLDER = Path(__file__).parent
MAX_ERRORS = 20


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called `name` (`report`, `signoff`)."""
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return loaded


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def errors(name: str, value: Any) -> list[FieldError]:
    """What is wrong with `value` under the schema `name`: the first MAX_ERRORS findings, none when it is right."""
    return [finding for finding, _ in zip(_findings(name, value), range(MAX_ERRORS), strict=False)]


def _findings(name: str, value: Any) -> Iterator[FieldError]:
    for error in _validator(name).iter_errors(value):
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        yield FieldError(pointer, error.message[:200])
