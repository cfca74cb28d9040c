"""Expected against present: what a dispatcher sees of files that are still on phones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.http import Blueprint
from app.work import access
from app.work.models import Visit
from media import manifest
from media.schemas import ManifestSchema, OutstandingListSchema

blueprint = Blueprint("manifests", __name__, url_prefix="/api/v1", description="Files that are still on their way")


@blueprint.endpoint(
    "GET",
    "/visits/<uuid:visit_id>/manifest",
    right="media.read",
    summary="Every file that the visit expects, how much of it is here, and which device has the rest",
    schema=ManifestSchema,
)
def read_manifest(tx: Tx, visit_id: UUID) -> dict[str, Any]:
    visit = tx.get(Visit, visit_id)
    access.demand_visit(tx, visit, "media.read")
    return manifest.of_visit(tx, visit.id)


@blueprint.endpoint(
    "GET",
    "/media/outstanding",
    right="media.read",
    summary="Visits that still wait for files, by device, the longest waiting first",
    schema=OutstandingListSchema,
)
def list_outstanding(tx: Tx) -> dict[str, Any]:
    return {"items": manifest.outstanding(tx, tx.actor)}
