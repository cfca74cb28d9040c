"""Why a visit does not fit on a day: every rule that fails, each with the least change that would lift it.

Standing rules (skill, territory, parts …) must all be lifted. Where only the hours fail, each reason marked `any_of` is
one sufficient change. When no single change of hours helps, the hour reasons have to be lifted together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .answer import Reason, Rejection
from .batch import Mask, Timed
from .legs import LegTable
from .model import Ints, Visit
from .rules import load, standing
from .timing import NEVER

SLACK = 2 * 86_400
"""Seconds by which a shift is stretched on either side to see whether the shift is what forbids."""
FOREVER = 2**40
"""Seconds of overtime for which no route is too long."""


def rejections(
    table: LegTable,
    visit: Visit,
    days: Sequence[int],
    *,
    brief: bool = False,
    fits: Mask | None = None,
    able: Mask | None = None,
) -> Iterator[Rejection]:
    """The reasons for each of these days; a day on which the visit fits is left out.

    `brief` leaves out which visits could make room, and the hours where a standing rule fails other than `max_jobs`,
    which a dispatcher may waive. `fits` (the hours allow it) and `able` (no standing rule fails), of all days of the
    table, are not worked out when they are known.
    """
    if not days:
        return
    problem = table.problem
    plain = {d: [] if able is not None and able[d] else _plain(table, visit, d) for d in days}
    fits = table.try_everywhere(visit).days if fits is None else fits
    asked = [d for d in days if not fits[d] and not (brief and any(r.rule != "max_jobs" for r in plain[d]))]
    hours = hour_reasons(table, visit, asked, displace=not brief)
    for d in days:
        reasons = plain[d] + _with_shift_named(plain[d], hours.get(d, []))
        if reasons:
            yield Rejection(problem.days[d].engineer_id, problem.days[d].id, tuple(reasons))


def _plain(table: LegTable, visit: Visit, d: int) -> list[Reason]:
    """The standing rules that fail on a day."""
    free, day = replace(visit, lock=None) if visit.lock else visit, table.problem.days[d]
    return [*standing(free, day), *load(free, day, table.routes[d])]


def _with_shift_named(reasons: list[Reason], hours: list[Reason]) -> list[Reason]:
    """`off_shift` already says that shift and windows do not meet: the hours are then not listed a second time."""
    return [] if any(r.rule == "off_shift" for r in reasons) else hours


def hour_reasons(table: LegTable, visit: Visit, days: Sequence[int], *, displace: bool) -> dict[int, list[Reason]]:
    """For days on which the hours do not allow the visit: the sufficient single changes, or the joint one."""
    if not days:
        return {}
    part = table.part(days)
    single = _Singles(part, visit)
    close, open_ = part.window_gaps(visit)
    room = _displaced(part, visit) if displace else {}
    out = {}
    for row, d in enumerate(days):
        out[d] = [*_window(int(close[row]), int(open_[row])), *single.of(row)]
        if row in room:
            out[d].append(Reason("displaces", {"visits": [room[row].id]}, any_of=True))
    return out | _joint(table, visit, [d for d in days if not out[d]])


class _Singles:
    """The visit put into every leg of some days: which one change of shift, longest drive or break would do."""

    def __init__(self, part: LegTable, visit: Visit) -> None:
        self.days = part.problem.days
        day, leg = np.nonzero(part.real)
        made, longest = part.inserted(visit, day, leg), part.longest(visit)[day, leg]
        near = longest <= part.sheet.max_travel[day]
        fits = made.batch.keeps
        alone = replace(made, pauses=made.pauses[:0]).batch.keeps
        soon = replace(made, begin=made.begin - SLACK).batch.latest[0][0]
        size = len(self.days)
        self.over = _least(size, day[near], (made.batch.end - made.finish)[near])
        self.early = _least(size, day[near], (made.begin - soon)[near])
        self.far = _least(size, day[fits], longest[fits])
        self.free = _least(size, day[near & alone], np.zeros((near & alone).sum(), np.int64)) < NEVER

    def of(self, row: int) -> Iterator[Reason]:
        """The sufficient single changes of one day."""
        day = self.days[row]
        if self.over[row] < SLACK:
            yield _timed("shift_overrun", int(self.over[row]), "end", any_of=True)
        if self.early[row] < SLACK:
            yield _timed("shift_overrun", int(self.early[row]), "start", any_of=True)
        if self.far[row] < NEVER:
            yield Reason("unreachable", {"seconds": int(self.far[row]), "limit": day.max_travel}, any_of=True)
        if self.free[row]:
            yield Reason("break", {"breaks": len(day.breaks)}, any_of=True)


def _least(size: int, days: Ints, values: Ints) -> Ints:
    """The smallest value of each day; NEVER for days without one."""
    out = np.full(size, NEVER)
    np.minimum.at(out, days, values)
    return out


def _window(close: int, open_: int) -> Iterator[Reason]:
    if close < NEVER:
        yield _timed("window_miss", close, "late", any_of=True)
    if open_ < NEVER:
        yield _timed("window_miss", open_, "early", any_of=True)


def _timed(rule: str, seconds: int, side: str, *, any_of: bool) -> Reason:
    return Reason(rule, {"seconds": seconds, "minutes": -(-seconds // 60), "side": side}, any_of)


def _displaced(part: LegTable, visit: Visit) -> dict[int, Visit]:
    """By row the first planned visit of least priority whose removal makes room."""
    pairs = [(d, i) for d, route in enumerate(part.routes) for i, other in enumerate(route) if not other.lock]
    if not pairs:
        return {}
    fewer = part.without(pairs)
    case, leg = np.nonzero(fewer.real)
    made = fewer.inserted(visit, case, leg)
    fits = made.batch.keeps & (fewer.longest(visit)[case, leg] <= made.max_travel)
    found: dict[int, Visit] = {}
    for number in np.unique(case[fits]).tolist():
        d, i = pairs[number]
        other = part.routes[d][i]
        if d not in found or (other.priority, other.id) < (found[d].priority, found[d].id):
            found[d] = other
    return found


def _joint(table: LegTable, visit: Visit, days: Sequence[int]) -> dict[int, list[Reason]]:
    """The joint changes of days on which no single one would do."""
    if not days:
        return {}
    joint = _Joint(table.part(days), visit)
    return {d: joint.of(row) for row, d in enumerate(days)}


class _Joint:
    """No single change helps: what has to give way together for the visit to come last, without what need not.

    All arrays have one entry for each of `rows`; a change of 0 seconds is none.
    """

    def __init__(self, table: LegTable, visit: Visit) -> None:
        self.table, self.visit = table, visit
        rows, last = np.arange(len(table.routes)), table.sheet.n
        in_time, ever = self._come_last(visit), self._come_last(_at_any_hour(visit))
        on_time = in_time.end < NEVER
        self.miss, self.early = _missed(visit, ever.starts[last, rows])
        self.miss[on_time] = 0
        self.over = np.maximum(0, np.where(on_time, in_time.end, ever.end) - table.sheet.finish)
        far = table.longest(visit)[rows, last]
        self.far = np.where(far > table.sheet.max_travel, far, 0)
        self._drop_the_superfluous()

    def _come_last(self, visit: Visit) -> Timed:
        """The hours of the days with the visit behind all others, whenever that ends."""
        made = self.table.inserted(visit, np.arange(len(self.table.routes)), self.table.sheet.n)
        return replace(made, finish=np.full_like(made.finish, FOREVER)).batch.timed

    def _drop_the_superfluous(self) -> None:
        for name in ("miss", "over", "far"):
            made, kept = getattr(self, name), [self.miss, self.over, self.far]
            several = sum((values > 0).astype(int) for values in kept) > 1
            fewer = {"miss": self.miss, "over": self.over, "far": self.far, name: np.zeros_like(made)}
            setattr(self, name, np.where(several & (made > 0) & self._enough(**fewer), 0, made))

    def _enough(self, miss: Ints, over: Ints, far: Ints) -> Mask:
        """Whether the visit fits once these changes are made."""
        day, leg = np.nonzero(self.table.real)
        by = miss[day]
        windows = [
            (a - np.where(self.early[day], by, 0), b + np.where(self.early[day], 0, by)) for a, b in self.visit.starts
        ]
        made = self.table.inserted(self.visit, day, leg, windows)
        limit = np.where(far > 0, far, self.table.sheet.max_travel)[day]
        made = replace(made, finish=made.finish + over[day])
        fits = made.batch.keeps & (self.table.longest(self.visit)[day, leg] <= limit)
        return np.bincount(day[fits], minlength=len(miss)) > 0

    def of(self, row: int) -> list[Reason]:
        """The changes of one day."""
        changes = []
        if self.miss[row]:
            side = "early" if self.early[row] else "late"
            changes.append(_timed("window_miss", int(self.miss[row]), side, any_of=False))
        if self.over[row]:
            changes.append(_timed("shift_overrun", int(self.over[row]), "end", any_of=False))
        if self.far[row]:
            limit = self.table.problem.days[row].max_travel
            changes.append(Reason("unreachable", {"seconds": int(self.far[row]), "limit": limit}))
        return changes


def _at_any_hour(visit: Visit) -> Visit:
    return replace(visit, windows=(), earliest=None, latest=None, lock=None)


def _missed(visit: Visit, start: Ints) -> tuple[Ints, Mask]:
    """By how much the nearest window misses a start that lies in none, and whether that is too early."""
    late, early = np.full_like(start, NEVER), np.full_like(start, NEVER)
    for a, b in visit.starts:
        late = np.where(b < start, np.minimum(late, start - b), late)
        early = np.where(a > start, np.minimum(early, a - start), early)
    return np.minimum(late, early), np.asarray(early < late)
