"""Ask the providers in order until one answers. One matrix comes from one provider: sources are never mixed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .provider import Matrix, Point, Provider, TravelFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FirstThatAnswers:
    """A provider made of providers, best first. The matrix's `source` names the one that answered."""

    providers: tuple[Provider, ...]
    name: str = "first"

    def matrix(self, origins: Sequence[Point], targets: Sequence[Point], depart: datetime) -> Matrix:
        """The first answer; every failure before it is logged as a warning. Raises `TravelFailed` if none is left."""
        failures = []
        for provider in self.providers:
            try:
                return provider.matrix(origins, targets, depart)
            except TravelFailed as failure:
                log.warning("travel provider %s failed: %s", provider.name, failure)
                failures.append(f"{provider.name}: {failure}")
        raise TravelFailed("; ".join(failures) or "no travel provider")
