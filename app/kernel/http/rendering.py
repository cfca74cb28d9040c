"""Answers: JSON through orjson, problems as RFC 9457 documents, database errors turned into problems."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any

import orjson
import psycopg2
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from app.kernel import problems
from app.kernel.problems import FieldError, Problem

log = structlog.get_logger()

_BY_STATUS = {
    400: problems.MALFORMED, 404: problems.NOT_FOUND, 405: problems.METHOD_NOT_ALLOWED, 406: problems.NOT_ACCEPTABLE,
    413: problems.TOO_LARGE, 415: problems.UNSUPPORTED_TYPE, 422: problems.INVALID, 429: problems.RATE_LIMITED,
}  # fmt: skip


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} · Callout</title><h1>{title}</h1><p>{detail}</p><p><a href="/">Callout</a></p></html>
"""


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def dumps(value: Any) -> bytes:
    """`value` as JSON bytes: times as RFC 3339 with `Z`, Decimal as a string."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; a mapping that carries `rev` gets it as its ETag. Bytes are passed through as they are."""
    body = value if isinstance(value, bytes) else dumps(value)
    response = Response(body, status, headers, mimetype="application/json")
    if isinstance(value, Mapping) and isinstance(value.get("rev"), int):
        response.set_etag(str(value["rev"]))
    return response


def problem_response(problem: Problem) -> Response:
    """The RFC 9457 answer to `problem`; a small page for somebody who opened an address outside the API."""
    response = _page(problem) if _opened_by_a_person() else _document(problem)
    if "retry_after" in problem.extra:
        response.headers["Retry-After"] = str(problem.extra["retry_after"])
    if problem.kind.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _document(problem: Problem) -> Response:
    document = {**problem.document(), "instance": request.path}
    try:
        body = dumps(document)
    except TypeError:  # it quotes what somebody sent, and that has half a character in it
        body = json.dumps(document, default=_default).encode()
    return Response(body, problem.kind.status, mimetype="application/problem+json")


def _opened_by_a_person() -> bool:
    """Whether a browser shows the answer as a page: an address outside the API was opened."""
    return request.method == "GET" and not request.path.startswith("/api/") and _likes_html()


def _likes_html() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _page(problem: Problem) -> Response:
    """The problem as a small page with the way back."""
    title, detail = escape(problem.kind.title), escape(problem.detail)
    body = PAGE.format(title=title, detail=detail).encode(errors="replace")  # it may quote half a character
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    return Response(body, problem.kind.status, headers, mimetype="text/html")


def _field(diagnostics: Any) -> str:
    """The column at fault, from the constraint's name (`fk_sites_org_id_account_id` → account_id)."""
    if diagnostics.column_name:
        return str(diagnostics.column_name)
    name = diagnostics.constraint_name or ""
    prefix = rf"^(fk|uq|ck|ix|pk)_{diagnostics.table_name}_"
    return re.sub(r"^org_id_", "", re.sub(prefix, "", name))


def database_problem(error: DBAPIError) -> Problem | None:
    """The problem that a database error stands for; None when it is a fault of ours."""
    cause = error.orig
    if error.connection_invalidated or isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError):
        return problems.UNAVAILABLE("The database does not answer at the moment.", retry_after=2)
    if not isinstance(cause, psycopg2.Error):
        return None
    field = _field(cause.diag)
    pointer = [FieldError(f"/{field}", "This value is not possible here.")]
    if isinstance(cause, psycopg2.errors.UniqueViolation):
        return problems.DUPLICATE(f"A row with this {field.replace('_', ' ')} exists already.", errors=pointer)
    if isinstance(cause, psycopg2.errors.ForeignKeyViolation):
        return problems.invalid(f"/{field}", f"There is no such row as the one that {field} names.")
    if isinstance(cause, psycopg2.errors.ExclusionViolation):
        return problems.STATE_CONFLICT(f"This overlaps with another row ({field}).", errors=pointer)
    if isinstance(cause, psycopg2.errors.CheckViolation | psycopg2.errors.NotNullViolation | psycopg2.DataError):
        return problems.INVALID(cause.diag.message_primary or "A value is not possible.", errors=pointer)
    if isinstance(cause, psycopg2.extensions.TransactionRollbackError | psycopg2.errors.LockNotAvailable):
        return problems.UNAVAILABLE("Too much happened to these rows at once; send it again.", retry_after=1)
    return None


def register_error_handlers(app: Flask) -> None:
    """Renders everything that can be raised: problems, HTTP errors of the framework, database errors, the rest."""

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return problem_response(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return error.get_response()  # type: ignore[return-value]
        kind = _BY_STATUS.get(code) or (problems.MALFORMED if code < 500 else problems.INTERNAL)
        return problem_response(kind(error.description or error.name))

    @app.errorhandler(SQLAlchemyError)
    def on_database(error: SQLAlchemyError) -> Response:
        if isinstance(error, PoolTimeoutError):
            return problem_response(problems.UNAVAILABLE("The server is busy.", retry_after=2))
        problem = database_problem(error) if isinstance(error, DBAPIError) else None
        return problem_response(problem) if problem else on_fault(error)

    @app.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        log.error("request failed", path=request.path, exc_info=error)
        return problem_response(problems.INTERNAL("This is our mistake and has been written down."))
