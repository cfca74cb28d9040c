"""The report as it is shown, its sign-offs, and the sealed PDF."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields, validate
from sqlalchemy import select

from app.kernel.actor import Actor
from app.kernel.db import Tx, transaction
from app.kernel.http import Blueprint, Schema
from app.kernel.http.rendering import json_response
from app.kernel.problems import not_found
from app.work import access
from app.work.models import Visit
from media import canonical, commands, queries, serving
from media.commands import sealing
from media.models import SealedReport, Signature
from media.reports.differences import differences
from media.schemas import (
    ReleaseSchema,
    ReportQuery,
    SealingTaskSchema,
    ShownReportSchema,
    SignatureSchema,
    SignaturesSchema,
    SignOffSchema,
)
from media.store import BlobKey

blueprint = Blueprint("sign-off", __name__, url_prefix="/api/v1", description="Reports and signatures")

WAIT_S, MAX_WAIT_S, LOOK_EVERY_S = 3, 10, 0.1
PDF = {"content_type": "application/pdf", "schema": {"type": "string", "format": "binary"}}
PREFER = {
    "in": "header",
    "name": "Prefer",
    "schema": {"type": "string"},
    "example": "wait=3",
    "description": f"`wait=N`: how many seconds to wait for a report that is still to be sealed ({WAIT_S}).",
}


class VersionQuery(Schema):
    """Which version of the report; the newest is made if need be."""

    version = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))


def _visit(tx: Tx, visit_id: UUID, right: str) -> Visit:
    visit = tx.get(Visit, visit_id)
    access.demand_visit(tx, visit, right)
    return visit


@blueprint.endpoint(
    "GET",
    "/visits/<uuid:visit_id>/report",
    right="reports.read",
    summary="The report as it is shown to the signer, with its hash",
    schema=ShownReportSchema,
    query=ReportQuery,
    problems=(409,),
)
def read_report(tx: Tx, query: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
    visit = _visit(tx, visit_id, "reports.read")
    document = sealing.shown(tx, visit, query["language"])
    data = canonical.dumps(document)
    last = sealing.last_sign_off(tx, visit.id)
    signed = _signed_state(last, document) if last else None
    return {"document": document, "canonical": data.decode(), "sha256": canonical.sha256(data), "signed": signed}


def _signed_state(signature: Signature, now: dict[str, Any]) -> dict[str, Any]:
    return {
        "signoff_id": signature.id,
        "outcome": signature.outcome,
        "signer_name": signature.signer_name,
        "signed_at": signature.corrected_at,
        "doc_sha256": signature.doc_sha256,
        "changed": differences(canonical.loads(signature.document), now),
    }


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/signature",
    right="signatures.write",
    status=201,
    summary="Keep a signature, or a refusal to sign; the same again gives the same receipt",
    schema=SignatureSchema,
    body=SignOffSchema,
    responses={200: {"description": "Kept before", "schema": SignatureSchema}},
)
def sign(tx: Tx, body: dict[str, Any], visit_id: UUID) -> Response:
    before = tx.session.scalar(select(Signature.id).where(Signature.envelope == body["envelope"]))
    signature = commands.sign(tx, visit_id, **body)
    return json_response(queries.shown(tx, signature), 200 if before else 201)


@blueprint.endpoint(
    "GET",
    "/visits/<uuid:visit_id>/signatures",
    right="reports.read",
    summary="The sign-offs of a visit",
    schema=SignaturesSchema,
)
def list_signatures(tx: Tx, visit_id: UUID) -> dict[str, Any]:
    return {"items": queries.sign_offs(tx, _visit(tx, visit_id, "reports.read").id)}


@blueprint.endpoint(
    "POST",
    "/visits/<uuid:visit_id>/signatures/<uuid:signoff_id>/release",
    right="conflicts.resolve",
    summary="Record a held sign-off although earlier ones of its device will never come",
    schema=SignatureSchema,
    body=ReleaseSchema,
)
def release(tx: Tx, body: dict[str, Any], visit_id: UUID, signoff_id: UUID) -> dict[str, Any]:
    visit = _visit(tx, visit_id, "conflicts.resolve")
    return queries.shown(tx, commands.release(tx, visit.id, signoff_id, body["reason"]))


@blueprint.endpoint(
    "GET",
    "/visits/<uuid:visit_id>/report.pdf",
    right="reports.read",
    streamed=True,
    summary="The sealed report; 202 with the task while it is being sealed",
    query=VersionQuery,
    problems=(409, 416),
    responses={
        200: PDF,
        206: {**PDF, "description": "The range asked for"},
        202: {"schema": SealingTaskSchema, "description": "It is being sealed"},
        304: {"description": "Not modified"},
    },
    documented={"parameters": [PREFER]},
)
def read_pdf(actor: Actor, query: dict[str, Any], visit_id: UUID) -> Response:
    deadline = time.monotonic() + _patience()
    found = _sealed(actor, visit_id, query["version"])
    while isinstance(found, UUID):
        if time.monotonic() >= deadline:
            url = f"/api/v1/tasks/{found}"
            return json_response({"task_id": found, "url": url}, 202, {"Location": url, "Retry-After": "2"})
        time.sleep(LOOK_EVERY_S)
        found = _sealed(actor, visit_id, query["version"], asked=found)
    key = BlobKey(found.org_id, found.sha256)
    name = f"{found.number}{f'-v{found.version}' if found.version > 1 else ''}.pdf"
    response = serving.send(key, found.size, "application/pdf", name, inline=False)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _patience() -> float:
    told = re.search(r"\bwait=([0-9]{1,3})\b", request.headers.get("Prefer", ""))
    return min(int(told[1]), MAX_WAIT_S) if told else WAIT_S


def _sealed(actor: Actor, visit_id: UUID, version: int | None, asked: UUID | None = None) -> SealedReport | UUID:
    """The report, or the task that will seal it; every look is a transaction of its own, so nobody is kept waiting."""
    with transaction(actor) as tx:
        visit = _visit(tx, visit_id, "reports.read")
        if version is not None:
            return _version(tx, visit_id, version)
        last, basis = sealing.newest(tx, visit_id), sealing.basis_of(tx, visit)
        if last is not None and last.basis == basis.digest:
            return last
        if asked is not None and sealing.pending(tx, asked):
            return asked
        return sealing.ask_for_seal(tx, visit_id)


def _version(tx: Tx, visit_id: UUID, version: int) -> SealedReport:
    query = select(SealedReport).where(SealedReport.visit_id == visit_id, SealedReport.version == version)
    found = tx.session.scalars(query).one_or_none()
    if found is None:
        raise not_found("version of this report")
    return found
