"""Signing by a link: made by whoever may collect signatures, opened by the customer without an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request

from app.kernel import ratelimit
from app.kernel.actor import Actor, system_actor
from app.kernel.config import config
from app.kernel.db import Tx, transaction
from app.kernel.http import Blueprint
from app.kernel.http.rendering import json_response
from app.kernel.problems import NOT_FOUND
from app.work import access
from app.work.models import Visit
from media import canonical, queries, remote_words
from media.commands import remote
from media.keys import organisation_name
from media.links import Link
from media.models import Media
from media.schemas import (
    CodeSentSchema,
    NewSignLinkSchema,
    RemoteReceiptSchema,
    RemoteSignOffSchema,
    SignLinkBodySchema,
    SignLinkSchema,
    SignLinksSchema,
    SignPageSchema,
)

blueprint = Blueprint("sign-links", __name__, url_prefix="/api/v1", description="Signing by a link")
public = Blueprint("sign", __name__, url_prefix="/api/v1", description="Signing by a link, for the signer")

BY_ADDRESS, BY_LINK = "300 per minute", "30 per minute"
PICTURE, PICTURE_LIFETIME = 320, timedelta(minutes=5)


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/sign-link",
    right="signatures.write",
    status=201,
    summary="A link by which the customer signs on a device of their own; earlier open links of the visit end",
    schema=NewSignLinkSchema,
    body=SignLinkBodySchema,
)
def make_link(tx: Tx, body: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    visit = _visit(tx, visit_id, "signatures.write")
    link, token = remote.make_link(tx, visit, body)
    return {**queries.link_shown(tx, link), "url": f"{config().public_url.rstrip('/')}/sign/{token}"}


@blueprint.endpoint(
    "GET",
    "/visits/<uuid:visit_id>/sign-links",
    right="reports.read",
    summary="The links of a visit, and how far each has come",
    schema=SignLinksSchema,
)
def list_links(tx: Tx, visit_id: UUID) -> dict[str, Any]:
    return {"items": queries.sign_links(tx, _visit(tx, visit_id, "reports.read").id)}


@blueprint.endpoint(
    "DELETE",
    "/visits/<uuid:visit_id>/sign-links/<uuid:link_id>",
    right="signatures.write",
    summary="End a link: nobody signs by it any more",
    schema=SignLinkSchema,
)
def end_link(tx: Tx, visit_id: UUID, link_id: UUID) -> dict[str, Any]:
    visit = _visit(tx, visit_id, "signatures.write")
    return queries.link_shown(tx, remote.end_link(tx, visit.id, link_id))


def _visit(tx: Tx, visit_id: UUID, right: str) -> Visit:
    visit = tx.get(Visit, visit_id)
    access.demand_visit(tx, visit, right)
    return visit


@public.endpoint(
    "GET",
    "/sign/<token>",
    right=None,
    summary="The report that the link is about, as it will be signed",
    schema=SignPageSchema,
    problems=(409, 410),
)
def read_page(token: str) -> dict[str, Any]:
    actor, link_id = _opened(token)
    with transaction(actor) as tx:
        before = tx.get(remote.SignLink, link_id).shown_sha256
        link, document, sha256 = remote.open_link(tx, link_id)
        return {
            "organisation": organisation_name(tx),
            "language": link.language,
            "signer_name": link.signer_name,
            "sent_to": remote.masked(link.address),
            "expires_at": link.expires_at,
            "consent": remote_words.words(link.language)["consent"],
            "changed": before not in (None, sha256),
            "document": document,
            "canonical": canonical.dumps(document).decode(),
            "sha256": sha256,
            "pictures": _pictures(tx, document),
        }


def _pictures(tx: Tx, document: dict[str, Any]) -> dict[str, str]:
    """Links to the small pictures of the report's photos; they live for minutes, like every link to a file."""
    expires_at = tx.now + PICTURE_LIFETIME
    found = {}
    for photo in document["photos"]:
        media = tx.find(Media, UUID(photo["id"]))
        if media is not None and str(PICTURE) in media.thumbnails:
            token = Link(media.org_id, media.id, expires_at, PICTURE).token()
            found[photo["id"]] = f"/api/v1/media/linked/{token}"
    return found


@public.endpoint(
    "POST",
    "/sign/<token>/code",
    right=None,
    status=202,
    summary="Send a one-time code to the signer's own phone or mail",
    schema=CodeSentSchema,
    problems=(409, 410),
)
def send_code(token: str) -> Response:
    actor, link_id = _opened(token)
    with transaction(actor) as tx:
        link, shown = remote.new_code(tx, link_id)
        told = {
            "sent_to": remote.masked(link.address),
            "expires_at": tx.now + remote.CODE_LIFETIME,
            "shown_code": shown,
        }
    return json_response(told, 202)


@public.endpoint(
    "POST",
    "/sign/<token>",
    right=None,
    status=201,
    summary="Sign, or refuse to; 409 with the new report when it was changed since it was shown",
    schema=RemoteReceiptSchema,
    body=RemoteSignOffSchema,
    problems=(409, 410),
)
def sign(body: dict[str, Any], token: str) -> Response:
    actor, link_id = _opened(token)
    with transaction(actor) as tx:
        refused = remote.try_code(tx, link_id, body.pop("code"))
    if refused is not None:  # the try is committed, whatever is answered
        raise refused
    with transaction(actor) as tx:
        kept = remote.sign_by_link(tx, link_id, body)
        told = {
            "signoff_id": kept.id,
            "outcome": kept.outcome,
            "signed_at": kept.corrected_at,
            "doc_sha256": kept.doc_sha256,
            "receipt": kept.receipt,
        }
    return json_response(told, 201)


def _opened(token: str) -> tuple[Actor, UUID]:
    """Callout itself in the organisation of the link, and the link's id; 404 for what is no token of ours."""
    ratelimit.hit(BY_ADDRESS, "sign", request.remote_addr or "")
    ratelimit.hit(BY_LINK, "sign", remote.token_hash(token))
    found = queries.link_by_token(token)
    if found is None:
        raise NOT_FOUND("This is not a link for signing.")
    return system_actor(found[0]), found[1]
