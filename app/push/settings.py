"""What this room is told from outside, read once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

from app.push.rules import SERVICES


@dataclass(frozen=True)
class Settings:
    """services: the hosts of push services that are spoken to, more than the browsers' own if CALLOUT_PUSH_SERVICES
    names some, separated by commas. contact: whom the services can ask (CALLOUT_PUSH_CONTACT, `mailto:` or `https:`).
    """

    services: tuple[str, ...]
    contact: str


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    more = [name.strip() for name in os.environ.get("CALLOUT_PUSH_SERVICES", "").split(",") if name.strip()]
    contact = os.environ.get("CALLOUT_PUSH_CONTACT") or "mailto:callout@localhost"
    return Settings((*SERVICES, *more), contact)
