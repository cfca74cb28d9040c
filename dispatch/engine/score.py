"""What a placement costs: the soft wishes as terms in points. The same terms decide and explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .answer import Term
from .model import EngineerDay, Problem, Visit, Weights
from .timing import Stops, Timeline, timeline


@dataclass(frozen=True)
class Hours:
    """Sums over one timed sequence, in seconds; `lateness` is `late`, weighted by the priority of the late visits.

    `delay` counts how much later than told the visits begin.
    """

    stops: Stops
    line: Timeline
    drive: int
    overtime: int
    late: int
    lateness: float
    delay: int

    @classmethod
    def of(cls, problem: Problem, day: EngineerDay, visits: Sequence[Visit]) -> Hours | None:
        """Time a sequence; None when it breaks an hour rule."""
        stops = Stops.of(problem, day, visits)
        line = timeline(stops)
        if line is None:
            return None
        late = [late_by(v, end) for v, end in zip(visits, line.ends, strict=True)]
        dear = sum(v.priority * seconds for v, seconds in zip(visits, late, strict=True))
        delay = sum(max(0, s - v.told) for v, s in zip(visits, line.starts, strict=True) if v.told is not None)
        return cls(stops, line, sum(stops.drives), max(0, line.end - day.shift_end), sum(late), dear, delay)

    def metres(self, problem: Problem) -> int:
        """Distance of the whole day."""
        day, visits = self.stops.day, self.stops.visits
        places = np.array([day.start, *(v.place for v in visits), day.end])
        return int(problem.travel.metres(places[:-1], places[1:]).sum())

    def points(self, weights: Weights) -> float:
        """Cost of the hours themselves."""
        return weights.travel * self.drive / 60 + self.relief(weights)

    def relief(self, weights: Weights) -> float:
        """The part of the cost that another sequence could avoid altogether."""
        return (weights.overtime * self.overtime + weights.lateness * self.lateness + weights.delay * self.delay) / 60


def late_by(visit: Visit, end: int) -> int:
    """Seconds after the deadline."""
    return 0 if visit.deadline is None else max(0, end - visit.deadline)


def hour_terms(weights: Weights, before: Hours, after: Hours) -> list[Term]:
    """What the added visit changes in driving, overtime, lateness and delay of the whole day."""
    drive, overtime = after.drive - before.drive, after.overtime - before.overtime
    late, delay = after.lateness - before.lateness, after.delay - before.delay
    changes = (
        ("travel", weights.travel * drive, drive),
        ("overtime", weights.overtime * overtime, overtime),
        ("lateness", weights.lateness * late, after.late - before.late),
        ("delay", weights.delay * delay, delay),
    )
    return [
        Term(name, -dear / 60, {"seconds": seconds})
        for name, dear, seconds in changes
        if dear or seconds or name == "travel"
    ]


def standing_terms(weights: Weights, visit: Visit, day: EngineerDay) -> list[Term]:
    """Wishes that depend only on who goes."""
    terms = []
    if day.engineer_id in visit.known_by:
        terms.append(Term("continuity", weights.continuity))
    if day.engineer_id in visit.preferred_engineers:
        terms.append(Term("preferred", weights.preferred))
    wasted = sum(max(0, day.skills.get(code, 0) - need) for code, need in visit.skills.items())
    if wasted:
        terms.append(Term("skill_waste", -weights.skill_waste * wasted, {"levels": wasted}))
    if visit.present is not None and visit.present != day.engineer_id:
        price = weights.stability + weights.promise * visit.promised
        terms.append(Term("stability", -price, {"promised": visit.promised}))
    if day.later:
        terms.append(Term("waiting", -weights.waiting * visit.priority * day.later, {"days": day.later}))
    return terms


def left_out(weights: Weights, visit: Visit, ends: int) -> float:
    """Points of a visit without a place: it is unserved, and as late as the last of the days is long.

    Were it not late as well, a visit that missed its deadline would be cheaper to leave out than to serve.
    """
    return visit.priority * (weights.unserved + weights.lateness * late_by(visit, ends) / 60)


def balance_term(weights: Weights, planned: int, mean: float) -> Term:
    """Fewer visits than the mean of the days is good, more is not."""
    return Term("balance", -weights.balance * (planned - mean), {"visits": round(planned - mean, 1)})
