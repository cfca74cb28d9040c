"""Pairs that are known are not asked for again, and a server that does not answer is left alone for a while."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.travel import remembered
from dispatch.travel.grids import alike
from dispatch.travel.provider import Away, Matrix, Point
from dispatch.travel.remembered import CHECKED, KEPT, Remembered
from dispatch.travel.resting import REST, Resting

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACES: list[Point] = [(float(n), 0.0) for n in range(12)]


@dataclass
class Server:
    """Counts the pairs it is asked for; a drive takes ten times the origin and the target in seconds."""

    name: str = "roads"
    map_version: str = "1"
    away: bool = False
    asked: list[int] = field(default_factory=list)

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        if self.away:
            raise Away("gone")
        self.asked.append(len(origins) * len(targets))
        made = np.array([[10 * a + b for b, _ in targets] for a, _ in origins], np.int32)
        return Matrix(made, 2 * made, self.name)

    def version(self) -> str:
        if self.away:
            raise Away("gone")
        return self.map_version


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def ask(memory: Remembered, origins: Sequence[int], targets: Sequence[int]) -> list[list[int]]:
    answer = memory.matrix([PLACES[n] for n in origins], [PLACES[n] for n in targets], NOON)
    assert (answer.metres == 2 * answer.seconds).all()
    assert answer.source == "roads"
    return answer.seconds.tolist()


def test_a_place_more_costs_one_row_and_one_column() -> None:
    server = Server()
    memory = Remembered(server)
    ask(memory, range(5), range(5))
    assert ask(memory, range(6), range(6)) == [[10 * a + b for b in range(6)] for a in range(6)]
    ask(memory, [3, 5], [5, 0])
    assert server.asked[0] == 25
    assert sum(server.asked) == 36


@given(st.lists(st.tuples(*[st.lists(st.integers(0, 11), min_size=1, max_size=6)] * 2), max_size=12))
def test_whatever_is_asked_in_whatever_order_the_answer_is_the_servers(
    questions: list[tuple[list[int], list[int]]],
) -> None:
    server = Server()
    memory = Remembered(server)
    for origins, targets in questions:
        assert ask(memory, origins, targets) == [[10 * a + b for b in targets] for a in origins]
    asked = {pair for origins, targets in questions for pair in itertools.product(origins, targets)}
    assert sum(server.asked) >= len(asked)
    before = len(server.asked)
    for origins, targets in questions:
        ask(memory, origins, targets)
    assert len(server.asked) == before


def test_a_new_map_and_a_long_time_are_measured_anew() -> None:
    server, clock = Server(), Clock()
    memory = Remembered(server, clock)
    ask(memory, [1], [2])
    server.map_version = "2"
    clock.now = CHECKED - 1
    ask(memory, [1], [2])
    assert len(server.asked) == 1
    clock.now = CHECKED + 1
    ask(memory, [1], [2])
    assert len(server.asked) == 2
    clock.now += KEPT + 1
    ask(memory, [1], [2])
    assert len(server.asked) == 3


def test_what_is_known_is_told_while_the_server_is_away() -> None:
    server, clock = Server(), Clock()
    memory = Remembered(server, clock)
    ask(memory, [1, 2], [3])
    server.away, clock.now = True, CHECKED + 1
    assert ask(memory, [2], [3]) == [[23]]
    with pytest.raises(Away):
        ask(memory, [2], [4])


def test_too_many_places_begin_anew_and_more_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_PLACES", 4)
    server = Server()
    memory = Remembered(server)
    ask(memory, [0, 1], [2])
    ask(memory, [3, 4], [5])
    ask(memory, [0, 1], [2])
    ask(memory, range(5), range(5))
    assert server.asked == [2, 2, 2, 25]


def test_who_did_not_answer_rests_and_is_then_asked_again() -> None:
    server, clock = Server(away=True), Clock()
    resting = Resting(server, clock=clock)
    with pytest.raises(Away, match="gone"):
        resting.matrix(PLACES[:1], PLACES[:1], NOON)
    server.away, clock.now = False, REST - 1
    with pytest.raises(Away, match="not asked again yet after gone"):
        resting.matrix(PLACES[:1], PLACES[:1], NOON)
    clock.now = REST + 1
    assert resting.matrix(PLACES[:1], PLACES[1:2], NOON).seconds.tolist() == [[1]]
    assert resting.version() == "1"


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), max_size=6))
def test_rows_that_want_the_same_are_put_together_once(wanted: list[list[bool]]) -> None:
    mask = np.array(wanted, np.bool_).reshape(-1, 4)
    covered = np.zeros_like(mask, np.int64)
    for rows, columns in alike(mask):
        covered[np.ix_(rows, columns)] += 1
    assert (covered == mask).all()
