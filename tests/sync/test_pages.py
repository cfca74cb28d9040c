"""A page of what was found: its rows in their order, as many as find room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.pages import SEPARATOR, Found, place_to_stop


def found(kind: str, rows: dict[int, bytes], collection: str = "visits") -> Found:
    return Found(kind, collection, SEPARATOR.join(rows.values()), list(rows))


def test_whatever_fits_comes_whole_and_in_order() -> None:
    rows = found("upserts", {7: b"{}", 3: b"[1]", 5: b'"x"'})
    assert place_to_stop([rows, found("removed", {4: b'"id"' * 100})], rows.size) is None
    assert rows.array(None) == b'[1],\n"x",\n{}'
    assert found("upserts", {3: b"1", 5: b"2"}).array(None) == b"1,\n2"


def test_a_page_ends_before_the_first_row_that_finds_no_room_in_whatever_collection() -> None:
    one, two = found("upserts", {1: b"11", 4: b"44"}), found("upserts", {2: b"22", 3: b"33"}, "jobs")
    gone = found("removed", {5: b'"a"', 0: b'"b"'})
    assert place_to_stop([one, two, gone], 7) == 4
    assert [part.array(4) for part in (one, two, gone)] == [b"11", b"22,\n33", b'"b"']


@pytest.mark.parametrize("size", [0, 1, 10])
def test_the_first_row_always_fits(size: int) -> None:
    rows = found("upserts", {2: b"x" * 100, 9: b"y"})
    assert place_to_stop([rows], size) == 9
    assert rows.array(9) == b"x" * 100


@given(st.dictionaries(st.integers(1, 10**6), st.binary(min_size=1, max_size=9).map(lambda b: b.hex().encode())),
       st.integers(0, 100))  # fmt: skip
def test_page_after_page_everything_comes_once_and_no_page_is_too_large(rows: dict[int, bytes], size: int) -> None:
    came: list[bytes] = []
    left = dict(rows)
    while left:
        part = found("upserts", left)
        stop = place_to_stop([part], size)
        page = part.array(stop).split(SEPARATOR)
        assert len(page) == 1 or sum(map(len, page)) <= size
        came += page
        left = {pos: item for pos, item in left.items() if stop is not None and pos >= stop}
    assert came == [rows[pos] for pos in sorted(rows)]
