"""Recommendation: the best legs for one visit, exactly scored, and why everybody else cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .answer import Candidate, Delay, Recommendation, Term
from .batch import Mask
from .legs import Fit, LegTable
from .model import Ints, Problem, Visit
from .people import People
from .rules import in_shift
from .score import Hours, balance_term, hour_terms, late_by, standing_terms
from .settle import anchored, settle
from .sheet import Floats, Sums
from .whynot import Refusals

FIRST = 128
"""Legs that are timed exactly at first; four times as many after each disappointment."""


def recommend(problem: Problem, visit_id: str, limit: int = 5, why_not: int | None = None) -> Recommendation:
    """The `limit` best engineers for a visit beside the present routes, and the reasons of those who cannot.

    A visit that is already planned is taken out first. `why_not` bounds how many rejected days are explained
    (None: all of them). Raises KeyError for an unknown visit.
    """
    search, visit = asking(problem, visit_id)
    return search.answer(search.ask(visit), limit, why_not)


def asking(problem: Problem, visit_id: str) -> tuple[Insertion, Visit]:
    """The present routes without a visit, which is to be asked about. Raises KeyError for an unknown visit."""
    problem, _ = settle(anchored(without(problem, visit_id)))
    return Insertion(problem, present_routes(problem)), problem.visits[problem.visit_index[visit_id]]


def without(problem: Problem, visit_id: str) -> Problem:
    """The problem with one visit taken out of the present routes."""
    routes = {day: tuple(v for v in route if v != visit_id) for day, route in problem.routes.items()}
    return replace(problem, routes=routes)


def present_routes(problem: Problem) -> list[tuple[Visit, ...]]:
    """The visits of each day in the present plan."""
    index = problem.visit_index
    return [tuple(problem.visits[index[v]] for v in problem.routes.get(day.id, ())) for day in problem.days]


@dataclass(frozen=True)
class Asked:
    """Where one visit fits; the masks have shape (days,)."""

    visit: Visit
    among: Mask
    able: Mask
    """no rule of `rules.py` fails"""
    fit: Fit
    possible: frozenset[str]
    """engineers who have a place for it"""


class Insertion:
    """Best places for single visits beside a set of routes."""

    def __init__(
        self,
        problem: Problem,
        routes: Sequence[Sequence[Visit]],
        table: LegTable | None = None,
        who: People | None = None,
    ) -> None:
        """`table` and `who` are those of the problem and the routes, when they are known already."""
        self.problem = problem
        self.table = table or LegTable(problem, routes)
        self._people = who

    @cached_property
    def who(self) -> People:
        """Who works on the days."""
        return self._people or People(self.problem.days)

    def answer(self, asked: Asked, limit: int, why_not: int | None) -> Recommendation:
        """The `limit` best engineers, and the reasons of those who cannot, the nearest first."""
        best = self.best(asked.visit, asked.fit, asked.able, limit)
        return Recommendation(tuple(best), tuple(self.why_not(asked, asked.possible, why_not)))

    def ask(self, visit: Visit, among: Mask | None = None) -> Asked:
        """Where a visit fits, `among` the days that are asked about."""
        wanted = np.ones(len(self.problem.days), np.bool_) if among is None else among
        able, fit = self.eligible(visit) & wanted, self.table.try_everywhere(visit)
        engineers = frozenset(self.problem.days[d].engineer_id for d in np.flatnonzero(able & fit.days))
        return Asked(visit, wanted, able, fit, engineers)

    def why_not(self, asked: Asked, possible: frozenset[str], limit: int | None) -> Refusals:
        """Why the days of engineers who are not `possible` are none for the visit, the nearest first."""
        refused = np.flatnonzero(asked.among & ~self.who.among(possible))
        home = self.problem.travel.seconds(self.table.sheet.origin[refused], asked.visit.place)
        nearest = refused[np.argsort(home, kind="stable")][:limit].tolist()
        able = None if asked.visit.lock else asked.able
        return Refusals(self.table, asked.visit, nearest, fits=asked.fit.days, able=able)

    def eligible(self, visit: Visit) -> Mask:
        """Days on which no rule of `rules.py` fails."""
        if visit.lock:
            mask = np.array([day.id == visit.lock.day_id for day in self.problem.days], np.bool_)
        else:
            sheet = self.table.sheet
            mask = self.who.able(visit) & in_shift(visit, sheet.begin, sheet.finish)
        mask &= self.table.sheet.n < self.who.max_jobs
        return mask if visit.lock or not visit.parts else self.stocked(visit, mask)

    def stocked(self, visit: Visit, among: Mask | None = None) -> Mask:
        """Days (of those `among`) whose van has the parts left that the visit takes."""
        mask = np.ones(len(self.problem.days), np.bool_) if among is None else among.copy()
        for part, need in visit.parts.items():
            some = np.flatnonzero(mask)
            held = np.array([self.problem.days[d].parts.get(part, 0) for d in some.tolist()], np.int64)
            mask[some] = held - self.table.used(part)[some] >= need
        return mask

    def best(self, visit: Visit, fit: Fit, eligible: Mask, limit: int) -> list[Candidate]:
        """The best candidate of each of the `limit` best engineers, best first.

        Legs are timed in order of a bound that no exact score can pass, many at once, so that the search stops early
        and misses nothing.
        """
        days, legs = np.nonzero(fit.fits & (eligible & self._now.keeps)[:, None])
        bounds = self._bounds(visit, days, fit.added[days, legs])
        order = np.argsort(-bounds, kind="stable")
        found = _Found(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        first, size = 0, FIRST
        while first < len(order):
            some = order[first : first + size]
            found = found.joined(self._exact(visit, fit, days[some], legs[some])).best(self.who, limit)
            first, size = first + size, size * 4
            if len(found.day) >= limit and first < len(order) and found.score[-1] > bounds[order[first]] + 1e-6:
                break
        chosen = [self.score(visit, int(d), int(leg)) for d, leg in zip(found.day, found.leg, strict=True)]
        return [one for one in chosen if one]

    def _bounds(self, visit: Visit, days: Ints, added: Ints) -> Floats:
        """What no exact score passes: overtime, lateness and delay can at best vanish, everything else is exact."""
        return self._points(visit)[days] + self._relief[days] - self.problem.weights.travel * added / 60

    def _exact(self, visit: Visit, fit: Fit, days: Ints, legs: Ints) -> _Found:
        """The exact scores of these legs."""
        weights, now = self.problem.weights, self._now
        sheet = self.table.inserted(visit, days, legs)
        then = sheet.sums
        dear = (
            weights.travel * fit.added[days, legs]
            + weights.overtime * (then.overtime - now.overtime[days])
            + weights.lateness * (then.late - now.late[days])
            + weights.delay * (then.delay - now.delay[days])
        )
        keeps, starts = then.keeps, sheet.batch.timed.starts[legs, np.arange(len(days))]
        return _Found(days[keeps], legs[keeps], (self._points(visit)[days] - dear / 60)[keeps], starts[keeps])

    @cached_property
    def _now(self) -> Sums:
        return self.table.sheet.sums

    @cached_property
    def _relief(self) -> Floats:
        weights, now = self.problem.weights, self._now
        dear = weights.overtime * now.overtime + weights.lateness * now.late + weights.delay * now.delay
        return np.where(now.keeps, dear / 60, 0.0)

    def _points(self, visit: Visit) -> Floats:
        """Points that do not depend on the leg."""
        n = self.table.sheet.n
        above: Floats = n - n.sum() / max(len(n), 1)
        return self.who.points(self.problem.weights, visit) - self.problem.weights.balance * above

    def score(self, visit: Visit, d: int, leg: int) -> Candidate | None:
        """The exact candidate for one leg, or None when the hours do not allow it."""
        problem, day, route = self.problem, self.problem.days[d], self.table.routes[d]
        before = self.hours(d)
        after = Hours.of(problem, day, (*route[:leg], visit, *route[leg:]))
        if before is None or after is None:
            return None
        terms = (*hour_terms(problem.weights, before, after), *self._who(visit, d))
        line = after.line
        return Candidate(
            engineer_id=day.engineer_id,
            day_id=day.id,
            position=leg,
            score=sum(term.points for term in terms),
            arrival=line.arrivals[leg],
            start=line.starts[leg],
            end=line.ends[leg],
            added_seconds=after.drive - before.drive,
            added_metres=after.metres(problem) - self._metres(d, before),
            terms=terms,
            delays=tuple(_delays(before, after, leg)),
        )

    def hours(self, d: int) -> Hours | None:
        """The present hours of day d."""
        known = self.table.hours
        if d not in known:
            known[d] = Hours.of(self.problem, self.problem.days[d], self.table.routes[d])
        return known[d]

    def _metres(self, d: int, present: Hours) -> int:
        known = self.table.metres
        if d not in known:
            known[d] = present.metres(self.problem)
        return known[d]

    def _who(self, visit: Visit, d: int) -> list[Term]:
        """Terms that do not depend on the leg."""
        weights, routes = self.problem.weights, self.table.routes
        mean = sum(map(len, routes)) / len(routes)
        return [*standing_terms(weights, visit, self.problem.days[d]), balance_term(weights, len(routes[d]), mean)]


@dataclass(frozen=True)
class _Found:
    """Legs with their exact scores and the start of the visit there; all arrays of one shape."""

    day: Ints
    leg: Ints
    score: Floats
    start: Ints

    def joined(self, other: _Found) -> _Found:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Found(*(np.concatenate(pair) for pair in pairs))

    def best(self, who: People, limit: int) -> _Found:
        """The best leg of each of the best engineers: by score, then sooner, then in a fixed order, so that the same
        question has one answer."""
        order = np.lexsort((self.leg, who.rank[self.day], self.start, -np.round(self.score, 6)))
        _, first = np.unique(who.engineer[self.day[order]], return_index=True)
        kept = order[np.sort(first)[:limit]]
        return _Found(*(values[kept] for values in vars(self).values()))


def _delays(before: Hours, after: Hours, leg: int) -> Iterator[Delay]:
    for i, visit in enumerate(before.stops.visits):
        j = i + (i >= leg)
        shift = after.line.starts[j] - before.line.starts[i]
        if shift > 0:
            yield Delay(visit.id, shift, late_by(visit, after.line.ends[j]))
