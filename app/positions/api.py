"""Endpoints of positions and tracks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, request

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.http import Blueprint, Resource, lists
from app.kernel.http.resources import GEOJSON, equals
from app.positions import commands, queries, readers
from app.positions.models import LatestPosition, Tracker
from app.positions.schemas import (
    BatchSchema,
    LatestListSchema,
    NewTrackerSchema,
    ReadersSchema,
    RecordedSchema,
    TrackerHealthSchema,
    TrackerRequestSchema,
    TrackerSchema,
    TrackQuerySchema,
    TrackSchema,
)
from app.positions.trackers_api import blueprint as trackers_blueprint

blueprint = Blueprint("positions", __name__, url_prefix="/api/v1", description="Where engineers are and were")
BLUEPRINTS = [blueprint, trackers_blueprint]

EXAMPLE = {"positions": [{"at": "2026-03-02T08:15:00Z", "lat": 31.2304, "lon": 121.4737, "accuracy": 8}]}
LAYER = {"content_type": GEOJSON, "description": "A GeoJSON FeatureCollection", "schema": {"type": "object"}}

TRACKERS = Resource(
    path="trackers",
    model=Tracker,
    schema=TrackerSchema,
    right="positions",
    noun="tracker",
    view=queries.trackers,
    filters={"engineer_id": equals(Tracker.engineer_id)},
    scope=queries.own_trackers,
    verbs="lrd",
)
TRACKERS.register(blueprint)


@blueprint.endpoint(
    "POST",
    "/positions",
    right="positions.write",
    summary="Send a batch of fixes",
    schema=RecordedSchema,
    body=BatchSchema,
    example=EXAMPLE,
)
def send_positions(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    return asdict(commands.record(tx, body["positions"], body.get("engineer_id")))


@blueprint.endpoint(
    "POST",
    "/positions/health",
    right="positions.write",
    status=204,
    summary="Tell how the phone's tracker fares",
    body=TrackerHealthSchema,
)
def send_health(tx: Tx, body: dict[str, Any]) -> None:
    commands.record_health(tx, body)


@blueprint.endpoint(
    "GET",
    "/me/position-readers",
    right="self.use",
    summary="Who looked at my positions",
    schema=ReadersSchema,
)
def read_readers(tx: Tx) -> dict[str, Any]:
    return {"items": readers.of_engineer(tx)}


@blueprint.endpoint(
    "GET",
    "/engineers/positions",
    right="positions.read",
    summary="Where everybody is",
    schema=LatestListSchema,
    responses={200: LAYER},
)
def latest_positions(tx: Tx) -> dict[str, Any] | Response:
    view = queries.latest(tx)
    if request.accept_mimetypes.best_match(["application/json", GEOJSON]) == GEOJSON:
        readers.note_map(tx, tx.session.scalars(view.with_only_columns(LatestPosition.engineer_id)).all())
        return lists.feature_collection(tx, view, "location", lists.MAX_FEATURES)
    found = [dict(row) for row in tx.session.execute(view.limit(lists.MAX_FEATURES)).mappings()]
    readers.note_map(tx, [row["engineer_id"] for row in found])
    return {"items": found}


@blueprint.endpoint(
    "GET",
    "/engineers/<uuid:engineer_id>/track",
    right="positions.read",
    summary="Where an engineer was; reading it is audited",
    schema=TrackSchema,
    query=TrackQuerySchema,
)
def read_track(tx: Tx, query: dict[str, Any], engineer_id: UUID) -> dict[str, Any]:
    return queries.track(tx, engineer_id, query["since"], query["until"], query["tolerance_m"])


@blueprint.endpoint(
    "POST",
    "/trackers",
    right="positions.write",
    summary="Register a tracker; answers with its token",
    status=201,
    schema=NewTrackerSchema,
    body=TrackerRequestSchema,
)
def add_tracker(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    tracker, token = commands.add_tracker(tx, body["name"], body.get("engineer_id"))
    return {**rows.one(tx, queries.trackers(), Tracker, tracker.id), "token": token}
