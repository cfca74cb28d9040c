"""Pure: what a customer may see and do, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

CUT_OFF = timedelta(hours=2)
"""Before the visit begins; from then on only the office can cancel."""
CANCELLABLE = ("draft", "scheduled", "dispatched", "accepted")
FRESH = timedelta(minutes=10)
"""Older positions say nothing about where somebody is."""
DIGITS = 4


def may_cancel(status: str, begins: datetime | None, now: datetime) -> bool:
    """Whether a customer may still call a visit off."""
    return status in CANCELLABLE and (begins is None or now < begins - CUT_OFF)


def is_followed(status: str, set_off: datetime | None, fix_at: datetime, now: datetime) -> bool:
    """Whether a position may be shown: only of somebody on the way, found since setting off and lately."""
    return status == "en_route" and set_off is not None and fix_at >= set_off and now - fix_at <= FRESH


def same_phone(phone: str | None, digits: str) -> bool:
    """Whether `digits` end a phone number, however it is written."""
    known = "".join(letter for letter in phone or "" if letter.isdecimal() and letter.isascii())
    return len(known) >= DIGITS and len(digits) == DIGITS and known.endswith(digits)


def moves(changes: Iterable[tuple[datetime, dict[str, Any]]], end: datetime | None) -> list[dict[str, Any]]:
    """The promises that took the place of others, newest first: from the changes of a visit's window in that order,
    of which each tells [before, after] of those ends only that it changed. `end`: where the window ends now."""
    found = []
    for at, changed in changes:
        before, after = changed.get("window_start", (None, None))
        if before and after:
            start = datetime.fromisoformat(after)
            found.append({"status": "moved", "at": at, "window_start": start, "window_end": end})
        if "window_end" in changed:
            ended = changed["window_end"][0]
            end = datetime.fromisoformat(ended) if ended else None
    return found
