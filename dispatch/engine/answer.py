"""What the engine answers: plans, candidates and reasons. Times in UTC seconds, distances in metres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Numbers = Mapping[str, object]


@dataclass(frozen=True)
class Reason:
    """A hard rule that says no, with its numbers. With `any_of`, lifting one of the so marked reasons is enough."""

    rule: str
    numbers: Numbers = field(default_factory=dict)
    any_of: bool = False


@dataclass(frozen=True)
class Term:
    """One soft wish: how many points it gave (negative: cost) and the numbers it came from."""

    name: str
    points: float
    numbers: Numbers = field(default_factory=dict)


@dataclass(frozen=True)
class Delay:
    """A visit already planned that would begin later, and by how much its deadline would be missed (seconds)."""

    visit_id: str
    seconds: int
    late: int


@dataclass(frozen=True)
class Candidate:
    """An engineer who can do it: at which position of which day, when, and at what price."""

    engineer_id: str
    day_id: str
    position: int
    score: float
    arrival: int
    start: int
    end: int
    added_seconds: int
    added_metres: int
    terms: tuple[Term, ...]
    delays: tuple[Delay, ...] = ()


@dataclass(frozen=True)
class Rejection:
    """An engineer's day on which the visit does not fit, with every reason."""

    engineer_id: str
    day_id: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Recommendation:
    """The best candidates first, and the days of engineers who cannot do it at all."""

    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True)
class Step:
    """One entry of a route. A break has no `visit_id`; it lies between the steps around it, perhaps in a drive.

    `late` are seconds past the deadline or, if that is more, past the start of a visit that stands.
    """

    kind: Literal["visit", "break"]
    visit_id: str | None
    arrival: int
    start: int
    end: int
    drive_seconds: int = 0
    drive_metres: int = 0
    late: int = 0


@dataclass(frozen=True)
class Route:
    """One day's work, from leaving the start place to being at the end place."""

    day_id: str
    engineer_id: str
    steps: tuple[Step, ...]
    start: int
    end: int
    drive_seconds: int
    drive_metres: int
    overtime: int
    strains: tuple[Reason, ...] = ()
    """Rules that the locked visits break by themselves: reported, never caused by the engine."""

    @property
    def visit_ids(self) -> tuple[str, ...]:
        """The visits in order of service."""
        return tuple(step.visit_id for step in self.steps if step.visit_id is not None)


@dataclass(frozen=True)
class Unassigned:
    """A visit without a place: to how many engineers each rule says no, and the cheapest change that would place it.

    Every engineer counts once (`tally`); `lacking` tells for each skill how many it keeps away.
    """

    visit_id: str
    counts: Mapping[str, int]
    cheapest: tuple[Rejection, ...] = ()
    lacking: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Totals:
    """Sums over a plan. `cost` is in points, lower is better."""

    assigned: int
    unassigned: int
    drive_seconds: int
    drive_metres: int
    overtime: int
    late: int
    moved: int
    cost: float


@dataclass(frozen=True)
class Trail:
    """How a plan was found, enough to find it again: which plan the search began with, and its visits by day.

    `rounds` are how many rounds of the search were planned and done, `parts` those done in each part of a large plan.
    """

    method: str
    start: Mapping[str, Sequence[str]]
    rounds: tuple[int, int] = (0, 0)
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """An answer for whole days. `source` names the travel provider.

    `notes` tell what went wrong on the way, such as a search that had to be stopped.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]
    totals: Totals
    source: str
    trail: Trail
    notes: tuple[str, ...] = ()
