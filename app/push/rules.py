"""Pure: which addresses are those of push services, and what is worth waking a phone for."""

from __future__ import annotations

from collections.abc import Collection
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
