"""What is read the short way is what the schema would have read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.kernel.http.plain import Plain
from app.work import pushed

SCHEMAS = {
    name: getattr(pushed, name)
    for name in ("STEP", "ANSWER", "TIME", "TIME_CHANGE", "PART", "NOTE", "NOTE_CHANGE", "VISIT_CHANGE", "JOB_CHANGE")
}
USUAL: dict[str, dict[str, Any]] = {
    "STEP": {"to": "completed"},
    "ANSWER": {
        "visit_id": "01a22625-13fc-75cb-9bfd-57aba0c3d938",
        "item_id": "01a22625-13fc-75cb-9bfd-57aba0c3d939",
        "value": True,
    },
    "TIME": {
        "visit_id": "01a22625-13fc-75cb-9bfd-57aba0c3d938",
        "kind": "work",
        "started_at": "2026-03-02T09:30:00.123456+01:00",
    },
    "TIME_CHANGE": {"ended_at": "2026-03-02T09:30:00Z"},
    "PART": {
        "visit_id": "01a22625-13fc-75cb-9bfd-57aba0c3d938",
        "part_id": "01a22625-13fc-75cb-9bfd-57aba0c3d939",
        "quantity": "1.5",
    },
    "NOTE": {"visit_id": "01a22625-13fc-75cb-9bfd-57aba0c3d938", "body": "leaks", "internal": False},
    "NOTE_CHANGE": {"body": "leaks!"},
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        [
            "work", "completed", "rescheduled", "x" * 30_000, "{01a22625-13fc-75cb-9bfd-57aba0c3d938}",
            "01A22625-13FC-75CB-9BFD-57ABA0C3D938", "01a2262513fc75cb9bfd57aba0c3d938",
            "01a22625-13fc-75cb-9bfd-57aba0c3d938", "01a22625-13fc-75cb-9bfd-57aba0c3d938\n",
            "2026-03-02T09:30:00", "2026-03-02T09:30:00+25:00", "2026-02-30T09:30:00Z", "2026-03-02",
            "1969-12-31T23:59:59Z", "1970-01-01T00:30:00+01:00", "9999-12-31T23:59:59-23:59",
            "2026-03-02T09:30:00.12Z", "2026-W10-1T09:30:00Z",
            "2026-03-02T09:30:00.123456+01:00", "٢٠٢٦-03-02T09:30:00Z", "2026-03-02T24:00:00Z",
            "0", "0.000", "1000000", "1000000.001", "1.2345", "1e3", "٣", "NaN", " 1", "-1",
        ]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def outcome(load: Any, data: Any) -> Any:
    try:
        return load(data)
    except ValidationError as error:
        return error.messages


def told(outcome: Any) -> str:
    """With the kinds of the values: 1 is not True, a day in another zone is not the same text."""
    return repr(outcome)


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_is_read_the_short_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain: Plain = SCHEMAS[name]
    expected = plain.schema.load(USUAL[name])
    monkeypatch.setattr(type(plain.schema), "load", None)
    assert told(plain.load(USUAL[name])) == told(expected)


@settings(max_examples=400)
@given(st.data())
def test_whatever_comes_is_read_as_the_schema_reads_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SCHEMAS)))
    plain: Plain = SCHEMAS[name]
    members = st.sampled_from([*plain.load_fields, "unknown"])
    given = USUAL.get(name, {}) | data.draw(st.dictionaries(members, VALUES, max_size=3))
    for gone in data.draw(st.sets(st.sampled_from([*plain.load_fields]), max_size=1)):
        given.pop(gone, None)
    assert told(outcome(plain.load, given)) == told(outcome(plain.schema.load, given))


@pytest.mark.parametrize("data", [None, [], "x", 7, {}, {1: 2}])
def test_what_is_no_object_is_refused_in_the_schemas_words(data: Any) -> None:
    assert told(outcome(pushed.NOTE.load, data)) == told(outcome(pushed.NOTE.schema.load, data))
