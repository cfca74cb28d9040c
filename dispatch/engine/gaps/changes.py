"""The least changes of hours, for one day after the other."""

# mypy: disable-error-code="no-any-return, return-value"
from __future__ import annotations

from dispatch.engine.compiled import compiled
from dispatch.engine.hours import back_through, come_home, fits, leave_by, serve, serve_back, through
from dispatch.engine.model import Ints

from .data import (
    CLOSE,
    COLUMNS,
    EARLY,
    FAR,
    FREE,
    LONGER,
    MISS,
    NEVER,
    OPEN,
    OVER,
    SIDE,
    SLACK,
    WAY,
    Days,
    Mask,
    Room,
    Wanted,
)


@compiled
def window_gaps(
    pauses: Ints,
    opens: Ints,
    closes: Ints,
    leave: Ints,
    by: Ints,
    last: int,
    there: int,
    back: int,
    service: int,
    found: Ints,
) -> None:
    """By how much a window would have to close later or to open earlier for this leg."""
    for m in range(last + 1):
        away = leave_by(pauses, by, m, last, back, False)
        if away <= -NEVER:
            continue
        ends = away - service
        for k in range(m + 1):
            begins = through(pauses, leave[k], there, k, m) if leave[k] < NEVER else NEVER
            if begins >= NEVER or begins > ends:
                continue
            for w in range(len(opens)):
                if begins > closes[w]:
                    found[CLOSE] = min(found[CLOSE], begins - closes[w])
                if ends < opens[w]:
                    found[OPEN] = min(found[OPEN], opens[w] - ends)


@compiled
def end_with(g: Days, d: int, s: int, a: Wanted, opens: Ints, closes: Ints, service: int, at: Ints) -> int:
    """When the day ends with the visit on leg s; NEVER where a window or a break is missed."""
    last, first, pauses = g.breaks[d], g.begin[d], g.pauses[d]
    for k in range(last + 1):
        at[k] = g.leave[d, s, k]
    serve(pauses, opens, closes, at, last, first, a.there[d, s], service, False)
    drive = a.back[d, s]
    for j in range(s, g.n[d]):
        fixed = j > s and g.locked[d, j] and g.locked[d, j - 1]
        serve(pauses, g.opens[d, j], g.closes[d, j], at, last, first, drive, g.service[d, j], fixed)
        drive = g.drive[d, j + 1]
    return come_home(pauses, at, last, first, drive)


@compiled
def time_alone(g: Days, d: int, r: Room) -> None:
    """The day without its breaks."""
    n, first, pauses = g.n[d], g.begin[d], g.pauses[d]
    leave, by = r.alone[0], r.alone[1]
    leave[0, 0], by[n, 0] = first, g.finish[d]
    for j in range(n):
        fixed = g.locked[d, j] and (j == 0 or g.locked[d, j - 1])
        leave[j + 1, 0] = leave[j, 0]
        serve(pauses, g.opens[d, j], g.closes[d, j], leave[j + 1], 0, first, g.drive[d, j], g.service[d, j], fixed)
    for j in range(n - 1, -1, -1):
        fixed = j + 1 < n and g.locked[d, j] and g.locked[d, j + 1]
        by[j, 0] = by[j + 1, 0]
        serve_back(pauses, g.opens[d, j], g.closes[d, j], by[j], 0, first, g.drive[d, j + 1], g.service[d, j], fixed)


@compiled
def time_wide(g: Days, d: int, r: Room) -> None:
    """Latest starts of the day were its shift to begin much earlier."""
    n, last, wide = g.n[d], g.breaks[d], r.wide
    for k in range(last + 1):
        wide[n, k] = g.finish[d] if k == last else -NEVER
    for j in range(n - 1, -1, -1):
        fixed = j + 1 < n and g.locked[d, j] and g.locked[d, j + 1]
        for k in range(last + 1):
            wide[j, k] = wide[j + 1, k]
        first, drive = g.begin[d] - SLACK, g.drive[d, j + 1]
        serve_back(g.pauses[d], g.opens[d, j], g.closes[d, j], wide[j], last, first, drive, g.service[d, j], fixed)


@compiled
def begin_with(g: Days, d: int, s: int, a: Wanted, service: int, r: Room) -> int:
    """The latest begin of the shift with which the visit fits on leg s, -NEVER when there is none.

    Visits that stand from the start on are served whenever the shift begins: what matters is when the last of them is
    left.
    """
    last, first, pauses, at = g.breaks[d], g.begin[d] - SLACK, g.pauses[d], r.at
    for k in range(last + 1):
        at[k] = r.wide[s, k]
    serve_back(pauses, a.opens, a.closes, at, last, first, a.back[d, s], service, False)
    lead = 0
    while lead < s and g.locked[d, lead]:
        lead += 1
    drive = a.there[d, s]
    for j in range(s - 1, lead - 1, -1):
        fixed = j + 1 < s and g.locked[d, j] and g.locked[d, j + 1]
        serve_back(pauses, g.opens[d, j], g.closes[d, j], at, last, first, drive, g.service[d, j], fixed)
        drive = g.drive[d, j]
    if lead == 0:
        return leave_by(pauses, at, 0, last, drive, False)
    return stand_with(g, d, lead, drive, r)


@compiled
def stand_with(g: Days, d: int, lead: int, drive: int, r: Room) -> int:
    """The latest begin of a shift whose first `lead` visits stand; `r.at` are latest starts of the stop behind them."""
    last, first, pauses, at, cap = g.breaks[d], g.begin[d] - SLACK, g.pauses[d], r.at, r.cap
    for j in range(lead - 1, -2, -1):  # -1 is the start place
        end = g.opens[d, j, 0] + g.service[d, j] if j >= 0 else -NEVER
        for k in range(last + 1):  # what is behind k is still that of the stop behind j
            best = cap[k] if j < lead - 1 else -NEVER
            for n in range(k, last + 1):
                if at[n] <= -NEVER or (n == k and j < lead - 1):
                    continue
                leave = back_through(pauses, at[n], drive, k, n)
                if leave >= end:
                    best = max(best, leave if j == lead - 1 else min(leave, cap[n]))
            cap[k] = best
        if j >= 0:
            fixed = j < lead - 1
            serve_back(pauses, g.opens[d, j], g.closes[d, j], at, last, first, drive, g.service[d, j], fixed)
            drive = g.drive[d, j]
    return cap[0]


@compiled
def near(g: Days, d: int, s: int, there: int, back: int) -> bool:
    """Whether neither drive is too long; the one to the end place does not count."""
    return there <= g.limit[d] and (back <= g.limit[d] or s == g.n[d])


@compiled
def makes_room(g: Days, d: int, i: int, a: Wanted, service: int, at: Ints) -> bool:
    """Whether the visit fits once visit i of the day is gone."""
    n, last, first, pauses = g.n[d], g.breaks[d], g.begin[d], g.pauses[d]
    there, back = a.there[d, i], a.back[d, i + 1]
    if near(g, d, i + 1, there, back) and fits(
        pauses, a.opens, a.closes, g.leave[d, i], g.by[d, i + 1], last, first, there, back, service
    ):
        return True
    for k in range(last + 1):
        at[k] = g.leave[d, i, k]
    drive, held = g.past[d, i], i == 0 or g.locked[d, i - 1]
    for j in range(i + 1, n):
        fixed = held and g.locked[d, j]
        serve(pauses, g.opens[d, j], g.closes[d, j], at, last, first, drive, g.service[d, j], fixed)
        drive, held = g.drive[d, j + 1], g.locked[d, j]
        there, back = a.there[d, j + 1], a.back[d, j + 1]
        if near(g, d, j + 1, there, back) and fits(
            pauses, a.opens, a.closes, at, g.by[d, j + 1], last, first, there, back, service
        ):
            return True
    for k in range(last + 1):
        at[k] = g.by[d, i + 1, k]
    drive, held = g.past[d, i], i + 1 < n and g.locked[d, i + 1]
    for j in range(i - 1, -1, -1):
        fixed = held and g.locked[d, j]
        serve_back(pauses, g.opens[d, j], g.closes[d, j], at, last, first, drive, g.service[d, j], fixed)
        drive, held = g.drive[d, j], g.locked[d, j]
        there, back = a.there[d, j], a.back[d, j]
        if near(g, d, j, there, back) and fits(
            pauses, a.opens, a.closes, g.leave[d, j], at, last, first, there, back, service
        ):
            return True
    return False


@compiled
def single_changes(g: Days, d: int, a: Wanted, service: int, r: Room, found: Ints) -> None:
    """Which one change of window, shift, longest drive or break would do."""
    last, first, pauses = g.breaks[d], g.begin[d], g.pauses[d]
    time_wide(g, d, r)
    if last:
        time_alone(g, d, r)
    for s in range(g.n[d] + 1):
        there, back, leave, by = a.there[d, s], a.back[d, s], g.leave[d, s], g.by[d, s]
        if not near(g, d, s, there, back):
            if fits(pauses, a.opens, a.closes, leave, by, last, first, there, back, service):
                found[FAR] = min(found[FAR], there if s == g.n[d] else max(there, back))
            continue
        window_gaps(pauses, a.opens, a.closes, leave, by, last, there, back, service, found)
        found[OVER] = min(found[OVER], end_with(g, d, s, a, a.opens, a.closes, service, r.at) - g.finish[d])
        found[EARLY] = min(found[EARLY], first - begin_with(g, d, s, a, service, r))
        if last and fits(pauses, a.opens, a.closes, r.alone[0, s], r.alone[1, s], 0, first, there, back, service):
            found[FREE] = 0
    if found[EARLY] > first - g.soonest[d]:
        found[EARLY] = NEVER


@compiled
def find_room(g: Days, d: int, a: Wanted, service: int, r: Room, rooms: Mask) -> bool:
    """Mark the visits of least priority of which one that goes makes room."""
    any_room, least = False, 0.0
    for i in range(g.n[d]):
        if g.locked[d, i] or (any_room and g.priority[d, i] > least):
            continue
        if makes_room(g, d, i, a, service, r.at):
            if any_room and g.priority[d, i] < least:
                for j in range(i):
                    rooms[j] = False
            any_room, least, rooms[i] = True, g.priority[d, i], True
    return any_room


@compiled
def come_last(g: Days, d: int, a: Wanted, service: int, r: Room, found: Ints) -> None:
    """What has to give way for the visit to come behind all others: window, shift and drive."""
    n, last, first, pauses, at = g.n[d], g.breaks[d], g.begin[d], g.pauses[d], r.at
    there, back = a.there[d, n], a.back[d, n]
    end = end_with(g, d, n, a, a.opens, a.closes, service, at)
    if end >= NEVER:
        for k in range(last + 1):
            at[k] = g.leave[d, n, k]
        r.opens[0], r.closes[0] = -NEVER, NEVER - 1
        serve(pauses, r.opens[:1], r.closes[:1], at, last, first, there, service, False)
        start = NEVER
        for k in range(last + 1):
            if at[k] < NEVER:
                ready = through(pauses, max(at[k], first), back, k, last)
                if ready < end:
                    end, start = ready, at[k] - service
        miss_by(a, start, found)
    found[LONGER] = max(0, end - g.finish[d])
    found[WAY] = there if there > g.limit[d] else 0


@compiled
def miss_by(a: Wanted, start: int, found: Ints) -> None:
    """By how much the nearest window misses a start, and whether that is too early."""
    late, early = NEVER, NEVER
    for w in range(len(a.opens)):
        if a.closes[w] < start:
            late = min(late, start - a.closes[w])
        if a.opens[w] > start:
            early = min(early, a.opens[w] - start)
    found[MISS], found[SIDE] = min(late, early), int(early < late)


@compiled
def enough(g: Days, d: int, a: Wanted, service: int, r: Room, miss: int, early: bool, over: int, way: int) -> bool:
    """Whether the visit fits once these changes are made."""
    for w in range(len(a.opens)):
        r.opens[w] = a.opens[w] - (miss if early else 0)
        r.closes[w] = a.closes[w] + (0 if early else miss)
    limit = way if way > 0 else g.limit[d]
    for s in range(g.n[d] + 1):
        longest = a.there[d, s] if s == g.n[d] else max(a.there[d, s], a.back[d, s])
        if longest <= limit:
            end = end_with(g, d, s, a, r.opens[: len(a.opens)], r.closes[: len(a.opens)], service, r.at)
            if end <= g.finish[d] + over:
                return True
    return False


@compiled
def joint_changes(g: Days, d: int, a: Wanted, service: int, r: Room, found: Ints) -> None:
    """No single change helps: what has to give way together, without what need not."""
    found[MISS] = found[SIDE] = 0
    come_last(g, d, a, service, r, found)
    early = found[SIDE] == 1
    for name in (MISS, LONGER, WAY):
        several = int(found[MISS] > 0) + int(found[LONGER] > 0) + int(found[WAY] > 0) > 1
        if not several or found[name] == 0:
            continue
        asked = found[name]
        found[name] = 0
        if not enough(g, d, a, service, r, found[MISS], early, found[LONGER], found[WAY]):
            found[name] = asked


@compiled
def find(g: Days, days: Ints, a: Wanted, service: int, displace: bool, r: Room, found: Ints, rooms: Mask) -> None:
    """Fill `found` (days, COLUMNS) and `rooms` (days, L) for days on which the hours do not allow the visit."""
    for row in range(len(days)):
        d = days[row]
        for column in range(COLUMNS):
            found[row, column] = NEVER if column < MISS else 0
        single_changes(g, d, a, service, r, found[row])
        any_change = found[row, OVER] < SLACK or found[row, EARLY] < SLACK
        for column in (CLOSE, OPEN, FAR, FREE):
            any_change = any_change or found[row, column] < NEVER
        if displace:
            any_change = find_room(g, d, a, service, r, rooms[row]) or any_change
        if not any_change:
            joint_changes(g, d, a, service, r, found[row])
