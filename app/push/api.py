"""Endpoints of push subscriptions: each device has one, its own."""

from __future__ import annotations

from typing import Any

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.push import commands, sealing
from app.push.schemas import PushKeySchema, PushSubscriptionSchema

blueprint = Blueprint("push", __name__, url_prefix="/api/v1", description="What phones are told while nobody looks")
BLUEPRINTS = [blueprint]

EXAMPLE = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


@blueprint.endpoint("GET", "/me/push-key", right="self.use", summary="The key to subscribe with", schema=PushKeySchema)
def read_key(tx: Tx) -> dict[str, Any]:
    return {"key": sealing.text(sealing.public_bytes(sealing.server_key(tx.actor.org_id)))}


@blueprint.endpoint(
    "PUT",
    "/me/push-subscription",
    right="self.use",
    status=204,
    summary="Tell this device of new and changed work",
    body=PushSubscriptionSchema,
    example=EXAMPLE,
)
def subscribe(tx: Tx, body: dict[str, Any]) -> None:
    commands.subscribe(tx, body["endpoint"], **body["keys"])


@blueprint.endpoint(
    "DELETE", "/me/push-subscription", right="self.use", status=204, summary="Tell this device nothing any more"
)
def unsubscribe(tx: Tx) -> None:
    commands.unsubscribe(tx)
