"""The hours of one stop or leg, forwards and backwards, and whether what is put together fits.

Those of `timing`, compiled, for the search and for what is missing; tests hold them against each other. `pauses` are
the breaks of a day, (B, 3): earliest, latest, duration; k and n count breaks taken.
"""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

from dispatch.engine.compiled import compiled
from dispatch.engine.model import Ints

NEVER = 2**60


@compiled
def through(pauses: Ints, leave: int, drive: int, k: int, n: int) -> int:
    free, length = leave, 0
    for j in range(k, n):
        at = max(free, pauses[j, 0])
        if at > pauses[j, 1]:
            return NEVER
        free = at + pauses[j, 2]
        length += pauses[j, 2]
    return max(free, leave + drive + length)


@compiled
def back_through(pauses: Ints, arrive: int, drive: int, k: int, n: int) -> int:
    free, length = arrive, 0
    for j in range(n - 1, k - 1, -1):
        at = min(free - pauses[j, 2], pauses[j, 1])
        if at < pauses[j, 0]:
            return -NEVER
        free = at
        length += pauses[j, 2]
    return min(free, arrive - drive - length)


@compiled
def begin(opens: Ints, closes: Ints, arrival: int) -> int:
    for w in range(len(opens)):
        if arrival <= closes[w]:
            return max(opens[w], arrival)
    return NEVER


@compiled
def begin_by(opens: Ints, closes: Ints, limit: int) -> int:
    for w in range(len(opens) - 1, -1, -1):
        if opens[w] <= limit:
            return min(closes[w], limit)
    return -NEVER


@compiled
def serve(
    pauses: Ints, opens: Ints, closes: Ints, at: Ints, last: int, first: int, drive: int, service: int, fixed: bool
) -> None:
    """Earliest leavings `at` of one stop become those of the next."""
    for m in range(last, -1, -1):
        best = NEVER
        for k in range(m + 1):
            if at[k] >= NEVER:
                continue
            arrival = through(pauses, max(at[k], first), drive, k, m)
            start = begin(opens, closes, arrival) if arrival < NEVER else NEVER
            if start >= NEVER and fixed and k == m:
                start = opens[0]
            if start < NEVER:
                best = min(best, start + service)
        at[m] = best


@compiled
def come_home(pauses: Ints, at: Ints, last: int, first: int, drive: int) -> int:
    """When the day ends whose last stop is left at `at`."""
    best = NEVER
    for k in range(last + 1):
        if at[k] < NEVER:
            best = min(best, through(pauses, max(at[k], first), drive, k, last))
    return best


@compiled
def leave_by(pauses: Ints, at: Ints, k: int, last: int, drive: int, fixed: bool) -> int:
    """Latest leaving with k breaks taken that still keeps the latest starts `at` of the next stop."""
    best = -NEVER
    for n in range(k, last + 1):
        if at[n] > -NEVER:
            best = max(best, NEVER // 2 if fixed and n == k else back_through(pauses, at[n], drive, k, n))
    return best


@compiled
def serve_back(
    pauses: Ints, opens: Ints, closes: Ints, at: Ints, last: int, first: int, drive: int, service: int, fixed: bool
) -> None:
    """Latest starts `at` of one stop become those of the stop ahead of it."""
    for k in range(last + 1):
        leave = leave_by(pauses, at, k, last, drive, fixed)
        at[k] = begin_by(opens, closes, leave - service) if leave > -NEVER and leave >= first else -NEVER


@compiled
def fits(
    pauses: Ints,
    opens: Ints,
    closes: Ints,
    leave: Ints,
    by: Ints,
    last: int,
    first: int,
    there: int,
    back: int,
    service: int,
) -> bool:
    """Whether the visit can be served between these leavings and these latest starts."""
    for m in range(last + 1):
        away = leave_by(pauses, by, m, last, back, False)
        ends = begin_by(opens, closes, away - service) if away > -NEVER else -NEVER
        if ends <= -NEVER:
            continue
        for k in range(m + 1):
            if leave[k] < NEVER:
                arrival = through(pauses, max(leave[k], first), there, k, m)
                if arrival <= ends and begin(opens, closes, arrival) <= ends:
                    return True
    return False
