"""The search for large plans: in parts of neighbouring days, two at a time, and again with other borders.

Each part is a plan of its own, searched as small plans are. After each sweep over all parts, visits without a place are
tried everywhere. The borders, the order and the shares of the budget come from the seed, so the same seed and rounds
give the same plan, however many threads there are.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event

from . import divide
from .improve import COLD, HOT, STEP, Search
from .model import Ints, Problem

SWEEPS = tuple((0.125, heat) for heat in (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08))
"""For each sweep its share of the rounds, and how hot it begins beside the first one: many borders, slowly cooler."""
FEWEST = 3
"""Parts. What would make fewer is searched as a whole, which finds the better plan while it is not too large."""
THREADS = 2
"""Parts that are searched at the same time: the compiled search does not hold the interpreter."""
HONEST = 0.8
"""Part of the measured speed that is counted on: threads slow each other down, and parts have to be set up."""


@dataclass(frozen=True)
class Budget:
    """How long to search: `rounds` in all (None: what `deadline`, a monotonic second, allows).

    `counts` replays a search: the rounds done in each part, in order. `hot` is the first temperature in mean drives.
    """

    rounds: int | None
    deadline: float
    hot: float = HOT
    counts: Sequence[int] | None = None


class Divided:
    """The search for one large plan, begun by `whole`, whose best routes it starts from."""

    def __init__(self, whole: Search, parts: int, budget: Budget, stop: Callable[[], bool]) -> None:
        self.whole, self.parts, self.budget, self.rounds = whole, parts, budget, budget.rounds
        self.routes = whole.numbers
        self.done: list[int] = []
        """rounds done in each part, in order"""
        self._cost, self._stop, self._ended = whole.cost, stop, Event()
        self._spots = divide.drawn(whole.model)

    def improve(self, progress: Callable[[float], None] = lambda _: None) -> None:
        """Sweep over the parts until the budget is used up or `stop` says so."""
        for number, (share, heat) in enumerate(SWEEPS):
            if self._over():
                break
            tasks = self._tasks(number, share, max(COLD, heat * self.budget.hot))
            self._take_over(self._run(tasks, sum(s for s, _ in SWEEPS[:number]), share, progress))

    def _tasks(self, number: int, share: float, hot: float) -> list[Task]:
        """The parts of a sweep, each with its part of the rounds."""
        model, seed = self.whole.model, self.whole.seed
        at = divide.centres(model, self._spots, self.routes)
        days = divide.cut(at, self.parts, random.Random(f"{seed}.{number}") if number else None)
        visits = divide.visits_of(model, self._spots, at, days, self.routes)
        tasks = [
            Task(self.whole.problem, d, v, [self.routes[i] for i in d], hot, seed + number * self.parts + p)
            for p, (d, v) in enumerate(zip(days, visits, strict=True))
        ]
        if self.rounds is None:
            self.rounds = self._affordable(tasks[0])
        planned = [int(self.rounds * share * len(v) / len(model.visit)) for v in visits]
        return [
            replace(task, rounds=n, until=self._until(p, n))
            for p, (task, n) in enumerate(zip(tasks, planned, strict=True))
        ]

    def _until(self, p: int, planned: int) -> int:
        """How many of the planned rounds to do in the next part but `p`."""
        counts, at = self.budget.counts, len(self.done) + p
        return planned if counts is None else counts[at] if at < len(counts) else 0

    def _affordable(self, task: Task) -> int:
        """Rounds that the time allows, by what one part does in a moment."""
        visits, left = len(self.whole.problem.visits), self.budget.deadline - time.monotonic()
        return task.search().rounds_within(left * HONEST * THREADS, visits)

    def _run(self, tasks: list[Task], before: float, share: float, progress: Callable[[float], None]) -> list[Found]:
        """All parts searched; meanwhile it is asked whether to stop, from this thread alone."""
        with ThreadPoolExecutor(THREADS) as pool:
            futures: list[Future[Found]] = [pool.submit(task.run, self._halted) for task in tasks]
            open_ = set(futures)
            while open_:
                _, open_ = wait(open_, STEP)
                progress(before + share * (1 - len(open_) / len(tasks)))
                self._over()
        return [future.result() for future in futures]

    def _take_over(self, found: list[Found]) -> None:
        """The routes of all parts, with what now fits beside them, unless that costs more than before."""
        self.done += [one.done for one in found]
        visits = self.whole.problem.visits
        routes = list(self.routes)
        for one in found:
            for d, route in zip(one.days.tolist(), one.routes, strict=True):
                routes[d] = route
        cost = self.whole.start([[visits[v] for v in route] for route in routes])
        if cost <= self._cost:
            self._cost, self.routes = cost, self.whole.numbers
        else:
            self.whole.start([[visits[v] for v in route] for route in self.routes])

    def _over(self) -> bool:
        """Whether to end; what ended once stays ended."""
        if self._stop():
            self._ended.set()
        counts = self.budget.counts
        return self._halted() or (counts is not None and len(self.done) >= len(counts))

    def _halted(self) -> bool:
        late = self.budget.rounds is None and time.monotonic() > self.budget.deadline
        return late or self._ended.is_set()


@dataclass(frozen=True)
class Found:
    """What became of a part: the visits of its days by number, and the rounds that were done."""

    days: Ints
    routes: list[Ints]
    done: int


@dataclass(frozen=True)
class Task:
    """One part: days and visits by number, the present routes, and how to search."""

    problem: Problem
    days: Ints
    visits: Ints
    routes: list[Ints]
    hot: float
    seed: int
    rounds: int = 0
    until: int = 0

    def search(self) -> Search:
        """The search of this part, at its present routes."""
        problem, visits = self.problem, self.problem.visits
        part = replace(
            problem,
            days=tuple(problem.days[d] for d in self.days),
            visits=tuple(visits[v] for v in self.visits),
            routes={},
        )
        search = Search(part, self.seed)
        search.start([[visits[v] for v in route] for route in self.routes])
        return search

    def run(self, halted: Callable[[], bool]) -> Found:
        """Search; a part without a round is left as it was."""
        if not self.until or halted() or not len(self.visits):
            return Found(self.days, self.routes, 0)
        search = self.search()
        done = search.improve(self.rounds, halted, until=self.until, hot=self.hot)
        routes = [self.visits[route] for route in search.numbers]
        return Found(self.days, routes if done else self.routes, done)
