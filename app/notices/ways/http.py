"""A gateway of texts and mails: a POST of the message, signed after Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError

from app.notices.settings import Settings
from app.notices.ways.message import Message, NotSent, Refused

TIMEOUT_S = 10
NEVER = (400, 410, 413, 422)
"""Answers that say something of the message; all others may be of the moment, or of how the gateway is set up."""


def send(message: Message, told: Settings) -> None:
    """Hands a message to the gateway, which knows it again by its id. Raises NotSent or Refused."""
    content = {"id": message.id, "channel": message.channel, "to": message.to, "text": message.text}
    if message.channel == "email":
        content["subject"] = message.subject
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = _headers(message.id, body, told.messages_secret)
    request = urllib.request.Request(str(told.messages_url), body, headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except HTTPError as error:
        if error.code in NEVER:
            raise Refused(f"the gateway refused it: {error.code}") from None
        raise NotSent(f"the gateway did not take it: {error.code}") from None
    except OSError as error:
        raise NotSent(f"the gateway did not take it: {error}") from error


def _headers(message_id: str, body: bytes, secret: str) -> dict[str, str]:
    at = str(int(time.time()))
    signed = hmac.digest(_key(secret), f"{message_id}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _key(told: str) -> bytes:
    """`whsec_` and base64, as Standard Webhooks writes it; anything else is taken as it stands."""
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
