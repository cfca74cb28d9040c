"""Swagger UI at /api/docs, from the files of a wheel: it works without an outside network."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, send_from_directory

from app.kernel.http.rendering import json_response
from app.kernel.problems import CATALOGUE, NOT_FOUND

FILES = Path(flask_swagger_ui.__file__).parent / "dist"

blueprint = Blueprint("swagger", __name__)


@blueprint.get("/problems/<string:slug>")
def problem_type(slug: str) -> Response:
    """What the `type` of an error leads to."""
    kind = CATALOGUE.get(slug)
    if kind is None:
        raise NOT_FOUND("There is no such type of problem.")
    return json_response({"type": kind.uri, "status": kind.status, "title": kind.title})


@blueprint.get("/api/swagger/<path:name>")
def swagger_file(name: str) -> Response:
    """A static file of Swagger UI."""
    return send_from_directory(FILES, name, max_age=86_400)
