"""The present routes of all days as padded arrays, and sequences made from them: a visit put in, a visit taken out.

Axes as in `batch`: stops first (visits, then the end place, then padding), days second. Nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .batch import Batch, Mask
from .model import EngineerDay, Ints, Problem, Visit
from .timing import NEVER

FAR = 2**41
"""A window without end: later than any time of the engine."""
Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Sums:
    """What the routes cost in seconds, each (days,); lateness is weighted by the priority of the late visits."""

    overtime: Ints
    late: Floats
    delay: Ints
    keeps: Mask
    """whether the hours are kept; where not, the sums mean nothing"""


@dataclass(frozen=True)
class Sheet:
    """Days with their routes. `told` and `deadline` are NEVER where there is none; `place` ends with the end place."""

    n: Ints
    """visits of each day, (days,)"""
    begin: Ints
    finish: Ints
    shift_end: Ints
    soonest: Ints
    percent: Ints
    max_travel: Ints
    origin: Ints
    """the start place, (days,)"""
    pauses: Ints
    """(breaks, 3, days): earliest, latest, duration"""
    place: Ints
    """(stops, days)"""
    drives: Ints
    """to each stop, (stops, days)"""
    service: Ints
    opens: Ints
    """(windows, stops, days)"""
    closes: Ints
    locked: Mask
    priority: Floats
    deadline: Ints
    told: Ints

    @classmethod
    def of(cls, problem: Problem, routes: Sequence[Sequence[Visit]]) -> Sheet:
        """`routes[d]` are the visits of day d in order of service."""
        days, stops = problem.days, max((len(r) for r in routes), default=0) + 1
        wide = max((1, *(len(v.starts) for route in routes for v in route)))
        n, origin = _row(len(r) for r in routes), _row(d.start for d in days)
        percent = _row(d.travel_percent for d in days)
        place = _filled(routes, stops, lambda v: v.place, [d.end for d in days])
        return cls(
            n=n,
            begin=_row(d.shift_start for d in days),
            finish=_row(d.latest_end for d in days),
            shift_end=_row(d.shift_end for d in days),
            soonest=_row(d.soonest for d in days),
            percent=percent,
            max_travel=_row(NEVER if d.max_travel is None else d.max_travel for d in days),
            origin=origin,
            pauses=_pauses(days),
            place=place,
            drives=_drives(problem, n, origin, place, percent),
            service=_filled(routes, stops, lambda v: v.service, 0),
            opens=np.array([_filled(routes, stops, _edge(w, 0), -FAR if w == 0 else NEVER) for w in range(wide)]),
            closes=np.array([_filled(routes, stops, _edge(w, 1), FAR if w == 0 else -NEVER) for w in range(wide)]),
            locked=_filled(routes, stops, lambda v: v.lock is not None, False),
            priority=_filled(routes, stops, lambda v: float(v.priority), 0.0),
            deadline=_filled(routes, stops, lambda v: NEVER if v.deadline is None else v.deadline, NEVER),
            told=_filled(routes, stops, lambda v: NEVER if v.told is None else v.told, NEVER),
        )

    @cached_property
    def batch(self) -> Batch:
        """The routes as they are."""
        pauses = [(first, last, duration) for first, last, duration in self.pauses]
        return Batch(self.begin, self.finish, pauses, self.drives, self.service, self.opens, self.closes, self.locked)

    @property
    def before(self) -> Ints:
        """The place ahead of each stop, (stops, days)."""
        return np.vstack([self.origin[None], self.place[:-1]])

    def patched(self, days: Ints, part: Sheet) -> Sheet:
        """The days with those of `part` in their places."""
        stops, wide = (max(len(a), len(b)) for a, b in ((self.place, part.place), (self.opens, part.opens)))
        width = max(len(self.pauses), len(part.pauses))
        old, new = self._padded(stops, wide, width), part._padded(stops, wide, width)
        values = {}
        for name in self.__dataclass_fields__:
            values[name] = getattr(old, name).copy()
            values[name][..., days] = getattr(new, name)
        return replace(self, **values)

    def _padded(self, stops: int, wide: int, width: int) -> Sheet:
        """The same with room for so many stops, windows and breaks."""
        more = stops - len(self.place)
        longer = {
            name: np.concatenate([getattr(self, name), np.repeat(getattr(self, name)[-1:], more, axis=0)])
            for name in ("place", "service", "locked", "priority", "deadline", "told")
        }
        drives = np.concatenate([self.drives, np.zeros((more, len(self.n)), np.int64)])
        windows = {
            name: np.concatenate([getattr(self, name), np.repeat(getattr(self, name)[:, -1:], more, axis=1)], axis=1)
            for name in ("opens", "closes")
        }
        windows = {"opens": _wider(windows["opens"], wide, NEVER), "closes": _wider(windows["closes"], wide, -NEVER)}
        none = np.broadcast_to(np.array([-NEVER, NEVER, 0])[None, :, None], (width - len(self.pauses), 3, len(self.n)))
        return replace(self, **longer, **windows, drives=drives, pauses=np.concatenate([self.pauses, none]))

    def only(self, days: Ints) -> Sheet:
        """Some of the days, in this order."""
        return replace(self, **{name: getattr(self, name)[..., days] for name in self.__dataclass_fields__})

    def inserted(self, days: Ints, legs: Ints, visit: Visit, there: Ints, back: Ints) -> Sheet:
        """For each pair of day and leg the day with the visit put into this leg; `there` and `back` are its drives."""
        part, here = self.only(days), np.arange(len(days))
        wide = max(len(self.opens), len(visit.starts))
        windows = [*visit.starts, *[(NEVER, -NEVER)] * (wide - len(visit.starts))]

        def put(values: Array, value: object) -> Array:
            return _put(values, legs, here, value)

        drives = _put(part.drives, legs, here, there)
        drives[legs + 1, here] = back
        opens, closes = _wider(part.opens, wide, NEVER), _wider(part.closes, wide, -NEVER)
        return replace(
            part,
            n=part.n + 1,
            place=put(part.place, visit.place),
            drives=drives,
            service=put(part.service, visit.service),
            opens=np.array([put(opens[w], windows[w][0]) for w in range(wide)]),
            closes=np.array([put(closes[w], windows[w][1]) for w in range(wide)]),
            locked=put(part.locked, visit.lock is not None),
            priority=put(part.priority, visit.priority),
            deadline=put(part.deadline, NEVER if visit.deadline is None else visit.deadline),
            told=put(part.told, NEVER if visit.told is None else visit.told),
        )

    @cached_property
    def sums(self) -> Sums:
        """Overtime, lateness and delay of each day."""
        hours = self.batch.timed
        late = np.where(self.deadline < NEVER, np.maximum(0, hours.ends - self.deadline), 0)
        delay = np.where(self.told < NEVER, np.maximum(0, hours.starts - self.told), 0)
        overtime = np.maximum(0, hours.end - self.shift_end)
        return Sums(overtime, (late * self.priority).sum(axis=0), delay.sum(axis=0), hours.keeps)


def _row(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)


def _filled(routes: Sequence[Sequence[Visit]], stops: int, value: Callable[[Visit], object], rest: object) -> Array:
    """One value for each stop of each day, `rest` (one for all days, or a list) behind the last visit."""
    rests = rest if isinstance(rest, list) else [rest] * len(routes)
    rows = [[*map(value, route), *[r] * (stops - len(route))] for route, r in zip(routes, rests, strict=True)]
    kind = bool if rest is False else float if isinstance(rest, float) else np.int64
    return np.array(rows, kind).reshape(len(routes), stops).T.copy()


def _edge(window: int, side: int) -> Callable[[Visit], int]:
    """Where a window opens (side 0) or closes; one that is not there never does."""

    def value(visit: Visit) -> int:
        return visit.starts[window][side] if window < len(visit.starts) else (NEVER, -NEVER)[side]

    return value


def _pauses(days: Sequence[EngineerDay]) -> Ints:
    """Days with fewer breaks get some without length, which are never in the way."""
    width = max((len(day.breaks) for day in days), default=0)
    table = np.empty((width, 3, len(days)), np.int64)
    table[:] = np.array([-NEVER, NEVER, 0])[None, :, None]
    for d, day in enumerate(days):
        for k, pause in enumerate(day.breaks):
            table[k, :, d] = pause.earliest, pause.latest, pause.duration
    return table


def _drives(problem: Problem, n: Ints, origin: Ints, place: Ints, percent: Ints) -> Ints:
    """Seconds to each stop; none behind the end place."""
    before = np.vstack([origin[None], place[:-1]])
    seconds = problem.travel.seconds(before.ravel(), place.ravel()).reshape(place.shape)
    return np.where(np.arange(len(place))[:, None] <= n, -(-seconds * percent // 100), 0)


def _put(values: Array, legs: Ints, here: Ints, value: object) -> Array:
    """One more stop in each column: `value` at the leg's end, what lies behind moves on."""
    index = np.arange(len(values) + 1)[:, None]
    out = np.where(index <= legs, np.vstack([values, values[-1:]]), np.vstack([values[:1], values]))
    out[legs, here] = value
    return out


def _wider(windows: Array, wide: int, nothing: int) -> Array:
    if len(windows) >= wide:
        return windows
    more = np.full((wide - len(windows), *windows.shape[1:]), nothing)
    return np.concatenate([windows, more])
