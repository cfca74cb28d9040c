"""Rows of an export, read by a map."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.imports.cli import MAPS
from app.imports.mapping import RowError, read
from app.imports.schemas import read_map
from app.work.statuses import CHANNELS
from tests.imports.exports import COLUMNS, MAP, row

SHAPE = read_map(MAP)


def test_a_row_becomes_a_record_and_nothing_of_it_is_lost() -> None:
    record = read(SHAPE, row(7), CHANNELS)
    assert (record.external_id, record.subject, record.channel, record.state) == ("7", "Lamp: dark", "phone", "open")
    assert record.reported_at == datetime(2026, 3, 2, 14, tzinfo=UTC)  # Chicago is six hours behind
    assert (record.place, record.job_type, record.account, record.due_at) == ((2.0, 1.0), "repair", "City", None)
    assert record.details == {key: value for key, value in row(7).items() if value}


def test_words_that_are_not_in_the_table_take_the_otherwise() -> None:
    assert read(SHAPE, row(1, via="SMOKE SIGNAL", status="done"), CHANNELS).channel == "import"
    assert read(SHAPE, row(1, status="done"), CHANNELS).state == "closed"


def test_empty_columns_leave_no_stray_punctuation() -> None:
    assert read(SHAPE, row(1, detail=""), CHANNELS).subject == "Lamp"
    with pytest.raises(RowError, match="subject: empty"):
        read(SHAPE, row(1, what="", detail=" "), CHANNELS)


def test_the_same_address_written_differently_is_one_site() -> None:
    keys = {read(SHAPE, row(1, where=text), CHANNELS).site_key for text in ("1  Main st", "1 MAIN ST ")}
    assert keys == {"1 MAIN ST"}
    assert read(SHAPE, row(1, where=""), CHANNELS).site_key == "1.00000,2.00000"
    assert read(SHAPE, row(1, where="", lat="", lon=""), CHANNELS).site_key == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"no": ""}, "external_id: empty"),
        ({"no": "x" * 201}, "external_id: longer"),
        ({"at": "yesterday"}, "reported_at: “yesterday” is not a time"),
        ({"at": "0001-01-01T00:00:00"}, "reported_at"),
        ({"due": "2300-01-01"}, "between 1970 and 2200"),
        ({"lat": "north"}, "not two numbers"),
        ({"lat": "91"}, "not a place on Earth"),
        ({"lat": "nan"}, "not a place on Earth"),
        ({"lat": "893012.5", "lon": "1021344.1"}, "degrees are wanted"),
        ({"lat": ""}, "not two numbers"),
        ({"what": "a\x00b"}, "not readable text"),
        ({"what": "a\udcffb"}, "not readable text"),
    ],
)
def test_a_bad_row_says_why(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        read(SHAPE, row(1, **changes), CHANNELS)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(RowError, match="no column “what”"):
        read(SHAPE, {"no": "1"}, CHANNELS)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"source": "x"},
        {"source": "x", "fields": {"subject": "{a}"}},
        {"source": "x", "fields": {"external_id": "{a}", "subject": "{b}", "colour": "{c}"}},
        {"source": "x", "fields": {"external_id": 1, "subject": "{b}"}},
        {"source": "x", "fields": {"external_id": {"map": {}}, "subject": "{b}"}},
        {**MAP, "timezone": "Mars/Base"},
        {**MAP, "job_types": {"repair": {"name": "Repair", "duration_s": 0}}},
        [],
        None,
    ],
)
def test_a_wrong_map_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        read_map(wrong)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.json")), ids=lambda path: path.stem)
def test_the_maps_that_ship_are_maps(path: Any) -> None:
    shape = read_map(json.loads(path.read_text()))
    assert shape.source == path.stem
    assert {"external_id", "subject", "state", "job_type"} <= set(shape.fields)
    kinds = shape.fields["job_type"]
    assert {*kinds.table.values(), kinds.otherwise} == set(shape.job_types)


cells = st.one_of(st.none(), st.integers(), st.floats(), st.sampled_from(["", "1", "x", "\x00", "\udc80", "1e999"]))


@given(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells)))
def test_any_row_becomes_a_record_or_a_reason(values: dict[str, Any]) -> None:
    try:
        record = read(SHAPE, values, CHANNELS)
    except RowError as error:
        reason = str(error)
        assert ": " in reason
    else:
        assert record.external_id
        assert record.place is None or abs(record.place[1]) <= 90
