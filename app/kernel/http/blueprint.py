"""Endpoints. One decorator says everything about one: right, shapes, documentation; the view does one thing.

A request flows: claims → body in memory → transaction → actor → right → query and body checked → view → commit →
answer. The body is read completely before a session is opened, because slow phones must not hold connections.
A `streamed` endpoint takes bodies that do not fit into memory: its transaction ends before the body begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import flask_smorest
import structlog
from flask import Response, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Tx, enter_organisation, new_session
from app.kernel.http import authentication, idempotency
from app.kernel.http.reading import Parser
from app.kernel.http.rendering import json_response
from app.kernel.tokens import Claims

View = Callable[..., Any]

IDEMPOTENCY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key twice gives the same answer and one row.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
IF_MATCH_HEADER = {
    "in": "header",
    "name": "If-Match",
    "description": 'The ETag of the revision that you saw, such as `"4"`. 428 without, 412 on a mismatch.',
    "schema": {"type": "string"},
}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with `endpoint`, the only way in which Callout declares an operation."""

    ARGUMENTS_PARSER = Parser()

    def endpoint(
        self,
        method: str,
        rule: str,
        *,
        right: str | None,
        summary: str,
        status: int = 200,
        schema: type[Schema] | Schema | None = None,
        body: type[Schema] | Schema | None = None,
        query: type[Schema] | Schema | None = None,
        problems: Iterable[int] = (),
        responses: Mapping[int, dict[str, Any]] | None = None,
        example: Any = None,
        revoked_device_ok: bool = False,
        streamed: bool = False,
        documented: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Registers `view(tx, [query], [body], **path)` under `method rule`.

        right: what the actor must hold; None means open to strangers, and the view is called without `tx`.
        schema, body, query: shapes of answer, body and query string. problems: error statuses beyond the usual ones.
        responses: further successful answers for the documentation, `{status: {description, content_type, schema}}`.
        streamed: credential and right are checked in a transaction of their own, then `view(actor, …)` reads the body
        from `bodies.open_body` in pieces and opens transactions as it needs them. There is no Idempotency-Key.
        documented: further members of the OpenAPI operation (`parameters`, `requestBody`).
        The view returns a value for JSON, `(value, headers)`, or a finished Response. A slash at the end is accepted.
        """

        def decorate(view: View) -> View:
            wrapped: View = wraps(view)(_rendered(view, status))
            # First the words, then the schemas: each decorator of flask-smorest copies deeply what is there already.
            extra = {"summary": summary, "operationId": _operation_id(method, rule), **(documented or {})}
            told = set(responses or {})
            wrapped = self._document(wrapped, method, rule, right, extra, body, query, problems, streamed, told)
            wrapped = self.response(status, schema)(wrapped)
            for code, doc in (responses or {}).items():
                wrapped = self.alt_response(code, success=True, **doc)(wrapped)
            if body is not None:
                content_type = "application/merge-patch+json" if method == "PATCH" else None
                wrapped = self.arguments(body, location="json", content_type=content_type, example=example)(wrapped)
            if query is not None:
                wrapped = self.arguments(query, location="query")(wrapped)
            if right is not None:
                guard = _streamed if streamed else _transactional
                wrapped = guard(wrapped, right, revoked_device_ok)
            self.route(rule, methods=[method], strict_slashes=False)(wrapped)
            return view

        return decorate

    def _document(
        self,
        view: View,
        method: str,
        rule: str,
        right: str | None,
        extra: dict[str, Any],
        body: Any,
        query: Any,
        problems: Iterable[int],
        streamed: bool,
        told: set[int],
    ) -> View:
        statuses = {*problems, 503, *([401, 403] if right else [429])}
        statuses |= {400, 413, 415, 422} if body is not None else {422} if query is not None else set()
        statuses |= {404} if "<" in rule else set()
        statuses |= {409} if method != "GET" and right else set()
        parameters: list[dict[str, Any]] = list(extra.get("parameters", ()))
        if method == "POST" and right and not streamed:
            parameters.append(IDEMPOTENCY_HEADER)
            statuses.add(422)
        if method == "PATCH":
            parameters.append(IF_MATCH_HEADER)
            statuses |= {412, 428}
        for code in sorted(statuses - told):
            view = self.alt_response(code, "PROBLEM")(view)
        if parameters:
            extra["parameters"] = parameters
        if right is None:
            extra["security"] = []
        else:
            extra["x-right"] = right
        return self.doc(**extra)(view)  # type: ignore[no-any-return]


def _operation_id(method: str, rule: str) -> str:
    words = [part.split(":")[-1].rstrip(">").lstrip("<") for part in rule.strip("/").split("/") if part]
    return "_".join([method.lower(), *words]).replace("-", "_").replace(".", "_")


def _transactional(view: View, right: str, revoked_device_ok: bool) -> View:
    """Credential → body in memory → transaction → actor → right → the rest. The commit comes before the answer."""

    @wraps(view)
    def run(**path: Any) -> Response:
        claims = authentication.claims_of_request()
        request.get_data(cache=True)
        with new_session() as session, session.begin():
            actor = _actor(session, claims, right, revoked_device_ok)
            tx = Tx(session, actor, clock.now())
            return idempotency.once(tx, lambda: view(tx, **path))

    return run


def _streamed(view: View, right: str, revoked_device_ok: bool) -> View:
    """Credential → actor → right, all in a short transaction; then the view, with the body still on its way."""

    @wraps(view)
    def run(**path: Any) -> Response:
        claims = authentication.claims_of_request()
        with new_session() as session, session.begin():
            actor = _actor(session, claims, right, revoked_device_ok)
        response: Response = view(actor, **path)
        return response

    return run


def _actor(session: Session, claims: Claims, right: str, revoked_device_ok: bool) -> Actor:
    enter_organisation(session, claims.org_id, claims.user_id)
    actor = authentication.actor_of(session, claims, revoked_device_ok=revoked_device_ok)
    structlog.contextvars.bind_contextvars(org=str(actor.org_id), user=str(actor.user_id))
    actor.demand(right)
    return actor


def _rendered(view: View, status: int) -> View:
    def run(*args: Any, **path: Any) -> Response:
        result = view(*args, **path)
        if isinstance(result, Response):
            return result
        if isinstance(result, tuple):
            value, headers = result
            return json_response(value, status, headers)
        return Response(status=204) if status == 204 else json_response(result, status)

    return run
