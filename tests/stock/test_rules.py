"""Which moves of the office can be entered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.kernel.ids import new_id
from app.stock.rules import Ends, problem_of_move, problem_of_quantity, problem_of_serial

HERE, THERE = new_id(), new_id()
PAIRS = {
    "nowhere": Ends(None, None),
    "in": Ends(None, HERE),
    "out": Ends(HERE, None),
    "across": Ends(HERE, THERE),
    "circle": Ends(HERE, HERE),
}
POSSIBLE = {"receive": {"in"}, "transfer": {"across"}, "adjust": {"in", "out"}}


@pytest.mark.parametrize("kind", POSSIBLE)
@pytest.mark.parametrize("ends", PAIRS)
def test_each_kind_has_its_ends(kind: str, ends: str) -> None:
    problem = problem_of_move(kind, PAIRS[ends], Decimal(1), "counted")
    assert (problem is None) == (ends in POSSIBLE[kind])


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_an_adjustment_needs_a_reason(reason: str | None) -> None:
    problem = problem_of_move("adjust", PAIRS["in"], Decimal(1), reason)
    assert problem is not None
    assert problem.errors[0].pointer == "/reason"


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0001", "1000000.001", "NaN", "Infinity", "1E+30"])
def test_impossible_quantities(quantity: str) -> None:
    assert problem_of_quantity(Decimal(quantity)) is not None


@pytest.mark.parametrize("quantity", ["0.001", "1", "2.50", "1000000"])
def test_possible_quantities(quantity: str) -> None:
    assert problem_of_quantity(Decimal(quantity)) is None


def test_a_serial_tracked_part_moves_one_by_one_with_its_number() -> None:
    assert problem_of_serial(True, "SN-1", Decimal(1)) is None
    assert problem_of_serial(True, None, Decimal(1)) is not None
    assert problem_of_serial(True, "SN-1", Decimal(2)) is not None
    assert problem_of_serial(False, None, Decimal(2)) is None
