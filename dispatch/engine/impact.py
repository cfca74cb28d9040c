"""What a change does to a day: the same routes timed before and after, late where they have to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Problem
from .score import late_by
from .settle import expected


@dataclass(frozen=True)
class Effect:
    """One visit that begins later: by how much, how far past its last window, and its deadline (seconds)."""

    visit_id: str
    engineer_id: str
    start: int
    delay: int
    window_missed: int
    late: int
    late_before: int


def effects(before: Problem, after: Problem) -> list[Effect]:
    """Visits of the present routes that the change delays; those that leave a route are not among them."""
    then, now = _starts(before), _starts(after)
    found = []
    for visit_id, (engineer_id, start) in now.items():
        if visit_id not in then or start <= then[visit_id][1]:
            continue
        visit, old = (p.visits[p.visit_index[visit_id]] for p in (after, before))
        closes = max((b for _, b in visit.starts), default=start) if visit.lock is None else start
        found.append(
            Effect(
                visit_id=visit_id,
                engineer_id=engineer_id,
                start=start,
                delay=start - then[visit_id][1],
                window_missed=max(0, start - closes),
                late=late_by(visit, start + visit.service),
                late_before=late_by(old, then[visit_id][1] + old.service),
            )
        )
    return sorted(found, key=lambda e: (-e.late, -e.delay, e.visit_id))


def _starts(problem: Problem) -> Mapping[str, tuple[str, int]]:
    """Visit → (engineer, start of service) as the routes will really run."""
    return {visit.id: (day.engineer_id, start) for day in problem.days for visit, start in expected(problem, day)}
