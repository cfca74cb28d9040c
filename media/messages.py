"""Sends one-time codes: to a gateway of texts and mails, by a signed request (Standard Webhooks), or nowhere.

Without a gateway a demo or development server shows the code itself, and the sign-off says so; production refuses.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
import urllib.request
from typing import Any

from app.kernel.config import config
from media.problems import NO_CHANNEL
from media.settings import settings

TIMEOUT_S = 10
SHOWN = "shown"


class NotSent(RuntimeError):
    """The gateway did not take the message; it is worth trying again."""


def channel(wanted: str) -> str:
    """By which channel a message to an address of the kind `wanted` will go. Raises 409 when there is none."""
    if settings().messages_url:
        return wanted
    if config().mode == "production":
        raise NO_CHANNEL("Set CALLOUT_MESSAGES_URL to a gateway that sends texts and mails.")
    return SHOWN


def send(message_id: str, kind: str, to: str, text: str) -> None:
    """Hands a message to the gateway, which knows it again by its id. Raises NotSent."""
    body = json.dumps({"id": message_id, "channel": kind, "to": to, "text": text}, ensure_ascii=False).encode()
    request = urllib.request.Request(str(settings().messages_url), body, _headers(message_id, body), method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except OSError as error:
        raise NotSent(f"the gateway did not take it: {error}") from error


def _headers(message_id: str, body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    signed = hmac.digest(_secret(), f"{message_id}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _secret() -> bytes:
    """`whsec_` and base64, as Standard Webhooks writes it; anything else is taken as it stands."""
    told = settings().messages_secret
    try:
        return (
            base64.b64decode(told.removeprefix("whsec_"), validate=True) if told.startswith("whsec_") else told.encode()
        )
    except binascii.Error:
        return told.encode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A code must not follow a redirect to another house."""

    def redirect_request(self, *_args: Any) -> None:
        return None
