"""The simulation behind docs/scaling.md knows what any queue knows."""

from __future__ import annotations

import pytest

from bench.figures import percentile
from bench.scaling import Costs, Day, busy, waits

COSTS, DAY = Costs(), Day()


def test_an_idle_machine_answers_as_fast_as_a_request_costs() -> None:
    dearest = max(each for _, _, each in DAY.requests(COSTS))
    assert percentile(waits(10, 4, COSTS, DAY), 0.99) <= dearest * 1.5


def test_nearer_to_full_everybody_waits_longer_and_more_cores_help() -> None:
    full = round(1 / busy(1, 2, COSTS, DAY))
    slow = [percentile(waits(round(full * share), 2, COSTS, DAY), 0.99) for share in (0.3, 0.7, 0.95)]
    assert slow == sorted(slow)
    assert percentile(waits(round(full * 0.95), 4, COSTS, DAY), 0.99) < slow[-1]


def test_twice_the_engineers_take_twice_the_machine() -> None:
    assert busy(2_000, 4, COSTS, DAY) == pytest.approx(busy(1_000, 2, COSTS, DAY))
