"""How many engineers a machine carries: what their day costs in processor time, and a simulated queue for its cores.

Nothing is measured here. The costs are those of `RESULTS.md`; docs/scaling.md says what follows from them.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

from bench.figures import Report, percentile

SHIFT_S = 8 * 3600
PEAK = 3  # the busiest quarter of an hour against the mean of a shift
GOAL_P99_S = 0.3
SIMULATED_S = 900  # a peak


@dataclass(frozen=True)
class Costs:
    """Processor milliseconds, web server and PostgreSQL (and drainer) together."""

    mutation: float = 2.65
    fix: float = 0.33
    empty_pull: float = 6.9
    delta_pull: float = 21.4


@dataclass(frozen=True)
class Day:
    """What one engineer's phone does in a shift."""

    mutations: int = 120  # six visits of twenty
    batch: int = 10
    fixes: int = 960  # one in half a minute
    fixes_a_batch: int = 20
    empty_pulls: int = 60
    delta_pulls: int = 48

    def requests(self, costs: Costs) -> list[tuple[str, float, float]]:
        """(what, how many in a shift, processor seconds of each)."""
        return [
            ("push", self.mutations / self.batch, self.batch * costs.mutation / 1000),
            ("positions", self.fixes / self.fixes_a_batch, self.fixes_a_batch * costs.fix / 1000),
            ("empty pull", self.empty_pulls, costs.empty_pull / 1000),
            ("delta", self.delta_pulls, costs.delta_pull / 1000),
        ]

    def seconds(self, costs: Costs) -> float:
        """Processor seconds that an engineer takes in a shift."""
        return sum(count * each for _, count, each in self.requests(costs))


def busy(engineers: int, cores: int, costs: Costs, day: Day) -> float:
    """The share of the cores that is busy at the peak."""
    return engineers * day.seconds(costs) * PEAK / SHIFT_S / cores


def waits(engineers: int, cores: int, costs: Costs, day: Day, seed: int = 1) -> list[float]:
    """Seconds from the arrival to the answer of each request of a simulated peak: one line, whoever is free takes the
    next. Requests come by chance and take as long as they cost, half as much more or less."""
    chance = random.Random(seed)
    kinds = day.requests(costs)
    weights = [count for _, count, _ in kinds]
    rate = engineers * sum(weights) * PEAK / SHIFT_S
    free = [0.0] * cores
    now, taken = 0.0, []
    while now < SIMULATED_S:
        now += chance.expovariate(rate)
        _, _, cost = chance.choices(kinds, weights)[0]
        begun = max(now, heapq.heappop(free))
        done = begun + cost * chance.uniform(0.5, 1.5)
        heapq.heappush(free, done)
        taken.append(done - now)
    return taken


def carried(cores: int, costs: Costs, day: Day) -> int:
    """The most engineers, in hundreds, whose requests are answered within the goal in 99 of 100 cases at the peak."""
    full = 1 / busy(100, cores, costs, day)
    least, most = int(full / 2), int(full)
    while least < most:
        tried = (least + most + 1) // 2
        if percentile(waits(tried * 100, cores, costs, day), 0.99) <= GOAL_P99_S:
            least = tried
        else:
            most = tried - 1
    return least * 100


def run(report: Report) -> None:
    """`scaling`."""
    costs, day = Costs(), Day()
    for what, count, each in day.requests(costs):
        spent, parts = f"{count * each * 1000:,.0f} ms", f"{count:,.0f} × {each * 1000:.1f} ms"
        report.add(f"{what}, an engineer's shift", spent, parts)
    for cores in (2, 4, 8):
        engineers = carried(cores, costs, day)
        share = busy(engineers, cores, costs, day)
        report.add(f"engineers that {cores} cores carry", f"{engineers:,}", f"{share:.0%} busy at the peak, simulated")
