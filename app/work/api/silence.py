"""The endpoint of places without a signal."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from app.kernel.db import Tx
from app.kernel.http import Blueprint, Moment, Schema
from app.work.silence import silent_sites

blueprint = Blueprint("silence", __name__, url_prefix="/api/v1", description="Where phones have no signal")


class SilentSiteSchema(Schema):
    """A site from which most of what phones recorded arrived late."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    location = fields.Dict(required=True, metadata={"description": "GeoJSON Point"})
    facts = fields.Integer(required=True, metadata={"description": "What phones recorded there lately."})
    late = fields.Integer(required=True, metadata={"description": "Of it arrived more than ten minutes later."})
    newest_at = Moment(required=True, metadata={"description": "When the newest of these arrived."})


class SilentSitesSchema(Schema):
    """Sites without a signal, the most silent first."""

    items = fields.List(fields.Nested(SilentSiteSchema), required=True)


@blueprint.endpoint(
    "GET",
    "/silent-sites",
    right="visits.read",
    summary="Sites where phones have no signal, by what arrived late",
    schema=SilentSitesSchema,
)
def read_silent_sites(tx: Tx) -> dict[str, Any]:
    return {"items": silent_sites(tx)}
