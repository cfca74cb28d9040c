"""What a body may hold: looked through quickly, refused with the place of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.http.reading import MAX_DEPTH, MAX_NUMBER, refuse_hostile_text
from app.kernel.problems import Problem

leaves = st.none() | st.booleans() | st.integers() | st.floats(-1e17, 1e17) | st.text(max_size=3)
bodies = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=20
)


def nested(levels: int, inside: Any) -> Any:
    for _ in range(levels):
        inside = {"deeper": inside}
    return inside


def refused(body: Any) -> bool:
    try:
        refuse_hostile_text(body)
    except Problem as problem:
        return problem.kind.status == 422
    return False


def hostile(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(hostile, value)) or any(map(hostile, value.values()))
    if isinstance(value, list):
        return any(map(hostile, value))
    if isinstance(value, str):
        return "\x00" in value
    return isinstance(value, int | float) and abs(value) > MAX_NUMBER


@given(bodies)
def test_exactly_what_is_hostile_is_refused(body: Any) -> None:
    assert refused(body) == hostile(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"a": [1, {"b": "x\x00"}]}, "/a/1/b"),
        ({"a": {"x\x00": 1}}, "/a"),
        ([0, MAX_NUMBER + 1], "/1"),
        ({"n": -1e300}, "/n"),
        (nested(MAX_DEPTH + 1, 1), "/deeper" * (MAX_DEPTH + 1)),
    ],
)
def test_the_place_at_fault_is_named(body: Any, pointer: str) -> None:
    with pytest.raises(Problem) as raised:
        refuse_hostile_text(body)
    assert raised.value.errors[0].pointer == pointer


def test_what_is_nested_as_deeply_as_allowed_passes() -> None:
    refuse_hostile_text(nested(MAX_DEPTH, {}))
    refuse_hostile_text(nested(MAX_DEPTH, MAX_NUMBER))
