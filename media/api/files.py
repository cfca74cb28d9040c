"""Files: announced, sent in one request, listed, served, linked."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields

from app.kernel import clock
from app.kernel.actor import Actor, system_actor
from app.kernel.config import config
from app.kernel.db import Tx, transaction
from app.kernel.http import Blueprint, Resource
from app.kernel.http.rendering import json_response
from app.kernel.http.resources import equals, one_of
from app.kernel.ids import new_id
from app.kernel.problems import MALFORMED, UNSUPPORTED_TYPE, FieldError, invalid
from app.work import commands as work
from media import access, commands, queries, serving
from media.api.uploads import body, uploads_of
from media.links import Link, opened
from media.models import Media
from media.schemas import AnnouncementSchema, LinkBodySchema, LinkSchema, MediaSchema, ThumbnailQuery

blueprint = Blueprint("media", __name__, url_prefix="/api/v1", description="Photos, sound, video, files")

BINARY: dict[str, Any] = {"content_type": "*/*", "schema": {"type": "string", "format": "binary"}}
SERVED: dict[int, dict[str, Any]] = {
    200: BINARY,
    206: {**BINARY, "description": "The range asked for"},
    304: {"description": "Not modified"},
}
RANGE = {"in": "header", "name": "Range", "schema": {"type": "string"}, "example": "bytes=0-1023"}
_SHA256 = re.compile(r"sha-256=:?([A-Za-z0-9+/]{43}=):?", re.IGNORECASE)

MEDIA = Resource(
    path="media",
    model=Media,
    schema=MediaSchema,
    right="media",
    noun="media",
    view=queries.media,
    filters={
        "visit_id": equals(Media.visit_id),
        "item_id": equals(Media.item_id),
        "created_by": equals(Media.created_by),
        "sha256": equals(Media.sha256, fields.String(load_default=None)),
        "kind": one_of(Media.kind),
        "state": one_of(Media.state),
    },
    sorts={"captured_at": Media.captured_at},
    scope=access.media_of,
    verbs="lr",
)
MEDIA.register(blueprint)


@blueprint.endpoint(
    "POST",
    "/media",
    right="media.write",
    status=201,
    summary="Announce a file; its bytes come by PUT or as an upload",
    schema=MediaSchema,
    body=AnnouncementSchema,
    problems=(404,),
)
def announce(tx: Tx, body: dict[str, Any]) -> Response:
    media_id, at = body.pop("id", None) or new_id(), work.when(tx, body.pop("device_at", None))
    media = commands.announce(tx, media_id, body, at=at)
    return json_response(MEDIA.one(tx, media.id), 201, {"Location": f"/api/v1/media/{media.id}"})


@blueprint.endpoint(
    "PUT",
    "/media/<uuid:media_id>/content",
    right="media.write",
    streamed=True,
    summary="The whole file in one request",
    schema=MediaSchema,
    problems=(400, 413, 415, 460, 507),
    documented={
        "parameters": [
            {"in": "header", "name": "Digest", "schema": {"type": "string"}, "description": "`sha-256=` and base64"},
            {
                "in": "header",
                "name": "Content-Digest",
                "schema": {"type": "string"},
                "description": "RFC 9530: `sha-256=:base64:`",
            },
        ],
        "requestBody": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def put_content(actor: Actor, media_id: UUID) -> Response:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UNSUPPORTED_TYPE("Send the file as it is, without Content-Encoding.")
    sent = body()
    if sent.length is None:
        raise MALFORMED("Say how long the file is (Content-Length).")
    told = {"filetype": request.mimetype} if request.mimetype else {}
    uploads_of(actor).put(media_id, sent.length, promised_digest(), told, sent)
    with transaction(actor) as tx:
        return json_response(queries.one(tx, media_id))


def promised_digest() -> str | None:
    """The sha256 that `Content-Digest`, `Repr-Digest` or `Digest` names, in hex; 400 for one that is not readable."""
    for name in ("Content-Digest", "Repr-Digest", "Digest"):
        for member in request.headers.get(name, "").split(","):
            algorithm, _, _ = member.strip().partition("=")
            if algorithm.lower() != "sha-256":
                continue
            found = _SHA256.fullmatch(member.strip())
            try:
                return base64.b64decode(found[1], validate=True).hex() if found else _bad_digest(name)
            except binascii.Error:
                _bad_digest(name)
    return None


def _bad_digest(name: str) -> str:
    detail = f"{name} must be sha-256= and 32 bytes in base64 (between colons in Content-Digest)."
    raise MALFORMED(detail, errors=[FieldError(name, detail)])


@blueprint.endpoint(
    "GET",
    "/media/<uuid:media_id>/content",
    right="media.read",
    summary="The original",
    problems=(409, 416),
    responses=SERVED,
    documented={"parameters": [RANGE]},
)
def read_content(tx: Tx, media_id: UUID) -> Response:
    return serving.original(access.readable(tx, media_id))


@blueprint.endpoint(
    "GET",
    "/media/<uuid:media_id>/thumbnail",
    right="media.read",
    summary="A small upright picture without metadata",
    query=ThumbnailQuery,
    problems=(409, 416),
    responses=SERVED,
    documented={"parameters": [RANGE]},
)
def read_thumbnail(tx: Tx, query: dict[str, Any], media_id: UUID) -> Response:
    return serving.thumbnail(access.readable(tx, media_id), query["size"])


@blueprint.endpoint(
    "POST",
    "/media/<uuid:media_id>/link",
    right="media.read",
    status=201,
    summary="An address that serves the file without a token, for at most five minutes",
    schema=LinkSchema,
    body=LinkBodySchema,
)
def make_link(tx: Tx, body: dict[str, Any], media_id: UUID) -> dict[str, Any]:
    media = access.readable(tx, media_id)
    serving.demand_here(media)
    if body["size"] and str(body["size"]) not in media.thumbnails:
        raise invalid("/size", "There is no small picture of this size.")
    expires_at = (tx.now + timedelta(seconds=body["expires_in"])).replace(microsecond=0)
    token = Link(media.org_id, media.id, expires_at, body["size"] or 0).token()
    return {"url": f"{config().public_url.rstrip('/')}/api/v1/media/linked/{token}", "expires_at": expires_at}


@blueprint.endpoint(
    "GET",
    "/media/linked/<token>",
    right=None,
    summary="The file behind a link; an object store serves it itself",
    problems=(409, 410, 416),
    responses={**SERVED, 307: {"description": "The object store has it"}},
    documented={"parameters": [RANGE]},
)
def read_linked(token: str) -> Response:
    link = opened(token, clock.now())
    with transaction(system_actor(link.org_id)) as tx:
        media = access.readable(tx, link.media_id)
        elsewhere = None if link.size else serving.elsewhere(media)
        if elsewhere:
            return Response(status=307, headers={"Location": elsewhere, "Cache-Control": "no-store"})
        response = serving.thumbnail(media, link.size) if link.size else serving.original(media)
    left = max(0, int((link.expires_at - clock.now()).total_seconds()))
    response.headers["Cache-Control"] = f"private, max-age={left}"
    return response
