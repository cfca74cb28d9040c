"""The boards of this process, one set for each organisation; every question checks them against the plan revision."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock
from uuid import UUID

from app.kernel.db import Tx
from dispatch.boards import revision
from dispatch.boards.day import MINUTE, DayBoard, Rules, read
from dispatch.boards.revision import EVERYBODY, FIRST, Revision

MOST_ORGANISATIONS = 50
"""Boards that a process keeps; of those above, the one brought up longest ago goes."""
LONGEST_S = 12 * 3600.0
"""Seconds after which everything is read anew, whatever has changed (changes are kept for a day)."""


@dataclass(frozen=True)
class Boards:
    """The days of one organisation as of a revision."""

    rules: Rules
    server: str
    seen: str
    at: float
    days: dict[date, DayBoard] = field(default_factory=dict)


_kept: dict[UUID, Boards] = {}
_locks: dict[UUID, Lock] = {}


def boards(tx: Tx, days: Sequence[date], rules: Rules) -> list[DayBoard]:
    """The boards of these local days as they are now. One statement when nothing has changed."""
    known = _kept.get(tx.actor.org_id)
    found = revision.changes(tx, known.seen if known else FIRST)
    if found.own:
        return [DayBoard.of(read(tx, day, rules.zone), rules, _minute(tx.now)) for day in days]
    if known and not found.engineers and _serves(known, found, days, rules, tx.now):
        return [known.days[day] for day in days]
    with _locks.setdefault(tx.actor.org_id, Lock()):
        return _renewed(tx, days, rules)


def forget() -> None:
    """Drops everything, as if the process had just begun."""
    _kept.clear()


def _serves(known: Boards, found: Revision, days: Sequence[date], rules: Rules, now: datetime) -> bool:
    """Whether all of these days are there and still hold."""
    return _is_ours(known, found, rules) and all(day in known.days and known.days[day].holds(now) for day in days)


def _is_ours(known: Boards, found: Revision, rules: Rules) -> bool:
    fresh = time.monotonic() - known.at < LONGEST_S
    return fresh and known.server == found.server and known.rules == rules


def _renewed(tx: Tx, days: Sequence[date], rules: Rules) -> list[DayBoard]:
    """The boards brought up to the present, and kept."""
    known = _kept.get(tx.actor.org_id)
    found = revision.changes(tx, known.seen if known else FIRST)
    if known is None or not _is_ours(known, found, rules) or EVERYBODY in found.engineers:
        known = Boards(rules, found.server, found.seen, 0.0)
    kept = {day: _changed(tx, board, found.engineers, rules) for day, board in known.days.items()}
    today = tx.now.astimezone(rules.zone).date()
    for day in days:
        board = kept.get(day)
        if board is None:
            kept[day] = DayBoard.of(read(tx, day, rules.zone), rules, _minute(tx.now))
        elif not board.holds(tx.now):
            kept[day] = DayBoard.of(board.facts, rules, _minute(tx.now))
    kept = {day: board for day, board in kept.items() if (today - day).days <= 1}
    _keep(tx.actor.org_id, replace(known, seen=found.seen, at=time.monotonic(), days=kept))
    return [kept[day] for day in days]


def _changed(tx: Tx, board: DayBoard, engineers: Collection[UUID], rules: Rules) -> DayBoard:
    if not engineers:
        return board
    facts = board.facts.renewed(tx, engineers, rules.zone)
    return board.changed(facts, engineers, rules)


def _keep(org_id: UUID, now: Boards) -> None:
    _kept[org_id] = now
    while len(_kept) > MOST_ORGANISATIONS:
        oldest = min(_kept.items(), key=lambda item: item[1].at)[0]
        _kept.pop(oldest, None)


def _minute(now: datetime) -> datetime:
    """The next full minute: nothing is proposed to begin before it."""
    return now.replace(second=0, microsecond=0) + MINUTE
