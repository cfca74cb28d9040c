"""Exact hours of a fixed sequence, with breaks placed in the best gaps.

A *stop* is 0 for the start place, 1…n for the visits, n+1 for the end place. The *state* k counts breaks already taken.
`earliest[i][k]` is the earliest second at which one can leave stop i with k breaks taken; `latest[i][k]` the last
second at which service at stop i may begin, with k breaks taken before, so that all that follows still fits.
Nobody drives before the shift begins, even after a locked visit that began sooner. Being earlier never hurts (waiting
is allowed), so the two tables decide any insertion without trying it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .answer import Step
from .model import Break, EngineerDay, Problem, Visit, Window

NEVER = 2**60


def through(leave: int, drive: int, breaks: Sequence[Break]) -> int:
    """Earliest arrival after leaving at `leave`, driving `drive` seconds and taking these breaks on the way."""
    free = leave
    for pause in breaks:
        begin = max(free, pause.earliest)
        if begin > pause.latest:
            return NEVER
        free = begin + pause.duration
    return max(free, leave + drive + sum(p.duration for p in breaks))


def back_through(arrive: int, drive: int, breaks: Sequence[Break]) -> int:
    """Latest leaving that still arrives by `arrive`; the mirror of `through` (−NEVER when there is none)."""
    free = arrive
    for pause in reversed(breaks):
        begin = min(free - pause.duration, pause.latest)
        if begin < pause.earliest:
            return -NEVER
        free = begin
    return min(free, arrive - drive - sum(p.duration for p in breaks))


def begin(starts: Sequence[Window], arrival: int) -> int:
    """First allowed start of service at or after `arrival`."""
    return next((max(a, arrival) for a, b in starts if arrival <= b), NEVER)


def begin_by(starts: Sequence[Window], limit: int) -> int:
    """Last allowed start of service at or before `limit`."""
    return next((min(b, limit) for a, b in reversed(starts) if a <= limit), -NEVER)


@dataclass(frozen=True)
class Stops:
    """A sequence on a day with its drives: `drives[i]` seconds from stop i to stop i+1."""

    day: EngineerDay
    visits: tuple[Visit, ...]
    drives: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem, day: EngineerDay, visits: Sequence[Visit]) -> Stops:
        """Look the drives up."""
        places = np.array([day.start, *(v.place for v in visits), day.end])
        seconds = problem.travel.seconds(places[:-1], places[1:])
        drives = tuple((-(-seconds * day.travel_percent // 100)).tolist())
        return cls(day, tuple(visits), drives)

    def stands(self, i: int) -> bool:
        """Whether nothing on the way to stop i+1 can be changed: both ends are locked (or the start place)."""
        return (i == 0 or self.visits[i - 1].lock is not None) and (
            i < len(self.visits) and self.visits[i].lock is not None
        )


def earliest(stops: Stops) -> tuple[list[list[int]], list[list[int]]]:
    """The table `earliest` (stops 0…n+1, states 0…K) and, for each entry, the state it came from."""
    day, width = stops.day, len(stops.day.breaks) + 1
    table = [[day.shift_start] + [NEVER] * (width - 1)]
    origin = [[0] * width]
    for i, drive in enumerate(stops.drives):
        visit = stops.visits[i] if i < len(stops.visits) else None
        row, came = [NEVER] * width, [0] * width
        for n in range(width):
            for k in range(n + 1):
                ready = _served(stops, i, k, n, table[i][k], drive, visit)
                if ready < row[n]:
                    row[n], came[n] = ready, k
        table.append(row)
        origin.append(came)
    return table, origin


def _served(stops: Stops, i: int, k: int, n: int, leave: int, drive: int, visit: Visit | None) -> int:
    if leave >= NEVER:
        return NEVER
    arrival = through(max(leave, stops.day.shift_start), drive, stops.day.breaks[k:n])
    if visit is None:
        return arrival
    start = begin(visit.starts, arrival) if arrival < NEVER else NEVER
    if start >= NEVER and visit.lock and k == n and stops.stands(i):
        start = visit.lock.start
    return start + visit.service if start < NEVER else NEVER


def latest(stops: Stops) -> list[list[int]]:
    """The table `latest` (stops 0…n+1, states 0…K); −NEVER where nothing fits."""
    day, width = stops.day, len(stops.day.breaks) + 1
    table = [[-NEVER] * (width - 1) + [day.latest_end]]
    for i in range(len(stops.drives) - 1, -1, -1):
        visit = stops.visits[i - 1] if i else None
        row = []
        for k in range(width):
            leave = max(_leave_by(stops, i, k, n, table[-1][n]) for n in range(k, width))
            leave = leave if leave >= day.shift_start or not i else -NEVER
            row.append(begin_by(visit.starts, leave - visit.service) if visit and leave > -NEVER else leave)
        table.append(row)
    return table[::-1]


def _leave_by(stops: Stops, i: int, k: int, n: int, arrive: int) -> int:
    if arrive <= -NEVER:
        return -NEVER
    if k == n and stops.stands(i):
        return NEVER // 2
    return back_through(arrive, stops.drives[i], stops.day.breaks[k:n])


@dataclass(frozen=True)
class Timeline:
    """The hours of a sequence: for each visit arrival, start, end; when the day ends; the breaks' gap and start."""

    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    end: int
    pauses: tuple[tuple[int, int], ...]
    """(gap, start) for each break; gap i lies between stop i and stop i+1."""


def timeline(stops: Stops) -> Timeline | None:
    """The earliest hours at which the sequence can be done, or None when it breaks an hour rule."""
    table, origin = earliest(stops)
    if table[-1][-1] > stops.day.latest_end:
        return None
    states = [len(stops.day.breaks)]
    for came in reversed(origin[1:]):
        states.append(came[states[-1]])
    states.reverse()
    arrivals, starts, pauses = [], [], []
    for i, drive in enumerate(stops.drives):
        leave = max(table[i][states[i]], stops.day.shift_start)
        pauses_here = stops.day.breaks[states[i] : states[i + 1]]
        arrivals.append(through(leave, drive, pauses_here))
        free = leave
        for pause in pauses_here:
            pauses.append((i, max(free, pause.earliest)))
            free = pauses[-1][1] + pause.duration
        if i < len(stops.visits):
            starts.append(table[i + 1][states[i + 1]] - stops.visits[i].service)
    ends = [start + visit.service for start, visit in zip(starts, stops.visits, strict=True)]
    return Timeline(tuple(arrivals[:-1]), tuple(starts), tuple(ends), table[-1][-1], tuple(pauses))


def steps(problem: Problem, stops: Stops, hours: Timeline) -> tuple[Step, ...]:
    """The sequence as steps of a route, breaks included, in order of time."""
    places = [stops.day.start, *(v.place for v in stops.visits)]
    out = []
    for i, visit in enumerate(stops.visits):
        out += _pauses(stops.day, hours, i)
        metres = int(problem.travel.metres(places[i], visit.place))
        arrival = min(hours.arrivals[i], hours.starts[i])  # work that began shows that travel was overestimated
        late = 0 if visit.deadline is None else max(0, hours.ends[i] - visit.deadline)
        late = max(late, visit.lock.late) if visit.lock else late
        out.append(Step("visit", visit.id, arrival, hours.starts[i], hours.ends[i], stops.drives[i], metres, late))
    return (*out, *_pauses(stops.day, hours, len(stops.visits)))


def _pauses(day: EngineerDay, hours: Timeline, gap: int) -> list[Step]:
    return [
        Step("break", None, start, start, start + day.breaks[k].duration)
        for k, (where, start) in enumerate(hours.pauses)
        if where == gap
    ]
