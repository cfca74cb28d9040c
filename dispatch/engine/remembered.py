"""Travel with the legs of the present routes looked up at once: one question instead of one for each day."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .model import Ints, Problem, Travel


class Remembered:
    """Answers what it knows from memory and asks `travel` for everything else."""

    def __init__(self, travel: Travel, origins: Ints, targets: Ints) -> None:
        """`origins` and `targets` are the known pairs, both of shape (n,)."""
        self._travel = travel
        pairs = list(zip(origins.tolist(), targets.tolist(), strict=True))
        self._seconds = dict(zip(pairs, travel.seconds(origins, targets).tolist(), strict=True))

    @property
    def source(self) -> str:
        """Who measured it."""
        return self._travel.source

    def seconds(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving time in seconds."""
        if isinstance(origin, np.ndarray) and isinstance(target, np.ndarray) and origin.ndim == target.ndim == 1:
            known = [self._seconds.get(pair, -1) for pair in zip(origin.tolist(), target.tolist(), strict=False)]
            if len(origin) == len(target) and -1 not in known:
                return np.array(known, dtype=np.int64)
        return self._travel.seconds(origin, target)

    def metres(self, origin: Ints | int, target: Ints | int) -> Ints:
        """Driving distance in metres."""
        return self._travel.metres(origin, target)


def remembered(problem: Problem) -> Travel:
    """The problem's travel, knowing every leg of its present routes, and of its days without any visit."""
    index, places = problem.visit_index, dict[tuple[int, int], None]()
    for day in problem.days:
        stops = [day.start, *(problem.visits[index[v]].place for v in problem.routes.get(day.id, ())), day.end]
        places.update(dict.fromkeys([*pairwise(stops), (day.start, day.end)]))
    if not places:
        return problem.travel
    pairs = np.array(list(places))
    return Remembered(problem.travel, pairs[:, 0], pairs[:, 1])
