"""tus 1.0 over HTTP: headers in, headers out; the state machine decides, bodies flow through in pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

from flask import Response, request

from app.kernel.actor import Actor
from app.kernel.db import transaction
from app.kernel.http import Blueprint
from app.kernel.http.bodies import open_body
from app.kernel.problems import METHOD_NOT_ALLOWED
from media import access, places, serving
from media.models import Media
from media.problems import MEDIA_NOT_READY
from media.upload_rows import DatabaseRows
from media.uploads import VERSION, Answer, Body, Limits, Uploads, answers
from media.uploads.wire import CONTENT_TYPE

COLLECTION, ITEM = "/media/uploads", "/media/uploads/<uuid:upload_id>"
LIMITS = Limits()
PROBLEMS = (400, 404, 409, 410, 412, 413, 415, 460, 507)

blueprint = Blueprint("uploads", __name__, url_prefix="/api/v1", description="Resumable uploads (tus 1.0)")


def _header(name: str, description: str, *, required: bool = False, example: str | None = None) -> dict[str, Any]:
    schema = {"type": "string", **({"example": example} if example else {})}
    return {"in": "header", "name": name, "description": description, "required": required, "schema": schema}


RESUMABLE = _header("Tus-Resumable", "The protocol's version.", required=True, example=VERSION)
CHECKSUM = _header("Upload-Checksum", "`sha1` or `sha256`, a space, the digest of this body in base64.")
LENGTH = _header("Upload-Length", "Bytes of the whole file.", example="1048576")
BYTES = {"content": {CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
CREATING = {
    "parameters": [
        RESUMABLE,
        LENGTH,
        _header("Upload-Defer-Length", "`1`: the length comes later."),
        _header(
            "Upload-Metadata", "Pairs of key and base64: filename, filetype, media_id, visit_id, sha256, captured_at."
        ),
        _header("Upload-Concat", "`partial`, or `final;` and the addresses of the parts."),
        CHECKSUM,
    ],
    "requestBody": {**BYTES, "description": "The first bytes, if they come along."},
}
WRITING = {
    "parameters": [
        RESUMABLE,
        _header("Upload-Offset", "Where these bytes belong.", required=True, example="0"),
        LENGTH,
        CHECKSUM,
    ],
    "requestBody": BYTES,
}


def uploads_of(actor: Actor) -> Uploads:
    """The uploads of a caller; those of an API key belong to its organisation."""
    owner_id = actor.user_id or actor.org_id
    base = f"/api/v1{COLLECTION}"
    return Uploads(
        DatabaseRows(actor), places.staging(), org_id=actor.org_id, owner_id=owner_id, base=base, limits=LIMITS
    )


def headers() -> Mapping[str, str]:
    """This request's headers, by any spelling of their names."""
    return cast(Mapping[str, str], request.headers)


def body() -> Body:
    """This request's body."""
    return Body(*open_body(request))


def _sent(answer: Answer) -> Response:
    return Response(status=answer.status, headers=dict(answer.headers))


def speak_tus(response: Response) -> Response:
    """Every answer names the version; a refusal for another version names those that are spoken."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


blueprint.after_request(speak_tus)


# OPTIONS and HEAD stand before the routes that would bring automatic ones.
@blueprint.endpoint("OPTIONS", COLLECTION, right=None, status=204, summary="What this server can do")
def describe() -> Response:
    return _sent(answers.options(LIMITS.max_size))


@blueprint.endpoint(
    "POST",
    COLLECTION,
    right="media.write",
    status=201,
    streamed=True,
    summary="Announce an upload, perhaps with its first bytes",
    problems=PROBLEMS,
    documented=CREATING,
)
def create_upload(actor: Actor) -> Response:
    return _sent(uploads_of(actor).create(headers(), body()))


@blueprint.endpoint(
    "HEAD",
    ITEM,
    right="media.write",
    streamed=True,
    summary="The offset that the next PATCH must name; older writers are fenced",
    problems=PROBLEMS,
    documented={"parameters": [RESUMABLE]},
)
def head_upload(actor: Actor, upload_id: UUID) -> Response:
    return _sent(uploads_of(actor).head(upload_id, headers()))


@blueprint.endpoint(
    "PATCH",
    ITEM,
    right="media.write",
    status=204,
    streamed=True,
    summary="Send bytes at an offset",
    problems=PROBLEMS,
    documented=WRITING,
)
def write_upload(actor: Actor, upload_id: UUID) -> Response:
    return _sent(uploads_of(actor).patch(upload_id, headers(), body()))


@blueprint.endpoint(
    "DELETE",
    ITEM,
    right="media.write",
    status=204,
    streamed=True,
    summary="Give an upload up",
    problems=PROBLEMS,
    documented={"parameters": [RESUMABLE]},
)
def end_upload(actor: Actor, upload_id: UUID) -> Response:
    return _sent(uploads_of(actor).end(upload_id, headers()))


OVERRIDABLE: dict[str, Callable[[Actor, UUID], Response]] = {
    "HEAD": head_upload,
    "PATCH": write_upload,
    "DELETE": end_upload,
}


@blueprint.endpoint(
    "POST",
    ITEM,
    right="media.write",
    status=204,
    streamed=True,
    summary="The method that X-HTTP-Method-Override names, for clients that cannot send it",
    problems=(405, *PROBLEMS),
    responses={200: {"description": "HEAD"}},
    documented={**WRITING, "parameters": [*WRITING["parameters"], _header("X-HTTP-Method-Override", "The method.")]},
)
def override(actor: Actor, upload_id: UUID) -> Response:
    view = OVERRIDABLE.get(headers().get("X-HTTP-Method-Override", "").upper())
    if view is None:
        raise METHOD_NOT_ALLOWED("POST to an upload needs X-HTTP-Method-Override: PATCH, DELETE or HEAD.")
    return view(actor, upload_id)


@blueprint.endpoint(
    "GET",
    ITEM,
    right="media.read",
    streamed=True,
    summary="The bytes of a complete upload, for its owner",
    problems=(409, 410, 416),
    responses={200: {"content_type": "*/*", "schema": {"type": "string", "format": "binary"}}},
)
def read_upload(actor: Actor, upload_id: UUID) -> Response:
    upload = uploads_of(actor).known(upload_id)
    if not upload.complete or upload.kind == "partial":
        raise MEDIA_NOT_READY("This upload is not complete.")
    with transaction(actor) as tx:
        media: Media = access.readable(tx, upload.media_id or upload.id)
        return serving.original(media)
