"""Keeping where a phone is reached, and handing messages to its push service."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import tasks
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import invalid
from app.people.models import Device, Engineer, User
from app.push import rules, sealing
from app.push.models import PushSubscription
from app.push.settings import settings

SEND = "push.send"
TTL_S = 4 * 3600
"""For how long the service keeps a message for a phone that is off; later it would be no news."""
TIMEOUT_S = 10
GONE = (404, 410)
NEVER = (400, 401, 403, 413)
"""Answers that say something of the message or of its sender: sent again it would be answered alike."""
POINT, AUTH = 65, 16


def subscribe(tx: Tx, endpoint: str, p256dh: str, auth: str) -> None:
    """This device is reached at `endpoint` from now on. Raises 422 for a machine or a session without device, for an
    address that is no push service's, and for keys that are none."""
    if tx.actor.device_id is None or tx.actor.user_id is None:
        raise invalid("/endpoint", "Only a signed-in device can be reached: sign in with `device`.")
    if not rules.is_service(endpoint, settings().services):
        raise invalid("/endpoint", "This is not the address of a push service that is known here.")
    keys = _keys(p256dh, auth)
    values = {"user_id": tx.actor.user_id, "endpoint": endpoint, **keys}
    row = insert(PushSubscription).values(id=new_id(), org_id=tx.actor.org_id, device_id=tx.actor.device_id, **values)
    tx.session.execute(row.on_conflict_do_update(index_elements=["org_id", "device_id"], set_=values))


def _keys(p256dh: str, auth: str) -> dict[str, bytes]:
    try:
        point = sealing.data(p256dh)
        sealing.seal(b"", point, b"\0" * AUTH)  # raises for what is no point of the curve
    except ValueError:
        raise invalid("/keys/p256dh", "Must be a point of P-256, uncompressed, in base64url.") from None
    try:
        secret = sealing.data(auth)
    except ValueError:
        secret = b""
    if len(secret) != AUTH:
        raise invalid("/keys/auth", "Must be 16 bytes in base64url.")
    return {"p256dh": point, "auth": secret}


def unsubscribe(tx: Tx) -> None:
    """This device is told nothing any more."""
    found = tx.session.scalars(select(PushSubscription).where(PushSubscription.device_id == tx.actor.device_id))
    for row in found:
        tx.session.delete(row)
    tx.session.flush()


def tell(tx: Tx, kind: str, visit_id: UUID, engineers: Collection[UUID], cause: UUID) -> None:
    """Sends to every phone of these engineers, each by a task of its own. Once for each `cause`."""
    query = (
        select(PushSubscription.id)
        .join(Engineer, Engineer.user_id == PushSubscription.user_id)
        .join(Device, Device.id == PushSubscription.device_id)
        .join(User, User.id == PushSubscription.user_id)
        .where(Engineer.id.in_(engineers), Device.revoked_at.is_(None), User.active, User.deleted_at.is_(None))
    )
    for subscription_id in tx.session.scalars(query):
        args = {"subscription_id": str(subscription_id), "visit_id": str(visit_id), "kind": kind}
        tasks.schedule(tx, SEND, args, key=f"{cause}:{subscription_id}")


def send(tx: Tx, row: PushSubscription, content: dict[str, Any], topic: str) -> str:
    """Hands a message over and says what became of it: `sent`; `gone`, the phone is not reached there any more and is
    forgotten; or `refused`. Raises OSError or Later when it is worth trying again. `topic`: a later message of the
    same one takes the place of one that waits."""
    body = sealing.seal(json.dumps(content, ensure_ascii=False).encode(), row.p256dh, row.auth)
    headers = {
        "Authorization": sealing.sender(sealing.server_key(row.org_id), row.endpoint, settings().contact),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_S),
        "Urgency": "high",
        "Topic": topic,
    }
    request = urllib.request.Request(row.endpoint, body, headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except HTTPError as error:
        return _not_taken(tx, row, error)
    return "sent"


def _not_taken(tx: Tx, row: PushSubscription, error: HTTPError) -> str:
    if error.code in GONE:
        tx.session.delete(row)
        tx.session.flush()
        return "gone"
    if error.code in NEVER:
        return "refused"
    after = rules.pause(error.headers.get("Retry-After"), tx.now)
    raise tasks.Later(f"the push service answered {error.code}", min(after, timedelta(seconds=TTL_S))) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Only the services that were named are spoken to, whatever they answer."""

    def redirect_request(self, *_args: Any) -> None:
        return None
