"""Which hard rules keep a visit off an engineer's day, whatever the order and the hours. Hours: `legs.py`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from .answer import Reason
from .model import ANYWHERE, EngineerDay, Ints, Visit


def standing(visit: Visit, day: EngineerDay) -> list[Reason]:
    """Every rule that fails between this visit and this day, before any other visit is looked at."""
    return [*_skills(visit, day), *_place_and_people(visit, day), *_parts(visit, day, ()), *_shift(visit, day)]


def in_shift(visit: Visit, shift_start: Ints, latest_end: Ints) -> npt.NDArray[np.bool_]:
    """Whether some hour of these shifts lies in a window of the visit; arrays of any one shape."""
    inside = np.zeros(np.shape(shift_start), dtype=np.bool_)
    for a, b in visit.starts:
        inside |= (a <= latest_end) & (b >= shift_start)
    return inside


def allows(visit: Visit, day: EngineerDay) -> bool:
    """True when no standing rule fails; a locked visit is allowed on its own day and on no other."""
    if visit.lock:
        return visit.lock.day_id == day.id
    return not standing(visit, day)


def load(visit: Visit, day: EngineerDay, route: Iterable[Visit]) -> list[Reason]:
    """Rules that fail because of what the day already holds: number of visits, parts spoken for."""
    held = list(route)
    reasons = []
    if day.max_jobs is not None and len(held) >= day.max_jobs:
        reasons.append(Reason("max_jobs", {"limit": day.max_jobs, "planned": len(held)}))
    already = {str(r.numbers["part"]) for r in _parts(visit, day, ())}
    reasons += [r for r in _parts(visit, day, held) if r.numbers["part"] not in already]
    return reasons


def _skills(visit: Visit, day: EngineerDay) -> list[Reason]:
    reasons = []
    for code, need in sorted(visit.skills.items()):
        have = day.skills.get(code, 0)
        if have < need:
            numbers: dict[str, object] = {"missing": code, "need": need, "have": have}
            if code in day.expired:
                numbers["expired_on"] = day.expired[code]
            reasons.append(Reason("skill", numbers))
    return reasons


def _place_and_people(visit: Visit, day: EngineerDay) -> list[Reason]:
    reasons = []
    if visit.territory is not None and not day.territories & {visit.territory, ANYWHERE}:
        reasons.append(Reason("territory", {"territory": visit.territory}))
    if day.engineer_id in visit.excluded_engineers:
        reasons.append(Reason("excluded", {"by": "customer"}))
    if visit.required_engineers and day.engineer_id not in visit.required_engineers:
        reasons.append(Reason("excluded", {"by": "required", "required": sorted(visit.required_engineers)}))
    if day.crew_size < visit.crew_size:
        reasons.append(Reason("crew", {"need": visit.crew_size, "have": day.crew_size}))
    return reasons


def _parts(visit: Visit, day: EngineerDay, route: Iterable[Visit]) -> list[Reason]:
    if not visit.parts:
        return []
    held = list(route)
    reasons = []
    for part, need in sorted(visit.parts.items()):
        left = day.parts.get(part, 0) - sum(other.parts.get(part, 0) for other in held)
        if left < need:
            reasons.append(Reason("parts", {"part": part, "need": need, "have": max(left, 0), "short": need - left}))
    return reasons


def _shift(visit: Visit, day: EngineerDay) -> list[Reason]:
    """No hour of the shift (overtime included) lies in a window of the visit."""
    starts, ends = day.shift_start, day.latest_end
    for a, b in visit.starts:
        if a <= ends and b >= starts:
            return []
    return [Reason("off_shift", {"shift_start": starts, "shift_end": min(day.shift_end, ends)})]
