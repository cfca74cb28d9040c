"""What this room is told from outside: the gateways of texts and mails, read once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Settings:
    """Everything is optional.

    messages_url: a gateway that sends texts (and mails, where no mail server is named), asked by requests signed with
    messages_secret. smtp_url: a mail server, `smtp://user:password@host:587` (STARTTLS when it is offered, and always
    before a password) or `smtps://…`. mail_from: the sender of mails.
    """

    messages_url: str | None
    messages_secret: str
    smtp_url: str | None
    mail_from: str


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    env = os.environ
    return Settings(
        messages_url=env.get("CALLOUT_MESSAGES_URL") or None,
        messages_secret=env.get("CALLOUT_MESSAGES_SECRET", ""),
        smtp_url=env.get("CALLOUT_SMTP_URL") or None,
        mail_from=env.get("CALLOUT_MAIL_FROM", "callout@localhost"),
    )
