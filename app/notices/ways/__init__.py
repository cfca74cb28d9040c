"""By which way a message leaves: the mail server, the gateway, or, in a demo, not at all."""

from __future__ import annotations

from app.kernel.config import config
from app.notices.problems import NO_CHANNEL
from app.notices.settings import settings
from app.notices.ways import http, smtp
from app.notices.ways.message import Message, NotSent, Refused

__all__ = ["SHOWN", "Message", "NotSent", "Refused", "channel", "hand_over", "leads_out"]

SHOWN = "shown"


def leads_out(wanted: str) -> bool:
    """Whether messages of the channel `wanted` (`sms`, `email`) leave this server."""
    told = settings()
    return bool(told.messages_url or (wanted == "email" and told.smtp_url))


def channel(wanted: str) -> str:
    """`wanted`, or `shown` where nothing leaves: a demo shows it itself. Raises 409 in production."""
    if leads_out(wanted):
        return wanted
    if config().mode == "production":
        raise NO_CHANNEL("Set CALLOUT_MESSAGES_URL to a gateway of texts and mails, or CALLOUT_SMTP_URL for mails.")
    return SHOWN


def hand_over(message: Message) -> None:
    """Gives a message to the way of its channel. Raises NotSent (try again) or Refused (never)."""
    told = settings()
    (smtp if message.channel == "email" and told.smtp_url else http).send(message, told)
