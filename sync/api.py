"""The native protocol: handshake, pull, push, checksum, status, stream."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.kernel.problems import invalid
from sync import checksum, devices, stream
from sync.faces.api import BLUEPRINTS as FACES
from sync.protocol.cursor import Cursor
from sync.pull import Request, look, pull
from sync.push import push
from sync.schemas import (
    ChecksumQuery,
    ChecksumSchema,
    HandshakeSchema,
    PageSchema,
    PullQuery,
    PushedSchema,
    PushSchema,
    StatusSchema,
    WelcomeSchema,
)
from sync.scope import scope_of

blueprint = Blueprint("sync", __name__, url_prefix="/api/v1/sync", description="What phones hold, offline and in step")
BLUEPRINTS = [blueprint, *FACES]


@blueprint.endpoint(
    "POST",
    "/handshake",
    right="sync.use",
    summary="A device says who it is; learns the time, the collections, and whether to erase itself",
    body=HandshakeSchema,
    schema=WelcomeSchema,
    revoked_device_ok=True,
)
def shake_hands(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    return devices.handshake(tx, body)


@blueprint.endpoint(
    "GET", "/pull", right="sync.use", summary="What changed since a cursor", query=PullQuery, schema=PageSchema
)
def pull_page(tx: Tx, query: dict[str, Any]) -> bytes:
    return pull(tx, Request(query["cursor"], query["limit"], tuple(query["collections"]))).encode()


@blueprint.endpoint(
    "POST",
    "/push",
    right="sync.use",
    summary="A device's changes, each applied, merged, kept as a conflict, or rejected and kept",
    body=PushSchema,
    schema=PushedSchema,
    revoked_device_ok=True,
)
def push_mutations(tx: Tx, body: dict[str, Any]) -> bytes:
    seen: set[UUID] = set()
    for index, mutation in enumerate(body["mutations"]):
        if mutation["id"] in seen:
            raise invalid(f"/mutations/{index}/id", "This id is twice in the batch.")
        seen.add(mutation["id"])
    return push(tx, body["device_id"], body["mutations"])


@blueprint.endpoint(
    "GET",
    "/checksum",
    right="sync.use",
    summary="What a copy that has everything comes to",
    query=ChecksumQuery,
    schema=ChecksumSchema,
    problems=[409],
)
def read_checksum(tx: Tx, query: dict[str, Any]) -> dict[str, Any]:
    return checksum.checksum(tx, query["cursor"])


@blueprint.endpoint(
    "GET", "/status", right="sync.status", summary="How the devices of the organisation stand", schema=StatusSchema
)
def read_status(tx: Tx) -> dict[str, Any]:
    return devices.status(tx)


@blueprint.endpoint(
    "GET",
    "/stream",
    right="sync.use",
    summary="Pokes: when a pull would bring something (Server-Sent Events)",
    responses={200: {"content_type": "text/event-stream", "schema": {"type": "string"}}},
)
def open_stream(tx: Tx) -> Response:
    scope = scope_of(tx.actor)
    horizon = look(tx, scope)
    return stream.open_stream(scope, Cursor(horizon.gen, horizon.head))
