"""The endpoint of imports."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import ValidationError

from app.imports import tasks
from app.imports.schemas import AcceptedSchema, ImportSchema, map_of
from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.kernel.http.reading import field_errors, read_json
from app.kernel.problems import INVALID
from app.kernel.tasks import enqueue

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1", description="Exports of other systems")
BLUEPRINTS = [blueprint]

EXAMPLE = {
    "map": {
        "source": "old_system",
        "fields": {"external_id": "{no}", "subject": "{what}", "address": "{where}", "job_type": "repair"},
        "job_types": {"repair": {"name": "Repair", "duration_s": 3600}},
    },
    "rows": [{"no": "17", "what": "Lamp is dark", "where": "1 Main Street"}],
}


@blueprint.endpoint(
    "POST",
    "/imports/requests",
    right="requests.write",
    summary="Import requests in the background",
    status=202,
    schema=AcceptedSchema,
    body=ImportSchema,
    example=EXAMPLE,
)
def import_requests(tx: Tx, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        map_of(body["map"])
    except ValidationError as error:
        raise INVALID("The map is not complete.", errors=field_errors(error)) from None
    # The task reads the map as it was sent: what is stored is plain JSON.
    args = {**body, "map": read_json(request)["map"]}
    task_id = enqueue(tx, tasks.IMPORT_REQUESTS, args)
    return {"id": task_id}, {"Location": f"/api/v1/tasks/{task_id}"}
