"""Pure: when the rest of a day will really be, from what has happened so far. Whole UTC seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TOLERANCE = 30 * 60
"""A customer who was told a time and no window is let down by more than this."""


@dataclass(frozen=True)
class Stop:
    """One visit of a day in its order. `drive`: seconds from the place before it, or from where the engineer is.

    `begun`: when somebody arrived or began; `ended`: when it was over; `promised`: the customer was told.
    """

    visit_id: str
    status: str
    planned: int | None
    duration: int
    drive: int = 0
    begun: int | None = None
    ended: int | None = None
    opens: int | None = None
    closes: int | None = None
    due: int | None = None
    promised: bool = False


@dataclass(frozen=True)
class Eta:
    """When a visit will begin and end, how much later than planned, and by how much a promise breaks (0: it holds)."""

    visit_id: str
    arrival: int
    start: int
    end: int
    late: int
    breaks: int


def forecast(stops: Sequence[Stop], now: int, free_from: int) -> list[Eta]:
    """The visits that are not over, one after the other. `free_from`: nobody sets out before (the shift's start)."""
    found = []
    free = max(now, free_from)
    for stop in stops:
        if stop.ended is not None:
            continue
        eta = _eta(stop, now, free)
        free = eta.end
        found.append(eta)
    return found


def _eta(stop: Stop, now: int, free: int) -> Eta:
    if stop.begun is not None:
        start = stop.begun if stop.status in ("working", "paused") else max(stop.begun, now)
        arrival, end = stop.begun, max(start + stop.duration, now + 60)
    else:
        arrival = free + stop.drive
        start = max(arrival, stop.planned or arrival, stop.opens or arrival)
        end = start + stop.duration
    late = max(0, start - stop.planned) if stop.planned is not None else 0
    return Eta(stop.visit_id, arrival, start, end, late, _broken(stop, start, end))


def _broken(stop: Stop, start: int, end: int) -> int:
    """Seconds by which the worst promise breaks. Work that has begun has kept its appointment."""
    past = [0]
    if stop.begun is None:
        if stop.closes is not None:
            past.append(start - stop.closes)
        elif stop.promised and stop.planned is not None:
            past.append(start - stop.planned - TOLERANCE)
    if stop.due is not None:
        past.append(end - stop.due)
    return max(past)


def gained(stops: Sequence[Stop]) -> int:
    """Seconds by which the last visit that is over ended before its plan; 0 once the next one is on its way."""
    over = [stop for stop in stops if stop.ended is not None]
    ahead = [stop for stop in stops if stop.ended is None]
    if not over or not ahead or ahead[0].status not in ("scheduled", "dispatched", "accepted"):
        return 0
    last = max(over, key=lambda stop: stop.ended or 0)
    if last.planned is None or last.ended is None:
        return 0
    return max(0, last.planned + last.duration - last.ended)
