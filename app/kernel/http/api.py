"""The OpenAPI document and the application-wide hooks: request ids, compression, security headers, metrics."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import deflate
import flask_smorest
import structlog
from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from flask import Flask, Response, g, request
from marshmallow import INCLUDE, fields
from prometheus_client import Counter, Histogram

from app.kernel.config import config
from app.kernel.http.rendering import register_error_handlers
from app.kernel.http.schemas import Schema

REQUESTS = Counter("callout_requests_total", "Requests by endpoint and status", ["endpoint", "method", "status"])
SECONDS = Histogram("callout_request_seconds", "Time to answer", ["endpoint"])
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
COMPRESS_FROM = 1_024
# Only who has a good line asks for so much at once; a tenth more of bytes takes half of the time then.
LARGE = 1024 * 1024
THOROUGH, QUICK = 6, 1  # of libdeflate
COMPRESSIBLE = {"application/json", "application/geo+json", "application/problem+json", "text/html"}

DESCRIPTION = """
Callout is the backend of field service. Engineers' phones sync with it, dispatchers plan with it, customers sign on it.

* `Authorization: Bearer <token>` from `POST /api/v1/auth/token`.
* Errors are RFC 9457 problem documents; `type` is stable, `errors[].pointer` names the field at fault.
* Lists page with `limit` and `cursor`; `PATCH` is a merge patch and needs `If-Match`; `POST` takes `Idempotency-Key`.
* Lists with a place answer as a GeoJSON layer when asked with `Accept: application/geo+json`.
* Times are RFC 3339 with zone, durations seconds, distances metres, geometry GeoJSON with longitude first.
"""


class FieldErrorSchema(Schema):
    """One field at fault."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem document. Some kinds carry further members, such as `allowed` or `retry_after`."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "/problems/illegal-transition"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's Api, told that errors are problem documents."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """`register_error_handlers` renders every error; flask-smorest's own handler would only hide them."""

    def _register_responses(self) -> None:
        content = {"application/problem+json": {"schema": ProblemSchema}}
        self.spec.components.response("PROBLEM", {"description": "A problem document (RFC 9457)", "content": content})


def create_api(app: Flask) -> Api:
    """The Api of `app`, with its OpenAPI 3.1 document at /api/openapi.json and Swagger UI at /api/docs."""
    app.config.update(
        API_TITLE="Callout",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="docs",
        OPENAPI_SWAGGER_UI_URL="/api/swagger/",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
            "security": [{"bearer": []}],
        },
    )
    return Api(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=component_name)})


def component_name(schema: Any) -> str:
    """The name of a schema in the document; the shape of a patch, which needs no field, is one of its own."""
    name = resolver(schema)
    return f"{name}Patch" if getattr(schema, "partial", False) else str(name)


def install_hooks(app: Flask) -> None:
    """Everything that surrounds each request."""
    app.config["MAX_CONTENT_LENGTH"] = None
    register_error_handlers(app)

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        g.started = time.perf_counter()
        request.max_content_length = config().max_body
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, request.method, response.status_code).inc()
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.path.startswith("/api/v1"):
            response.headers.setdefault("Cache-Control", "no-store")
        return conditional(compressed(response))


def compressed(response: Response) -> Response:
    """gzips a finished JSON or HTML answer when the client takes it and it is worth it."""
    if (
        response.is_streamed
        or response.direct_passthrough
        or response.mimetype not in COMPRESSIBLE
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
    ):
        return response
    body = response.get_data()
    if len(body) >= COMPRESS_FROM:
        response.set_data(bytes(deflate.gzip_compress(body, THOROUGH if len(body) < LARGE else QUICK)))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def conditional(response: Response) -> Response:
    """304 for a GET whose `If-None-Match` names the present ETag."""
    if request.method == "GET" and response.status_code == 200 and response.headers.get("ETag"):
        response.make_conditional(request)
    return response
