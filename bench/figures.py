"""Figures of a benchmark: medians with their spread, told on the screen and kept in RESULTS.md with the commit."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
import timeit
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
HEAD = (
    "# Results of the benchmarks\n\nEach entry: commit, machine, figures as `./callout bench NAME` told them. Pace: "
    "processor seconds\nthat a hundred million additions in Python took there, to compare machines by.\n"
)


@dataclass(frozen=True)
class Spread:
    """The median of several runs and the lowest and highest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def told(self, unit: str, scale: float = 1.0, digits: int = 1) -> str:
        median, low, high = (f"{value * scale:,.{digits}f}" for value in (self.median, self.low, self.high))
        return f"{median} {unit} ({low}–{high})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Report:
    """What a benchmark tells: lines of (what, figure, goal or remark)."""

    name: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, remark: str = "") -> None:
        self.lines.append((what, figure, remark))

    def told(self) -> str:
        """The figures as a table of Markdown."""
        rows = [f"| {what} | {figure} | {remark} |" for what, figure, remark in self.lines]
        return "\n".join(["| what | figure | goal, remark |", "|---|---|---|", *rows])

    def keep(self, name: str = "RESULTS.md") -> None:
        """Puts the figures on top of the file of results called `name`."""
        results = HERE / name
        old = results.read_text().removeprefix(HEAD) if results.exists() else ""
        machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, pace {_pace():.2f}"
        title = f"## {self.name} — {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_commit()}, {machine}"
        results.write_text(f"{HEAD}\n{title}\n\n{self.told()}\n{old}")


def _pace() -> float:
    return timeit.timeit("n + 1", "n = 1", timer=time.process_time, number=100_000_000)


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "no commit"
