"""Anybody may ask whether a report is ours, whole and unchanged: by its code, or by the file itself."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import jinja2
from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.kernel import ratelimit
from app.kernel.http import Blueprint
from app.kernel.http.bodies import open_body
from app.kernel.problems import MALFORMED, NOT_FOUND, TOO_LARGE
from media import queries
from media.reports.view import zone
from media.schemas import SealedReportSchema, VerdictSchema
from media.store import PIECE
from media.verify import MAX_SIZE, Sealed, Verdict, verify

blueprint = Blueprint("verify", __name__, url_prefix="/api/v1", description="Proof of a report")
pages = Blueprint("verify-pages", __name__, description="Proof of a report, as a page")

LOOK_UPS, CHECKS = "60 per minute", "20 per minute"
FORM_EXTRA = 64 * 1024
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        }
    }
}
HTML: dict[str, Any] = {"content_type": "text/html", "schema": {"type": "string"}}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
PAGES = Path(__file__).parent.parent / "pages"
WORDS: dict[str, dict[str, str]] = json.loads((PAGES / "words.json").read_text("utf-8"))
templates = jinja2.Environment(loader=jinja2.FileSystemLoader(PAGES), autoescape=True, trim_blocks=True)


def _limited(limit: str) -> None:
    ratelimit.hit(limit, "verify", request.remote_addr or "")


@blueprint.endpoint("GET", "/verify/<code>", right=None, summary="What a code stands for", schema=SealedReportSchema)
def read_code(code: str) -> dict[str, Any]:
    _limited(LOOK_UPS)
    found = queries.report_by_code(code)
    if found is None:
        raise NOT_FOUND("No report has this code. Look for letters that were mixed up: there is no I, L, O or U in it.")
    return asdict(found)


@blueprint.endpoint(
    "GET",
    "/verify/certificates/<fingerprint>",
    right=None,
    summary="The certificate (PEM) behind a receipt's `kid`, retired or not",
    responses={200: {"content_type": "application/x-pem-file", "schema": {"type": "string"}}},
)
def read_certificate(fingerprint: str) -> Response:
    _limited(LOOK_UPS)
    found = queries.certificate(fingerprint)
    if found is None:
        raise NOT_FOUND("No organisation here has, or had, this certificate.")
    return Response(found, mimetype="application/x-pem-file")


@blueprint.endpoint(
    "POST",
    "/verify",
    right=None,
    summary="Is this PDF ours, whole, unchanged",
    schema=VerdictSchema,
    problems=(400, 413),
    documented=UPLOAD,
)
def check_file() -> dict[str, Any]:
    return asdict(_verdict())


@pages.endpoint(
    "GET",
    "/verify",
    right=None,
    summary="The page that takes a code or a PDF",
    responses={200: HTML},
    documented={"operationId": "verify_page"},
)
def ask() -> Response:
    code = request.args.get("code", "").strip()
    return look(code) if code else _page(None, None, "")


@pages.endpoint(
    "GET",
    "/verify/<code>",
    right=None,
    summary="The proof of a report, for a person",
    responses={200: HTML, 404: HTML},
    documented={"operationId": "verify_page_code"},
)
def look(code: str) -> Response:
    _limited(LOOK_UPS)
    found = queries.report_by_code(code)
    return _page(found, None, code[:40], 200 if found else 404)


@pages.endpoint(
    "POST",
    "/verify",
    right=None,
    summary="The verdict on a PDF, for a person",
    responses={200: HTML},
    problems=(400, 413),
    documented={**UPLOAD, "operationId": "verify_page_check"},
)
def check_form() -> Response:
    verdict = _verdict()
    return _page(verdict.report, verdict, "")


def _verdict() -> Verdict:
    _limited(CHECKS)
    with _uploaded() as file:
        return verify(file, queries.report_by_hash, queries.seal_owner)


@contextmanager
def _uploaded() -> Iterator[BinaryIO]:
    """The PDF that came as the body or as the form's `file`, on disk."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = MAX_SIZE + FORM_EXTRA
        try:
            given = request.files.get("file")
        except RequestEntityTooLarge:
            raise TOO_LARGE(f"A PDF may have {MAX_SIZE} bytes.", limit=MAX_SIZE) from None
        if given is None:
            raise MALFORMED("Choose a PDF: the form has no `file`.")
        read: Any = given.stream.read
    else:
        read, _ = open_body(request)
    with tempfile.TemporaryFile(prefix="callout-verify-") as file:
        while piece := read(PIECE):
            if file.tell() + len(piece) > MAX_SIZE:
                raise TOO_LARGE(f"A PDF may have {MAX_SIZE} bytes.", limit=MAX_SIZE)
            file.write(piece)
        if file.tell() == 0:
            raise MALFORMED("Nothing was sent: the body must be the PDF.")
        file.flush()
        yield file


def _language() -> str:
    asked = request.args.get("lang")
    return asked if asked in ("en", "zh") else request.accept_languages.best_match(["en", "zh"], "en")


def _local(at: datetime, time_zone: str) -> str:
    """What the clocks of the organisation showed."""
    return f"{at.astimezone(zone(time_zone)):%Y-%m-%d %H:%M} {time_zone}"


def _page(report: Sealed | None, verdict: Verdict | None, code: str, status: int = 200) -> Response:
    html = templates.get_template("verify.html").render(
        report=report, verdict=verdict, code=code, language=_language(), words=WORDS[_language()], local=_local
    )
    return Response(html, status, PAGE_HEADERS, mimetype="text/html")
