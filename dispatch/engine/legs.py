"""All legs of all days as padded arrays, so that one visit is tried everywhere in a few NumPy operations.

Axes: d day, s leg (from stop s to stop s+1; legs = visits + 1, the rest is padding), k breaks taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .gaps.data import Days
from .model import Ints, Problem, Visit, Window
from .score import Hours
from .sheet import Sheet
from .timing import NEVER

Mask = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Fit:
    """Where one visit fits. All arrays have shape (days, legs)."""

    fits: Mask
    start: Ints
    """earliest start of service that keeps everything behind it, seconds (NEVER when there is none)"""
    added: Ints
    """driving seconds added"""

    @property
    def days(self) -> Mask:
        """Whether it fits anywhere on the day, shape (days,)."""
        return np.asarray(self.fits.any(axis=1))


class LegTable:
    """The arrays of a problem's routes."""

    def __init__(self, problem: Problem, routes: Sequence[Sequence[Visit]], sheet: Sheet | None = None) -> None:
        """`routes[d]` are the visits of day d in order of service; `sheet` are the same when it is known already."""
        self.problem = problem
        self.routes = [tuple(route) for route in routes]
        self.sheet = sheet or Sheet.of(problem, routes)
        self._width = len(self.sheet.pauses) + 1
        self._pauses = [tuple(column[:, None] for column in pause) for pause in self.sheet.pauses]
        self._percent, self._max_travel = self.sheet.percent[:, None], self.sheet.max_travel[:, None]
        self.origin, self.target = self.sheet.before.T, self.sheet.place.T
        self.drive = self.sheet.drives.T
        leg = np.arange(len(self.sheet.place))
        self.ends_at_visit: Mask = leg < self.sheet.n[:, None]
        self.real: Mask = leg <= self.sheet.n[:, None]
        self._asked: tuple[int, Ints, Ints] | None = None
        """the drives that were asked for last"""
        self._used: dict[str, Ints] = {}
        self.hours: dict[int, Hours | None] = {}
        self.metres: dict[int, int] = {}
        """present hours and distances of days of which somebody has asked; tables beside this one have the same"""

    @property
    def leave(self) -> Ints:
        """Earliest leaving at each leg's begin, (days, legs, breaks taken)."""
        return self._bounds[0]

    @property
    def by(self) -> Ints:
        """Latest start at each leg's end, (days, legs, breaks taken)."""
        return self._bounds[1]

    @cached_property
    def _bounds(self) -> tuple[Ints, Ints]:
        """`leave` and `by`, worked out when somebody asks: tables that are only made to be timed need none."""
        batch, real = self.sheet.batch, self.real[..., None]
        leave = np.array(batch.earliest[0][:-1]).transpose(2, 0, 1)
        by = np.array(batch.latest[1:]).transpose(2, 0, 1)
        leave = np.maximum(leave, self.sheet.begin[:, None, None])
        return np.where(real, leave, NEVER), np.where(real, by, -NEVER)

    def try_everywhere(self, visit: Visit) -> Fit:
        """Insert one visit into every leg at once."""
        start = np.full(self.drive.shape, NEVER)
        for begins, ends in self._intervals(visit, visit.starts):
            start = np.where(begins <= ends, np.minimum(start, begins), start)
        there, back = self.drives(visit.place)
        return Fit((start < NEVER) & self._near(there, back), start, there + back - self.drive)

    def beside(self, problem: Problem) -> LegTable:
        """The same table for a problem with the same routes, whose travel knows more places."""
        twin = copy(self)
        twin.problem, twin._asked, twin._bounds, twin.flat = problem, None, self._bounds, self.flat
        return twin

    @cached_property
    def flat(self) -> Days:
        """The same for compiled loops, worked out when somebody asks why not."""
        sheet, past, by = self.sheet, np.zeros_like(self.drive), _packed(self.by)
        past[:, :-1] = self.problem.travel.seconds(self.origin[:, :-1], self.target[:, 1:])
        breaks = (sheet.pauses[:, 0] > -NEVER).sum(axis=0)
        by[np.arange(len(sheet.n)), sheet.n, breaks] = sheet.finish  # breaks that only fill the table need not be taken
        return Days(
            n=sheet.n,
            breaks=breaks,
            begin=sheet.begin,
            finish=sheet.finish,
            soonest=sheet.soonest,
            limit=sheet.max_travel,
            pauses=_packed(sheet.pauses.transpose(2, 0, 1)),
            drive=_packed(self.drive),
            past=_packed(-(-past * self._percent // 100)),
            service=_packed(sheet.service.T),
            opens=_packed(sheet.opens.transpose(2, 1, 0)),
            closes=_packed(sheet.closes.transpose(2, 1, 0)),
            locked=_packed(sheet.locked.T),
            priority=_packed(sheet.priority.T),
            leave=_packed(self.leave),
            by=by,
        )

    def used(self, part: str) -> Ints:
        """How many of a part the visits of each day take, (days,)."""
        if part not in self._used:
            self._used[part] = np.array([sum(v.parts.get(part, 0) for v in route) for route in self.routes], np.int64)
        return self._used[part]

    def inserted(self, visit: Visit, days: Ints, legs: Ints) -> Sheet:
        """The days with the visit put into these legs, one for each pair."""
        there, back = self.drives(visit.place)
        return self.sheet.inserted(days, legs, visit, there[days, legs], back[days, legs])

    def _intervals(self, visit: Visit, starts: Sequence[Window]) -> Iterator[tuple[Ints, Ints]]:
        """For each split of the breaks around the visit: earliest and latest start of service, (days, legs) each."""
        there, back = self.drives(visit.place)
        for m in range(self._width):
            ends = self._by_after(visit, starts, back, m)
            for k in range(m + 1):
                yield _begin(starts, self._through(self.leave[..., k], there, k, m)), ends

    def _near(self, there: Ints, back: Ints) -> Mask:
        return (there <= self._max_travel) & ((back <= self._max_travel) | ~self.ends_at_visit)

    def _by_after(self, visit: Visit, starts: Sequence[Window], back: Ints, m: int) -> Ints:
        """Latest start of the visit with m breaks behind it, whatever is taken after it."""
        leave = np.full(self.drive.shape, -NEVER)
        for n in range(m, self._width):
            leave = np.maximum(leave, self._back_through(self.by[..., n], back, m, n))
        return _begin_by(starts, leave - visit.service)

    def drives(self, place: int) -> tuple[Ints, Ints]:
        """Seconds to the place from each leg's origin, and from it to each leg's target."""
        known = self._asked
        if known is None or known[0] != place:
            there = self.problem.travel.seconds(self.origin, place)
            back = self.problem.travel.seconds(place, self.target)
            known = place, -(-there * self._percent // 100), -(-back * self._percent // 100)
            self._asked = known
        return known[1:]

    def _through(self, leave: Ints, drive: Ints, k: int, m: int) -> Ints:
        length: Ints | int = 0
        free, ok = leave, leave < NEVER
        for j in range(k, m):
            first, last, duration = self._pauses[j]
            at = np.maximum(free, first)
            ok, free, length = ok & (at <= last), at + duration, length + duration
        return np.where(ok, np.maximum(free, leave + drive + length), NEVER)

    def _back_through(self, arrive: Ints, drive: Ints, m: int, n: int) -> Ints:
        length: Ints | int = 0
        free, ok = arrive, arrive > -NEVER
        for j in range(n - 1, m - 1, -1):
            first, last, duration = self._pauses[j]
            at = np.minimum(free - duration, last)
            ok, free, length = ok & (at >= first), at, length + duration
        return np.where(ok, np.minimum(free, arrive - drive - length), -NEVER)


def _begin(starts: Sequence[Window], arrival: Ints) -> Ints:
    out = np.full(arrival.shape, NEVER)
    for a, b in reversed(starts):
        out = np.where(arrival <= b, np.maximum(arrival, a), out)
    return out


def _begin_by(starts: Sequence[Window], limit: Ints) -> Ints:
    out = np.full(limit.shape, -NEVER)
    for a, b in starts:
        out = np.where(limit >= a, np.minimum(limit, b), out)
    return out


def _packed(values: npt.NDArray[T]) -> npt.NDArray[T]:
    """A copy in the order of rows: compiled code exists for that order alone."""
    return np.array(values, order="C")
