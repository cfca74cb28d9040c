"""The standing rules and wishes of one visit against all days at once; `rules` and `score` say the same of one day."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from .batch import Mask
from .model import ANYWHERE, EngineerDay, Ints, Visit, Weights
from .sheet import Floats


class People:
    """Who works on the days: levels by skill, territories, limits. All arrays have shape (days,)."""

    def __init__(self, days: Sequence[EngineerDay]) -> None:
        self._rows: dict[str, list[int]] = {}
        self._levels: dict[str, Ints] = {}
        self._territories: dict[str, Mask] = {}
        self._size = len(days)
        self.later = np.array([day.later for day in days], np.int64)
        self.crew = np.array([day.crew_size for day in days], np.int64)
        self.max_jobs = np.array([2**40 if day.max_jobs is None else day.max_jobs for day in days], np.int64)
        for d, day in enumerate(days):
            self._rows.setdefault(day.engineer_id, []).append(d)
            for code, level in day.skills.items():
                self._levels.setdefault(code, np.zeros(self._size, np.int64))[d] = level
            for territory in day.territories:
                self._territories.setdefault(territory, np.zeros(self._size, np.bool_))[d] = True
        numbers = {engineer_id: i for i, engineer_id in enumerate(self._rows)}
        self.engineer = np.array([numbers[day.engineer_id] for day in days], np.int64)
        ranks = {day_id: i for i, day_id in enumerate(sorted(day.id for day in days))}
        self.rank = np.array([ranks[day.id] for day in days], np.int64)
        """order of the days by id"""

    def able(self, visit: Visit) -> Mask:
        """Days on which skills, territory, the customer's wishes and the crew allow the visit."""
        able = self.crew >= visit.crew_size
        for code, need in visit.skills.items():
            able = able & (self.level(code) >= need)
        if visit.territory is not None:
            able = able & self.serves(visit.territory)
        if visit.required_engineers:
            able = able & self.among(visit.required_engineers)
        return np.asarray(able & ~self.among(visit.excluded_engineers))

    def points(self, weights: Weights, visit: Visit) -> Floats:
        """Points for who goes: the sum of `score.standing_terms`."""
        points = np.zeros(self._size)
        points[self.among(visit.known_by)] += weights.continuity
        points[self.among(visit.preferred_engineers)] += weights.preferred
        for code, need in visit.skills.items():
            points -= weights.skill_waste * np.maximum(0, self.level(code) - need)
        if visit.present is not None:
            price = weights.stability + weights.promise * visit.promised
            points[~self.among([visit.present])] -= price
        points -= weights.waiting * visit.priority * self.later
        return points

    def level(self, code: str) -> Ints:
        """The level of a skill; 0 for those who do not have it."""
        return self._levels.get(code, np.zeros(self._size, np.int64))

    def among(self, engineers: Collection[str]) -> Mask:
        """The days of these engineers."""
        mask = np.zeros(self._size, np.bool_)
        mask[[row for engineer_id in engineers for row in self._rows.get(engineer_id, ())]] = True
        return mask

    def serves(self, territory: str) -> Mask:
        """The days of those who serve a territory, or all of them."""
        nobody = np.zeros(self._size, np.bool_)
        return np.asarray(self._territories.get(territory, nobody) | self._territories.get(ANYWHERE, nobody))
