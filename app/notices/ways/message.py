"""One message as the ways know it, and how one is not taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """`id` stays the same however often it is handed over, so that whoever takes it can tell a repetition."""

    id: str
    channel: str
    to: str
    subject: str
    text: str
    language: str


class NotSent(RuntimeError):
    """The message was not taken; it is worth trying again."""


class Refused(RuntimeError):
    """The message will never be taken as it stands."""
