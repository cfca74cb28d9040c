"""A road server's answers, kept: pairs of places that were measured once on this map are not asked for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from .grids import Mask, Numbers, alike
from .provider import Ints32, Matrix, Point, RoadServer, TravelFailed

MOST_PLACES = 2_500
"""Places that are remembered together (50 MB): one too many begins anew, and larger questions are not remembered."""
KEPT = 12 * 3600.0
"""Seconds until everything is measured again: not every server tells that its map has changed."""
CHECKED = 60.0
"""Seconds between two questions for the version of the map."""
MOST_QUESTIONS = 8
"""Parts in which missing pairs are asked for; of more, what lies between them is asked for as well."""
UNKNOWN = -1


@dataclass
class Pairs:
    """What is known about one state of the map."""

    version: str
    since: float
    checked: float
    number: dict[Point, int] = field(default_factory=dict)
    seconds: Ints32 = field(default_factory=lambda: np.full((64, 64), UNKNOWN, np.int32))
    metres: Ints32 = field(default_factory=lambda: np.full((64, 64), UNKNOWN, np.int32))

    def numbered(self, points: Sequence[Point]) -> Numbers:
        """The numbers of these places; new ones get the next."""
        found = np.array([self.number.setdefault(point, len(self.number)) for point in points], np.int64)
        if more := max(0, len(self.number) - len(self.seconds)):
            wider = max(more, len(self.seconds))
            self.seconds, self.metres = (
                np.pad(table, (0, wider), constant_values=UNKNOWN) for table in (self.seconds, self.metres)
            )
        return found


@dataclass
class Remembered:
    """The server behind it, asked only for what is not known. The hour is not looked at: road servers know none.

    Pairs that are known are answered even while the server is away.
    """

    server: RoadServer
    clock: Callable[[], float] = time.monotonic
    _pairs: Pairs | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def name(self) -> str:
        """The server's."""
        return self.server.name

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """All pairs, from memory as far as possible. Raises `TravelFailed` as the server does."""
        pairs, places = self._current(), {*origins, *targets}
        if len(places) > MOST_PLACES:
            return self.server.matrix(origins, targets, depart)
        with self._lock:
            if len(pairs.number.keys() | places) > MOST_PLACES:
                pairs = self._pairs = Pairs(pairs.version, pairs.since, pairs.checked)
            here = np.ix_(pairs.numbered(origins), pairs.numbered(targets))
            seconds, metres = pairs.seconds[here], pairs.metres[here]
        for rows, columns in _parts(seconds == UNKNOWN):
            told = self.server.matrix([origins[i] for i in rows], [targets[j] for j in columns], depart)
            seconds[np.ix_(rows, columns)], metres[np.ix_(rows, columns)] = told.seconds, told.metres
        with self._lock:
            here = np.ix_(pairs.numbered(origins), pairs.numbered(targets))
            pairs.seconds[here], pairs.metres[here] = seconds, metres
        return Matrix(seconds, metres, self.name)

    def _current(self) -> Pairs:
        """What is known about the present map."""
        now, pairs = self.clock(), self._pairs
        if pairs is not None and now - pairs.checked < CHECKED:
            return pairs
        try:
            version = self.server.version()
        except TravelFailed:
            version = pairs.version if pairs else ""
        with self._lock:
            if pairs is None or pairs.version != version or now - pairs.since > KEPT:
                pairs = self._pairs = Pairs(version, now, now)
            pairs.checked = now
        return pairs


def _parts(missing: Mask) -> list[tuple[Numbers, Numbers]]:
    """What to ask for so that nothing is missing."""
    parts = list(alike(missing))
    if len(parts) > MOST_QUESTIONS:
        return [(np.nonzero(missing.any(axis=1))[0], np.nonzero(missing.any(axis=0))[0])]
    return parts
