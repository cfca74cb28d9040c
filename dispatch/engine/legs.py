"""All legs of all days as padded arrays, so that one visit is tried everywhere in a few NumPy operations.

Axes: d day, s leg (from stop s to stop s+1; legs = visits + 1, the rest is padding), k breaks taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .model import Ints, Problem, Visit, Window
from .timing import NEVER, Stops, earliest, latest

Mask = npt.NDArray[np.bool_]


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
    """The arrays of a problem's routes; `set_route` keeps one day's row up when its plan changes."""

    def __init__(self, problem: Problem, routes: Sequence[Sequence[Visit]]) -> None:
        """`routes[d]` are the visits of day d in order of service."""
        self.problem = problem
        self.routes: list[tuple[Visit, ...]] = [()] * len(problem.days)
        self._width = max((len(day.breaks) for day in problem.days), default=0) + 1
        self._pauses = self._break_arrays()
        self._percent = np.array([day.travel_percent for day in problem.days], dtype=np.int64)[:, None]
        caps = [NEVER if day.max_travel is None else day.max_travel for day in problem.days]
        self._max_travel = np.array(caps, dtype=np.int64)[:, None]
        self._allocate(max((len(r) for r in routes), default=0) + 4)
        for d, route in enumerate(routes):
            self.set_route(d, route)

    def set_route(self, d: int, route: Sequence[Visit]) -> None:
        """Replace the sequence of day d and recompute its row."""
        if len(route) + 1 > self.leave.shape[1]:
            self._grow(len(route) + 4)
        day = self.problem.days[d]
        stops = Stops.of(self.problem, day, route)
        self.routes[d] = stops.visits
        n, width = len(stops.drives), len(day.breaks) + 1
        self.leave[d], self.by[d], self.ends_at_visit[d] = NEVER, -NEVER, False
        self.leave[d, :n, :width] = np.maximum(earliest(stops)[0][:n], day.shift_start)
        self.by[d, :n, :width] = latest(stops)[1:]
        if width < self._width:  # surplus states of a day with fewer breaks: reached by breaks of no length
            self.leave[d, :n, width:] = self.leave[d, :n, width - 1 : width]
            self.by[d, :n, width:] = self.by[d, :n, width - 1 : width]
        places = [day.start, *(v.place for v in route), day.end]
        self.origin[d, :n], self.target[d, :n] = places[:-1], places[1:]
        self.drive[d, :n] = stops.drives
        self.ends_at_visit[d, : n - 1] = True

    def try_everywhere(self, visit: Visit, *, max_travel: bool = True) -> Fit:
        """Insert one visit into every leg at once; `max_travel=False` leaves the longest drive out of the decision."""
        start = np.full(self.drive.shape, NEVER)
        for begins, ends in self._intervals(visit, visit.starts):
            start = np.where(begins <= ends, np.minimum(start, begins), start)
        there, back = self._drives(visit.place)
        fits = start < NEVER
        if max_travel:
            fits &= self._near(there, back)
        return Fit(fits, start, there + back - self.drive)

    def window_gaps(self, visit: Visit) -> tuple[Ints, Ints]:
        """Least seconds per day, shape (days,), by which a window would have to close later and to open earlier."""
        close, open_ = np.full(self.drive.shape, NEVER), np.full(self.drive.shape, NEVER)
        near = self._near(*self._drives(visit.place))
        for begins, ends in self._intervals(visit, ((-NEVER, NEVER - 1),)):
            ok = near & (begins <= ends)
            for a, b in visit.starts:
                close = np.where(ok & (begins > b), np.minimum(close, begins - b), close)
                open_ = np.where(ok & (ends < a), np.minimum(open_, a - ends), open_)
        return close.min(axis=1), open_.min(axis=1)

    def _intervals(self, visit: Visit, starts: Sequence[Window]) -> Iterator[tuple[Ints, Ints]]:
        """For each split of the breaks around the visit: earliest and latest start of service, (days, legs) each."""
        there, back = self._drives(visit.place)
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

    def _drives(self, place: int) -> tuple[Ints, Ints]:
        """Seconds to the place from each leg's origin, and from it to each leg's target."""
        there = self.problem.travel.seconds(self.origin, place)
        back = self.problem.travel.seconds(place, self.target)
        return -(-there * self._percent // 100), -(-back * self._percent // 100)

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

    def _break_arrays(self) -> list[tuple[Ints, Ints, Ints]]:
        """(earliest, latest, duration), each (days, 1), for every break number; absent ones have no length."""
        out = []
        for j in range(self._width - 1):
            rows = [
                (day.breaks[j].earliest, day.breaks[j].latest, day.breaks[j].duration)
                if j < len(day.breaks)
                else (-NEVER, NEVER, 0)
                for day in self.problem.days
            ]
            columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
            out.append((columns[:, :1], columns[:, 1:2], columns[:, 2:]))
        return out

    def _allocate(self, legs: int) -> None:
        days = len(self.problem.days)
        self.leave: Ints = np.full((days, legs, self._width), NEVER, dtype=np.int64)
        self.by: Ints = np.full((days, legs, self._width), -NEVER, dtype=np.int64)
        self.origin: Ints = np.zeros((days, legs), dtype=np.int64)
        self.target: Ints = np.zeros((days, legs), dtype=np.int64)
        self.drive: Ints = np.zeros((days, legs), dtype=np.int64)
        self.ends_at_visit: Mask = np.zeros((days, legs), dtype=bool)

    def _grow(self, legs: int) -> None:
        routes = self.routes
        self._allocate(legs)
        for d, route in enumerate(routes):
            self.set_route(d, route)


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
