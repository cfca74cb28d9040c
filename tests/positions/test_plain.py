"""Fixes that are read at once: never otherwise than the schema reads them, and the ordinary ones always."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.positions import plain
from app.positions.schemas import FixSchema

SCHEMA = FixSchema(many=True)
MOMENTS = ("2026-03-02T08:15:00Z", "2026-03-02T09:15:00.123456+01:00", "1970-01-01T00:00:00Z", "20260302T0815Z")
WRONG_MOMENTS = ("2026-03-02T08:15:00", "2026-03-02", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "soon")
numbers = st.one_of(
    st.floats(), st.integers(-400, 20_000), st.sampled_from([90, -180, 1e7, 1e-31, -1e-31, 2**60]), st.booleans()
)
anything = st.one_of(numbers, st.none(), st.text(max_size=5), st.sampled_from(MOMENTS + WRONG_MOMENTS), st.just([]))
ordinary = st.fixed_dictionaries(
    {"at": st.sampled_from(MOMENTS), "lat": st.floats(-90, 90), "lon": st.floats(-180, 180)},
    optional={
        "accuracy": st.none() | st.floats(0, 1e7),
        "battery": st.none() | st.integers(0, 100),
        "altitude": st.floats(-2e4, 1e6),
        "mock": st.none() | st.booleans(),
    },
)
odd = st.dictionaries(st.sampled_from(["at", "lat", "lon", "speed", "bearing", "mock", "colour"]), anything)


def by_schema(fixes: list[Any]) -> Any:
    try:
        return SCHEMA.load(fixes)
    except ValidationError:
        return None


@given(st.lists(ordinary, max_size=4))
def test_what_phones_send_is_read_at_once(fixes: list[dict[str, Any]]) -> None:
    assert plain.read(fixes) == by_schema(fixes)


@settings(max_examples=300)
@given(st.lists(ordinary, max_size=2), st.builds(lambda usual, more: {**usual, **more}, ordinary, odd) | odd)
def test_nothing_is_read_otherwise_than_by_the_schema(fixes: list[dict[str, Any]], strange: dict[str, Any]) -> None:
    read = plain.read([*fixes, strange])
    assert read is None or read == by_schema([*fixes, strange])


@pytest.mark.parametrize("wrong", [*WRONG_MOMENTS, None, 5, ["2026-03-02T08:15:00Z"]])
def test_a_time_that_is_not_surely_right_is_left_to_the_schema(wrong: Any) -> None:
    assert plain.read([{"at": wrong, "lat": 1, "lon": 2}]) is None


def test_a_number_that_is_text_is_left_to_the_schema() -> None:
    assert plain.read([{"at": MOMENTS[0], "lat": "1", "lon": 2}]) is None
    assert plain.read([None]) is None
    assert plain.read([[]]) is None
