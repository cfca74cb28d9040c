"""Why a visit does not fit on a day: every rule that fails, each with the least change that would lift it.

Standing rules (skill, territory, parts …) must all be lifted. Where only the hours fail, each reason marked `any_of` is
one sufficient change. When no single change of hours helps, the hour reasons have to be lifted together. The numbers
are found for all days at once (`gaps`); a reason is made of them when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .answer import Reason, Rejection
from .batch import Mask
from .gaps import find
from .gaps.data import CLOSE, COLUMNS, EARLY, FAR, FREE, LONGER, MISS, NEVER, OPEN, OVER, SIDE, SLACK, WAY, Room, Wanted
from .legs import LegTable
from .model import EngineerDay, Ints, Visit
from .rules import in_shift, load, standing


class Refusals:
    """The days of some that are none for a visit, with the reasons; in the order in which they were asked about."""

    def __init__(
        self,
        table: LegTable,
        visit: Visit,
        days: Sequence[int],
        *,
        brief: bool = False,
        fits: Mask | None = None,
        able: Mask | None = None,
    ) -> None:
        """`brief` leaves out which visits could make room, and the hours where a standing rule fails other than
        `max_jobs`, which a dispatcher may waive. `fits` (the hours allow it) and `able` (no standing rule fails), of
        all days of the table, are not worked out when they are known.
        """
        self.table, self.able, self.days = table, able, days
        self.visit = replace(visit, lock=None) if visit.lock else visit
        self._plain: dict[int, list[Reason]] = {}
        fits = table.try_everywhere(visit).days if fits is None else fits
        # `off_shift` already says that shift and windows do not meet: the hours are then not listed a second time.
        open_ = ~fits & in_shift(self.visit, table.sheet.begin, table.sheet.finish)
        asked = [d for d in days if open_[d] and not (brief and any(r.rule != "max_jobs" for r in self.plain(d)))]
        self._row = {d: row for row, d in enumerate(asked)}
        self._found, self._rooms = _found(table, visit, asked, displace=not brief)

    def __iter__(self) -> Iterator[Rejection]:
        days = self.table.problem.days
        for d in self.days:
            if reasons := self.reasons(d):
                yield Rejection(days[d].engineer_id, days[d].id, tuple(reasons))

    def reasons(self, d: int) -> list[Reason]:
        """Everything that stands in the way on a day; empty where the visit fits."""
        return [*self.plain(d), *self.hours(d)]

    def plain(self, d: int) -> list[Reason]:
        """The standing rules that fail on a day."""
        if self.able is not None and self.able[d]:
            return []
        if d not in self._plain:
            day = self.table.problem.days[d]
            self._plain[d] = [*standing(self.visit, day), *load(self.visit, day, self.table.routes[d])]
        return self._plain[d]

    def hours(self, d: int) -> list[Reason]:
        """The sufficient single changes of hours, or else the joint one."""
        row = self._row.get(d)
        if row is None:
            return []
        day, found = self.table.problem.days[d], self._found[row].tolist()
        single = [*_windows(found), *_shift(found), *_single(found, day)]
        rooms = [v for v, room in zip(self.table.routes[d], self._rooms[row], strict=False) if room]
        if rooms:
            single.append(Reason("displaces", {"visits": [min(v.id for v in rooms)]}, any_of=True))
        return single or _joint(found, day)


def _found(table: LegTable, visit: Visit, days: Sequence[int], *, displace: bool) -> tuple[Ints, Mask]:
    """What `gaps` finds for these days."""
    flat, rows, windows = table.flat, np.array(days, np.int64), np.array(visit.starts, np.int64).reshape(-1, 2)
    (legs, width), count = flat.by.shape[1:], max(1, len(windows))
    found, rooms = np.empty((len(rows), COLUMNS), np.int64), np.zeros((len(rows), legs), np.bool_)
    there, back = table.drives(visit.place)
    wanted = Wanted(*map(np.ascontiguousarray, (there, back, *windows.T)))
    room = Room(
        at=np.empty(width, np.int64),
        cap=np.empty(width, np.int64),
        alone=np.empty((2, legs, 1), np.int64),
        wide=np.empty((legs, width), np.int64),
        opens=np.empty(count, np.int64),
        closes=np.empty(count, np.int64),
    )
    find(flat, rows, wanted, visit.service, displace, room, found, rooms)
    return found, rooms


def _windows(found: Sequence[int]) -> Iterator[Reason]:
    if found[CLOSE] < NEVER:
        yield _timed("window_miss", found[CLOSE], "late", any_of=True)
    if found[OPEN] < NEVER:
        yield _timed("window_miss", found[OPEN], "early", any_of=True)


def _shift(found: Sequence[int]) -> Iterator[Reason]:
    if found[OVER] < SLACK:
        yield _timed("shift_overrun", found[OVER], "end", any_of=True)
    if found[EARLY] < SLACK:
        yield _timed("shift_overrun", found[EARLY], "start", any_of=True)


def _single(found: Sequence[int], day: EngineerDay) -> Iterator[Reason]:
    if found[FAR] < NEVER:
        yield Reason("unreachable", {"seconds": found[FAR], "limit": day.max_travel}, any_of=True)
    if found[FREE] < NEVER:
        yield Reason("break", {"breaks": len(day.breaks)}, any_of=True)


def _joint(found: Sequence[int], day: EngineerDay) -> list[Reason]:
    """What has to give way together; a change of 0 seconds is none."""
    changes = []
    if found[MISS]:
        changes.append(_timed("window_miss", found[MISS], "early" if found[SIDE] else "late", any_of=False))
    if found[LONGER]:
        changes.append(_timed("shift_overrun", found[LONGER], "end", any_of=False))
    if found[WAY]:
        changes.append(Reason("unreachable", {"seconds": found[WAY], "limit": day.max_travel}))
    return changes


def _timed(rule: str, seconds: int, side: str, *, any_of: bool) -> Reason:
    return Reason(rule, {"seconds": seconds, "minutes": -(-seconds // 60), "side": side}, any_of)
