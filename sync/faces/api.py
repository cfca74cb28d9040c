"""Endpoints of the faces. Their shapes are those of the stock clients."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.kernel.http.authentication import claims_of_request
from sync.faces import pull_stream, rxdb
from sync.faces.devices import own_device_id
from sync.faces.schemas import (
    RxdbPageSchema,
    RxdbPullQuery,
    RxdbRowSchema,
    WatermelonPageSchema,
    WatermelonPullQuery,
    WatermelonPushedSchema,
    WatermelonPushQuery,
    WatermelonPushSchema,
)
from sync.faces.watermelon.pulling import pull_changes
from sync.faces.watermelon.pushing import push_changes

watermelon = Blueprint("watermelon", __name__, url_prefix="/api/v1/sync", description="Sync for WatermelonDB")
rxdb_blueprint = Blueprint("rxdb", __name__, url_prefix="/api/v1/sync/rxdb", description="Sync for RxDB")
BLUEPRINTS = [watermelon, rxdb_blueprint]
COLLECTION = "/<name>/<version>"


@watermelon.endpoint(
    "GET",
    "/watermelon",
    right="sync.use",
    summary="What changed, for WatermelonDB's `pullChanges`",
    query=WatermelonPullQuery,
    schema=WatermelonPageSchema,
)
def pull_watermelon(tx: Tx, query: dict[str, Any]) -> bytes:
    return pull_changes(tx, query)


@watermelon.endpoint(
    "POST",
    "/watermelon",
    right="sync.use",
    summary="What a client changed, from WatermelonDB's `pushChanges`",
    query=WatermelonPushQuery,
    body=WatermelonPushSchema,
    schema=WatermelonPushedSchema,
    revoked_device_ok=True,
)
def push_watermelon(tx: Tx, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    push_changes(tx, query["last_pulled_at"], body["changes"], strict=query["strict"])
    return {}


@rxdb_blueprint.endpoint(
    "GET",
    f"{COLLECTION}/pull",
    right="sync.use",
    summary="Documents since a checkpoint",
    query=RxdbPullQuery,
    schema=RxdbPageSchema,
    problems=[426],
)
def pull_rxdb(tx: Tx, query: dict[str, Any], name: str, version: str) -> dict[str, Any]:
    rxdb.demand_version(name, version)
    return rxdb.pull_documents(tx, name, query["lwt"], query["limit"])


@rxdb_blueprint.endpoint(
    "POST",
    f"{COLLECTION}/push",
    right="sync.use",
    summary="Writes; the answer holds the true states of those that were not taken as they are",
    body=RxdbRowSchema(many=True),
    responses={200: {"schema": {"type": "array", "items": {"type": "object"}}}},
    problems=[426],
    revoked_device_ok=True,
)
def push_rxdb(tx: Tx, body: list[dict[str, Any]], name: str, version: str) -> Response:
    rxdb.demand_version(name, version)
    answer = rxdb.push_documents(tx, name, own_device_id(tx), body)
    return Response(orjson.dumps(answer), mimetype="application/json")


@rxdb_blueprint.endpoint(
    "GET",
    f"{COLLECTION}/pullStream",
    right="sync.use",
    summary="Documents as they change (Server-Sent Events)",
    responses={200: {"content_type": "text/event-stream", "schema": {"type": "string"}}},
    problems=[426],
)
def stream_rxdb(tx: Tx, name: str, version: str) -> Response:
    rxdb.demand_version(name, version)
    return pull_stream.open_stream(tx, claims_of_request(), name)


@rxdb_blueprint.after_request  # type: ignore[untyped-decorator]
def mark_errors(response: Response) -> Response:
    """The stock client takes any JSON without `error` for an answer, and breaks upon a problem document."""
    if response.mimetype == "application/problem+json":
        problem = orjson.loads(response.get_data())
        response.set_data(orjson.dumps({**problem, "error": problem["title"]}))
    return response
