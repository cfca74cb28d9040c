"""Recommendation: the best legs for one visit, exactly scored, and why everybody else cannot."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .answer import Candidate, Delay, Recommendation, Term
from .legs import Fit, LegTable
from .model import Problem, Visit
from .remembered import remembered
from .rules import allows, load
from .score import Hours, balance_term, hour_terms, late_by, standing_terms
from .settle import anchored, settle
from .whynot import rejections


def recommend(problem: Problem, visit_id: str, limit: int = 5, why_not: int | None = None) -> Recommendation:
    """The `limit` best engineers for a visit beside the present routes, and the reasons of those who cannot.

    A visit that is already planned is taken out first. `why_not` bounds how many rejected days are explained
    (None: all of them). Raises KeyError for an unknown visit.
    """
    problem = without(problem, visit_id)
    problem, _ = settle(anchored(replace(problem, travel=remembered(problem))))
    visit = problem.visits[problem.visit_index[visit_id]]
    search = Insertion(problem, present_routes(problem))
    days = search.eligible(visit)
    fit = search.table.try_everywhere(visit)
    candidates = search.best(visit, fit, days, limit)
    possible = {problem.days[d].engineer_id for d in days if fit.fits[d].any()}
    refused = [d for d, day in enumerate(problem.days) if day.engineer_id not in possible]
    return Recommendation(tuple(candidates), tuple(rejections(search.table, visit, refused[:why_not])))


def without(problem: Problem, visit_id: str) -> Problem:
    """The problem with one visit taken out of the present routes."""
    routes = {day: tuple(v for v in route if v != visit_id) for day, route in problem.routes.items()}
    return replace(problem, routes=routes)


def present_routes(problem: Problem) -> list[tuple[Visit, ...]]:
    """The visits of each day in the present plan."""
    index = problem.visit_index
    return [tuple(problem.visits[index[v]] for v in problem.routes.get(day.id, ())) for day in problem.days]


class Insertion:
    """Best places for single visits beside a set of routes that may change between calls."""

    def __init__(self, problem: Problem, routes: Sequence[Sequence[Visit]]) -> None:
        self.problem = problem
        self.table = LegTable(problem, routes)
        self._hours: dict[int, Hours | None] = {}

    def put(self, d: int, route: Sequence[Visit]) -> None:
        """Change the route of day d."""
        self.table.set_route(d, route)
        self._hours.pop(d, None)

    def eligible(self, visit: Visit) -> list[int]:
        """Days on which no rule of `rules.py` fails."""
        routes, days = self.table.routes, self.problem.days
        return [d for d, day in enumerate(days) if allows(visit, day) and not load(visit, day, routes[d])]

    def best(self, visit: Visit, fit: Fit, days: Sequence[int], limit: int) -> list[Candidate]:
        """The best candidate of each of the `limit` best engineers, best first.

        Legs are visited in order of a bound that no exact score can pass, so the search stops early and misses nothing.
        """
        found: dict[str, Candidate] = {}
        for bound, d, leg in self._by_bound(visit, fit, days):
            if len(found) >= limit and heapq.nlargest(limit, (c.score for c in found.values()))[-1] >= bound:
                break
            candidate = self.score(visit, d, leg)
            known = candidate and found.get(candidate.engineer_id)
            if candidate and (not known or _rank(candidate) < _rank(known)):
                found[candidate.engineer_id] = candidate
        return sorted(found.values(), key=_rank)[:limit]

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
            added_metres=after.metres(problem) - before.metres(problem),
            terms=terms,
            delays=tuple(_delays(before, after, leg)),
        )

    def hours(self, d: int) -> Hours | None:
        """The present hours of day d."""
        if d not in self._hours:
            self._hours[d] = Hours.of(self.problem, self.problem.days[d], self.table.routes[d])
        return self._hours[d]

    def _who(self, visit: Visit, d: int) -> list[Term]:
        """Terms that do not depend on the leg."""
        weights, routes = self.problem.weights, self.table.routes
        mean = sum(map(len, routes)) / len(routes)
        return [*standing_terms(weights, visit, self.problem.days[d]), balance_term(weights, len(routes[d]), mean)]

    def _by_bound(self, visit: Visit, fit: Fit, days: Sequence[int]) -> Iterator[tuple[float, int, int]]:
        """(bound, day, leg) of the legs that fit, best bound first.

        Overtime, lateness and delay of a day can at best vanish; everything else in the bound is exact.
        """
        weights = self.problem.weights
        heap = []
        for d in days:
            legs = np.flatnonzero(fit.fits[d])
            hours = self.hours(d) if legs.size else None
            if hours is None:
                continue
            relief = hours.relief(weights)
            who = sum(term.points for term in self._who(visit, d))
            heap += [(weights.travel * int(fit.added[d, s]) / 60 - relief - who, d, int(s)) for s in legs]
        heapq.heapify(heap)
        while heap:
            cost, d, leg = heapq.heappop(heap)
            yield -cost + 1e-9, d, leg


def _rank(candidate: Candidate) -> tuple[float, int, str, int]:
    """Order of candidates: score, then sooner, then a fixed order, so that the same question has one answer."""
    return (-round(candidate.score, 6), candidate.start, candidate.day_id, candidate.position)


def _delays(before: Hours, after: Hours, leg: int) -> Iterator[Delay]:
    for i, visit in enumerate(before.stops.visits):
        j = i + (i >= leg)
        shift = after.line.starts[j] - before.line.starts[i]
        if shift > 0:
            yield Delay(visit.id, shift, late_by(visit, after.line.ends[j]))
