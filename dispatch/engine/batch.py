"""Many sequences timed at once: what `timing` does for one, in a few NumPy operations for thousands.

Axes: i stop (visits, then the end place, then padding), b sequence, k breaks taken, w window. Stops come first, so that
each step works on whole rows. Padding is a stop without service, drive or window: it changes nothing. Whatever is at or
past NEVER never happens, whatever is at or before -NEVER never works: such values may have something added to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .model import Ints
from .timing import NEVER

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Timed:
    """The hours of each sequence; `starts` and `ends` have shape (stops, sequences), `end` and `keeps` (sequences,)."""

    keeps: Mask
    """whether every rule of hours is kept; where not, the other values mean nothing"""
    starts: Ints
    ends: Ints
    end: Ints


@dataclass(frozen=True)
class Batch:
    """Sequences of one common length. `pauses[k]` are earliest, latest and duration of break k, each (sequences,)."""

    begin: Ints
    """when the shift begins, (sequences,)"""
    finish: Ints
    """the last second at which the day may end, (sequences,)"""
    pauses: Sequence[tuple[Ints, Ints, Ints]]
    drives: Ints
    """seconds to each stop, (stops, sequences)"""
    service: Ints
    opens: Ints
    """(windows, stops, sequences); windows in order of time, absent ones open at NEVER"""
    closes: Ints
    locked: Mask
    """(stops, sequences)"""

    @property
    def width(self) -> int:
        """States of a stop: breaks taken so far."""
        return len(self.pauses) + 1

    @cached_property
    def stands(self) -> Mask:
        """Drives on which nothing can be changed, because both ends are locked (or one is the start place)."""
        before = np.vstack([np.ones_like(self.locked[:1]), self.locked[:-1]])
        return np.asarray(self.locked & before)

    @cached_property
    def _standing(self) -> list[bool]:
        """Stops to which such a drive leads in some sequence."""
        return [bool(row.any()) for row in self.stands]

    @cached_property
    def earliest(self) -> tuple[list[list[Ints]], list[list[Ints]]]:
        """`timing.earliest`: for each stop (0: the start) and state the earliest leaving, and the state before."""
        nothing = np.full_like(self.begin, NEVER)
        table, origin = [[self.begin] + [nothing] * (self.width - 1)], [[np.zeros_like(self.begin)] * self.width]
        for i in range(len(self.drives)):
            row, came = [], []
            for n in range(self.width):
                best, state = self._served(i, 0, n, table[-1][0]), np.zeros_like(self.begin)
                for k in range(1, n + 1):
                    ready = self._served(i, k, n, table[-1][k])
                    state = np.where(ready < best, k, state)
                    best = np.minimum(best, ready)
                row.append(best)
                came.append(state)
            table.append(row)
            origin.append(came)
        return table, origin

    @cached_property
    def latest(self) -> list[list[Ints]]:
        """`timing.latest`: for each stop and state the last start (0: leaving) that keeps all that follows."""
        nothing = np.full_like(self.begin, -NEVER)
        table = [[nothing] * (self.width - 1) + [self.finish]]
        for i in range(len(self.drives), 0, -1):
            arrive = [self._begin_by(i - 1, leave - self.service[i - 1]) for leave in table[-1]]
            leaves = [self._leave_by(i - 1, k, arrive) for k in range(self.width)]
            table[-1] = arrive
            table.append(leaves if i == 1 else [np.where(leave >= self.begin, leave, -NEVER) for leave in leaves])
        return table[::-1]

    @property
    def keeps(self) -> Mask:
        """Whether each sequence keeps every rule of hours."""
        return np.asarray(self.earliest[0][-1][-1] <= self.finish)

    @property
    def end(self) -> Ints:
        """When each day ends at the earliest; NEVER where a window or a break is missed."""
        return self.earliest[0][-1][-1]

    @cached_property
    def timed(self) -> Timed:
        """The earliest hours of every sequence."""
        table, origin = self.earliest
        state = np.full_like(self.begin, self.width - 1)
        ready = []
        for i in range(len(self.drives), 0, -1):
            ready.append(_chosen(table[i], state))
            state = _chosen(origin[i], state)
        ends = np.array(ready[::-1])
        return Timed(self.keeps, ends - self.service, ends, self.end)

    def through(self, leave: Ints, drive: Ints, k: int, n: int) -> Ints:
        """Earliest arrival with breaks k…n taken on the way."""
        if k == n:
            return leave + drive
        length: Ints | int = 0
        free, ok = leave, leave < NEVER
        for first, last, duration in self.pauses[k:n]:
            at = np.maximum(free, first)
            ok, free, length = ok & (at <= last), at + duration, length + duration
        return np.where(ok, np.maximum(free, leave + drive + length), NEVER)

    def back_through(self, arrive: Ints, drive: Ints, k: int, n: int) -> Ints:
        """Latest leaving that still arrives in time with breaks k…n taken on the way."""
        if k == n:
            return arrive - drive
        length: Ints | int = 0
        free, ok = arrive, arrive > -NEVER
        for first, last, duration in reversed(self.pauses[k:n]):
            at = np.minimum(free - duration, last)
            ok, free, length = ok & (at >= first), at, length + duration
        return np.where(ok, np.minimum(free, arrive - drive - length), -NEVER)

    def _served(self, i: int, k: int, n: int, leave: Ints) -> Ints:
        arrival = self.through(np.maximum(leave, self.begin), self.drives[i], k, n)
        start = begin(self.opens[:, i], self.closes[:, i], arrival)
        if k == n and self._standing[i]:
            held = self.stands[i] & (start >= NEVER) & (leave < NEVER)
            start = np.where(held, self.opens[0, i], start)
        return np.asarray(start + self.service[i])

    def _begin_by(self, i: int, limit: Ints) -> Ints:
        return begin_by(self.opens[:, i], self.closes[:, i], limit)

    def _leave_by(self, i: int, k: int, arrive: Sequence[Ints]) -> Ints:
        best = self.back_through(arrive[k], self.drives[i], k, k)
        if self._standing[i]:
            best = np.where(self.stands[i] & (arrive[k] > -NEVER), NEVER // 2, best)
        for n in range(k + 1, self.width):
            best = np.maximum(best, self.back_through(arrive[n], self.drives[i], k, n))
        return best


def begin(opens: Ints, closes: Ints, arrival: Ints) -> Ints:
    """First allowed start at or after `arrival`; windows are the first axis."""
    out: Ints | int = NEVER
    for a, b in zip(opens[::-1], closes[::-1], strict=True):
        out = np.where(arrival <= b, np.maximum(arrival, a), out)
    return np.asarray(out)


def begin_by(opens: Ints, closes: Ints, limit: Ints) -> Ints:
    """Last allowed start at or before `limit`; windows are the first axis."""
    out: Ints | int = -NEVER
    for a, b in zip(opens, closes, strict=True):
        out = np.where(limit >= a, np.minimum(limit, b), out)
    return np.asarray(out)


def _chosen(rows: Sequence[Ints], state: Ints) -> Ints:
    """The value of each sequence's state."""
    if len(rows) == 1:
        return rows[0]
    return np.asarray(np.choose(state, rows))
