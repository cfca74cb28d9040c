"""What the engine reads. Every time is an integer UTC second, every distance an integer metre.

A *place* is an index into `Problem.travel`: the engine knows coordinates only through travel between places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Window = tuple[int, int]

ANYWHERE = "*"
"""The territory of an engineer who serves all of them."""
UNREACHABLE = 10_000_000
"""Seconds (and metres) that stand for "there is no way": longer than any shift, small enough to add up safely."""


class Travel(Protocol):
    """Travel between places; both methods broadcast `origin` and `target` as NumPy does and answer int64."""

    @property
    def source(self) -> str:
        """Who measured it, e.g. `osrm` or `straight`; kept with every plan."""

    def seconds(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving time in seconds."""

    def metres(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving distance in metres."""


@dataclass(frozen=True)
class MatrixTravel:
    """Travel read from full matrices, both of shape (places, places), row = origin."""

    second_matrix: npt.NDArray[np.int32]
    metre_matrix: npt.NDArray[np.int32]
    source: str = "matrix"

    def seconds(self, origin: Ints | int, target: Ints | int) -> Ints:
        return np.asarray(self.second_matrix[origin, target], dtype=np.int64)

    def metres(self, origin: Ints | int, target: Ints | int) -> Ints:
        return np.asarray(self.metre_matrix[origin, target], dtype=np.int64)


@dataclass(frozen=True)
class Break:
    """A pause of `duration` seconds that must *start* between `earliest` and `latest`; it may interrupt a drive."""

    earliest: int
    latest: int
    duration: int


@dataclass(frozen=True)
class EngineerDay:
    """One engineer on one day: the unit that receives visits.

    `skills` holds only what is valid on that day (code → level 1–5); `expired` explains the rest (code → ISO date).
    The engineer leaves `start` not before `shift_start` and is at `end` by `shift_end + overtime_limit - slack`.
    """

    id: str
    engineer_id: str
    start: int
    end: int
    shift_start: int
    shift_end: int
    overtime_limit: int = 0
    breaks: tuple[Break, ...] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    expired: Mapping[str, str] = field(default_factory=dict)
    territories: frozenset[str] = frozenset()
    parts: Mapping[str, int] = field(default_factory=dict)
    max_jobs: int | None = None
    max_travel: int | None = None
    """Longest drive, in seconds, to any one visit."""
    crew_size: int = 1
    travel_percent: int = 100
    """Driving time of this vehicle in percent of the travel provider's."""
    later: int = 0
    """Days after the first day of the plan: waiting until then has a price."""
    slack: int = 0
    """Seconds at the end of the shift that are kept free for what nobody knows of yet; at most half of it."""
    soonest: int = -(2**40)
    """The shift cannot be made to begin before this second: it is past by then, or the engineer is away."""

    @property
    def latest_end(self) -> int:
        """The last second at which the day may end."""
        return self.shift_end + self.overtime_limit - self.slack


@dataclass(frozen=True)
class Lock:
    """A visit that stands: started, dispatched or pinned. It keeps this day and begins at `start`.

    One that `began` is a fact, whatever travel says. Any other begins later where the standing visits ahead of it leave
    no time: `settle` then moves `start`, by `late` seconds.
    """

    day_id: str
    start: int
    began: bool = False
    late: int = 0


@dataclass(frozen=True)
class Visit:
    """One trip to one place. `windows` bound the *start* of the service; empty means any time.

    `deadline` is soft: service finished later costs lateness. `present` is the engineer who holds the visit now, `told`
    the second at which it was to begin so far: beginning later costs delay.
    """

    id: str
    place: int
    service: int
    windows: tuple[Window, ...] = ()
    earliest: int | None = None
    latest: int | None = None
    deadline: int | None = None
    priority: float = 1.0
    skills: Mapping[str, int] = field(default_factory=dict)
    territory: str | None = None
    required_engineers: frozenset[str] = frozenset()
    excluded_engineers: frozenset[str] = frozenset()
    preferred_engineers: frozenset[str] = frozenset()
    known_by: frozenset[str] = frozenset()
    crew_size: int = 1
    parts: Mapping[str, int] = field(default_factory=dict)
    lock: Lock | None = None
    present: str | None = None
    told: int | None = None
    promised: bool = False

    @cached_property
    def starts(self) -> tuple[Window, ...]:
        """When service may begin: the windows cut by earliest/latest and merged; one instant when locked."""
        if self.lock:
            return ((self.lock.start, self.lock.start),)
        low = -(2**40) if self.earliest is None else self.earliest
        high = 2**40 if self.latest is None else self.latest
        return merged((max(a, low), min(b, high)) for a, b in self.windows or ((low, high),))


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Sort closed windows, drop the empty ones and join those that touch."""
    out: list[Window] = []
    for a, b in sorted(w for w in windows if w[0] <= w[1]):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return tuple(out)


@dataclass(frozen=True)
class Weights:
    """Points for each soft wish; one point is about one minute of driving. An organisation may change every one."""

    travel: float = 1.0
    """per minute of driving"""
    overtime: float = 2.0
    """per minute after the end of the shift"""
    lateness: float = 3.0
    """per minute after a deadline, times the visit's priority"""
    delay: float = 0.5
    """per minute by which a planned visit begins later than it was to"""
    balance: float = 2.0
    """per visit that the engineer has above the mean of the days"""
    continuity: float = 10.0
    """for an engineer who knows the site"""
    preferred: float = 20.0
    """for an engineer whom the customer prefers"""
    skill_waste: float = 2.0
    """per level of skill above what is needed"""
    stability: float = 10.0
    """for a visit that leaves its present engineer"""
    promise: float = 30.0
    """on top, when the customer was already told"""
    waiting: float = 5.0
    """per day that a visit waits from the first day of the plan on, times its priority"""
    unserved: float = 1000.0
    """for a visit without a place, times its priority"""


@dataclass(frozen=True)
class Problem:
    """Everything the engine knows. `routes` is the present plan: day id → visit ids in order of service."""

    days: tuple[EngineerDay, ...]
    visits: tuple[Visit, ...]
    travel: Travel
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Weights = Weights()

    @cached_property
    def day_index(self) -> dict[str, int]:
        """Day id → position in `days`."""
        return {day.id: i for i, day in enumerate(self.days)}

    @cached_property
    def visit_index(self) -> dict[str, int]:
        """Visit id → position in `visits`."""
        return {visit.id: i for i, visit in enumerate(self.visits)}

    @cached_property
    def ends(self) -> int:
        """The last second of all days; 0 without any."""
        return max((day.latest_end for day in self.days), default=0)

    @cached_property
    def _locked(self) -> dict[str, list[Visit]]:
        held: dict[str, list[tuple[int, str, Visit]]] = {}
        for visit in self.visits:
            if visit.lock:
                held.setdefault(visit.lock.day_id, []).append((visit.lock.start, visit.id, visit))
        return {day_id: [visit for _, _, visit in sorted(rows, key=lambda r: r[:2])] for day_id, rows in held.items()}

    def locked(self, day_id: str) -> list[Visit]:
        """The visits that stand on a day, in order of their start."""
        return list(self._locked.get(day_id, ()))

    def drive(self, day: EngineerDay, origin: int, target: int) -> int:
        """Seconds that this day's vehicle needs from place to place."""
        return driven(int(self.travel.seconds(origin, target)), day.travel_percent)


def driven(seconds: int, percent: int) -> int:
    """Scale a driving time by a vehicle's percentage, rounded up."""
    return -(-seconds * percent // 100)
