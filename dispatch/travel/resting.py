"""A road server that did not answer is left alone for a while: nobody waits for it with every question."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from .provider import Away, Matrix, Point, RoadServer

REST = 30.0
"""Seconds."""
T = TypeVar("T")


@dataclass
class Resting:
    """The server behind it, or `Away` at once as long as it rests."""

    server: RoadServer
    rest: float = REST
    clock: Callable[[], float] = time.monotonic
    _until: float = field(default=float("-inf"), init=False)
    _why: str = field(default="", init=False)

    @property
    def name(self) -> str:
        """The server's."""
        return self.server.name

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """As the server answers."""
        return self._ask(lambda: self.server.matrix(origins, targets, depart))

    def version(self) -> str:
        """As the server answers."""
        return self._ask(self.server.version)

    def _ask(self, question: Callable[[], T]) -> T:
        if self.clock() < self._until:
            raise Away(f"not asked again yet after {self._why}")
        try:
            return question()
        except Away as failure:
            self._until, self._why = self.clock() + self.rest, str(failure)
            raise
