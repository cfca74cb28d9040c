"""Build a plan and improve it: the compiled search behind a small object with a budget of rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from . import arrays, kernel
from .legs import LegTable
from .model import Break, EngineerDay, Ints, MatrixTravel, Problem, Visit
from .score import standing_terms
from .whynot import Refusals

ROUNDS_PER_VISIT = 500
"""Where more rounds do not help any more: the budget when time allows it."""
ROUNDS_PER_TURN = 1_500
"""From how many rounds for each visit on another annealing is worth more than a longer one: a single one that has taken
a wrong way while it was hot does not come back."""
STEP = 0.1
"""Seconds between two questions whether to stop."""
TELL = 0.5
"""Seconds between two reports of progress."""
HOT, COLD = 1.0, 0.03
"""First and last temperature, in mean drives."""
GENTLE = 0.05
"""First temperature when a plan is repaired, in mean drives: the present plan is a good one."""


class Search:
    """One problem (settled, with days and visits) and the best plan found for it so far."""

    def __init__(self, problem: Problem, seed: int = 1) -> None:
        """`seed` is for the search's choices: the same seed and the same rounds give the same plan."""
        compile_now()
        self.problem = problem
        self.seed = seed
        self.model = arrays.model(problem)
        self.state, self.old = arrays.state(self.model, seed), arrays.state(self.model, seed)
        self.scratch = arrays.scratch(self.model, self.state)
        self.best, self.best_n = self.state.route.copy(), self.state.n.copy()
        self.figures = np.zeros(2)
        self._held = _price_of_locked(problem)

    @property
    def cost(self) -> float:
        """Points of the best plan."""
        return float(self.figures[1]) + self._held

    @property
    def routes(self) -> list[tuple[Visit, ...]]:
        """The visits of each day in the best plan, in order of service."""
        visits = self.problem.visits
        return [tuple(visits[v] for v in row[:n]) for row, n in zip(self.best.tolist(), self.best_n, strict=True)]

    @property
    def numbers(self) -> list[Ints]:
        """The same by the visits' numbers in the problem."""
        return [row[:n].copy() for row, n in zip(self.best, self.best_n, strict=True)]

    def start(self, routes: Sequence[Sequence[Visit]]) -> float:
        """Begin with these routes, which keep every rule, and insert what is missing; answers the points."""
        self._load(routes)
        order = self._order()
        self.scratch.out[: order.size] = order
        kernel.construct(self.model, self.state, self.old, self.scratch, order.size)
        self.figures[:] = kernel.total(self.model, self.state)
        self.best[:], self.best_n[:] = self.state.route, self.state.n
        return self.cost

    def rounds_within(self, seconds: float, visits: int | None = None) -> int:
        """How many rounds are worth while for so many visits and can be done in this time.

        The state is as it was afterwards.
        """
        most = ROUNDS_PER_VISIT * (len(self.problem.visits) if visits is None else visits)
        before, figures, trial = self.routes, self.figures.copy(), 64
        while True:
            began = time.monotonic()
            self._run(trial, 0, trial, self._heat(HOT))
            took = time.monotonic() - began
            self._load(before)
            self.figures[:], self.best[:], self.best_n[:] = figures, self.state.route, self.state.n
            if took > 0.02 or trial >= most:
                return max(1, min(most, int(seconds * trial / max(took, 1e-9))))
            trial *= 4

    def improve(
        self,
        rounds: int,
        stop: Callable[[], bool],
        *,
        until: int | None = None,
        hot: float = HOT,
        progress: Callable[[float], None] = lambda _: None,
    ) -> int:
        """Run a budget of rounds, up to `until` of them, or until `stop` says so; answers how many were run.

        `hot` is the first temperature in mean drives.
        """
        done, step, told, heat = 0, 64, time.monotonic(), self._heat(hot)
        end = rounds if until is None else min(until, rounds)
        turn = self._turn(rounds)
        while done < end and not stop():
            began = time.monotonic()
            if done and done % turn == 0:
                self._return()
            step = min(step, end - done, turn - done % turn)
            self._run(step, done % turn, turn, heat)
            done += step
            now = time.monotonic()
            step = max(16, int(step * min(4.0, STEP / max(now - began, 1e-6))))
            if now - told > TELL:
                progress(done / rounds)
                told = now
        return done

    def _turn(self, rounds: int) -> int:
        """Rounds of one annealing: all of them, unless they are so many that several annealings find more."""
        turns = max(1, round(rounds / (ROUNDS_PER_TURN * len(self.problem.visits))))
        return max(1, -(-rounds // turns))

    def _return(self) -> None:
        """Go on from the best plan."""
        random = self.state.random.copy()
        self._load(self.routes)
        self.state.random[:], self.figures[0] = random, self.figures[1]

    def _heat(self, hot: float) -> tuple[float, float]:
        """First and last temperature in points."""
        legs = max(1, int(self.best_n.sum()))
        drive = max(1.0, float((self.state.hours[:, 0] - self.state.hours[:, 1]).sum()) / legs)
        return hot * drive, COLD * drive

    def _run(self, rounds: int, done: int, planned: int, heat: tuple[float, float]) -> None:
        kernel.search(
            *(self.model, self.state, self.old, self.scratch, self.best, self.best_n, self.figures),
            *(rounds, done, planned, *heat),
        )

    def _load(self, routes: Sequence[Sequence[Visit]]) -> None:
        index = self.problem.visit_index
        fresh = arrays.state(self.model, self.seed)
        self.state.random[:], self.state.n[:] = fresh.random, [len(route) for route in routes]
        for d, route in enumerate(routes):
            self.state.route[d, : len(route)] = [index[v.id] for v in route]
        if not kernel.load(self.model, self.state, self.scratch):
            raise ValueError("a route to begin with breaks a rule of hours")

    def _order(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Visits without a place: the important, the rare and the urgent first."""
        visits, rare = self.problem.visits, self.model.visit[:, kernel.ABLE_END] - self.model.visit[:, kernel.ABLE]
        missing = [v for v in range(len(visits)) if self.state.where[v] < 0 and rare[v]]
        missing.sort(key=lambda v: (-visits[v].priority, rare[v], visits[v].starts[-1][1], visits[v].id))
        return np.array(missing, np.int64)


def _price_of_locked(problem: Problem) -> float:
    """What it costs who serves the locked visits: the same in every plan, so the search leaves it out."""
    terms = [
        term.points
        for day in problem.days
        for visit in problem.locked(day.id)
        for term in standing_terms(problem.weights, visit, day)
    ]
    return -sum(terms)


@cache
def compile_now() -> None:
    """Compile the search, or load it from disk: seconds the first time, to be spent before anybody waits."""
    travel = MatrixTravel(np.full((2, 2), 60, np.int32), np.full((2, 2), 60, np.int32))
    day = EngineerDay("d", "e", 0, 0, 0, 3600, breaks=(Break(0, 1800, 60),))
    tiny = Problem((day,), (Visit("v", 1, 60), Visit("w", 1, 60)), travel)
    list(Refusals(LegTable(tiny, [tiny.visits[1:]]), Visit("u", 1, 3600), [0]))
    m = arrays.model(tiny)
    s, old = arrays.state(m, 1), arrays.state(m, 1)
    w = arrays.scratch(m, s)
    kernel.load(m, s, w)
    kernel.construct(m, s, old, w, 2)
    kernel.search(m, s, old, w, s.route.copy(), s.n.copy(), np.full(2, kernel.total(m, s)), 2, 0, 2, 1.0, 0.1)


if __name__ == "__main__":
    compile_now()
