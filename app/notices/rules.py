"""Pure: who is told what, by which way, how often it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

TOLD_OF = {"dispatched": "planned", "en_route": "on_the_way", "on_site": "arrived"}
"""The step of a visit, and the kind of notice that it causes."""
STILL = {
    "planned": ("dispatched", "accepted"),
    "on_the_way": ("en_route",),
    "arrived": ("on_site", "working", "paused"),
    "unplanned": ("draft", "scheduled"),
    "called_off": ("cancelled",),
}
"""Where a visit must be when it is told, and still when the message leaves; what is over is not told any more."""
NEWS = timedelta(minutes=30)
"""Later than this nobody is told that somebody set off or arrived: a phone that was offline tells it late."""
GATHER = timedelta(minutes=2)
"""A notice that the office has written waits so long: what else it writes meanwhile is told by the same one."""
SETTLE = timedelta(minutes=1)
"""A plan must stand so long before its customer is told: who undoes at once has promised nothing."""
RECONSIDER = timedelta(minutes=5)
"""Whoever was told of a plan hears so long after it was taken back that it does not hold: a dispatcher who takes a
visit from one engineer gives it to another meanwhile, and of that nobody need be told."""
MAX_ATTEMPTS = 24
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)


def is_news(kind: str, status: str, at: datetime, begins: datetime | None, now: datetime) -> bool:
    """Whether a step that was taken `at` is worth telling of a visit that is `status` now and begins at `begins`."""
    if status not in STILL[kind]:
        return False
    if kind == "planned":
        return begins is None or begins > now
    return now - at <= NEWS


def covers(state: str, leaves_at: datetime, written_at: datetime) -> bool:
    """Whether a notice that the office has written tells of a letter, too: it leaves after that was written."""
    return state == "waiting" or (state in ("sent", "shown") and written_at <= leaves_at)


def wanted(settings: Any, kind: str) -> bool:
    """Whether an organisation tells this at all: `settings.notices.off` lists the kinds that it does not."""
    off = _own(settings).get("off")
    return not isinstance(off, list) or kind not in off


def addresses(settings: Any, phone: str | None, email: str | None) -> Iterator[tuple[str, str]]:
    """The channels by which somebody can be reached, the organisation's `settings.notices.prefer` first."""
    known = [("sms", phone), ("email", email)]
    if _own(settings).get("prefer") == "email":
        known.reverse()
    for channel, address in known:
        if address and address.strip():
            yield channel, address.strip()


def _own(settings: Any) -> dict[str, Any]:
    told = settings.get("notices") if isinstance(settings, dict) else None
    return told if isinstance(told, dict) else {}


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts; longer each time."""
    longer: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(longer, LONGEST_PAUSE)
