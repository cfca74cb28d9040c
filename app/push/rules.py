"""Pure: which addresses are those of push services, and what is worth waking a phone for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of the browsers. An address elsewhere is refused: the server would send requests anywhere."""
LOOPBACK = ("127.0.0.1", "localhost")


def is_service(endpoint: str, allowed: Collection[str] = SERVICES) -> bool:
    """Whether an address is at one of the push services; `*.` stands for anything below a domain."""
    try:
        url = urlsplit(endpoint)
        host, odd = url.hostname or "", url.username is not None or (url.port or 443) != 443
    except ValueError:
        return False
    if host in LOOPBACK:  # named by whoever set up this server, for trying it out
        return host in allowed and url.scheme in ("http", "https")
    named = any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in allowed)
    return named and url.scheme == "https" and not odd


STEPS = {"dispatched": "new", "cancelled": "cancelled", "sent_back": "sent_back"}
"""The step of a visit, and what it says to whoever holds it."""
KNOWN = ("dispatched", "accepted", "en_route", "on_site", "working", "paused", "completed")
"""Where a visit is on its holder's phone; what is only planned is nobody's business yet."""


def news_of_step(before: str, to: str) -> str | None:
    """What a step that was taken in the office says to the holder of the visit; None when it says nothing."""
    kind = STEPS.get(to)
    return kind if kind == "new" or before in KNOWN else None


def still_true(kind: str, status: str, holds: bool) -> bool:
    """Whether a message says what is so by the time it leaves: the service may have asked to wait for an hour."""
    if kind == "taken":
        return not holds
    if kind == "cancelled":
        return status == "cancelled"
    stands = {"new": ("dispatched",), "moved": ("dispatched", "accepted")}.get(kind, KNOWN)
    return holds and status in stands


def pause(retry_after: str | None, now: datetime) -> timedelta:
    """How long a service asks to be left alone (`Retry-After`: seconds, or a date); nothing when it does not say."""
    words = (retry_after or "").strip()
    if words.isdecimal():
        return timedelta(seconds=min(int(words), 86_400))
    try:
        return max(parsedate_to_datetime(words) - now, timedelta(0))
    except (TypeError, ValueError):
        return timedelta(0)
