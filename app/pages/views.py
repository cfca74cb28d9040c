"""Which page is served where. Each is one HTML file of the build, which finds its own way below its address."""

from __future__ import annotations

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.config import config
from app.kernel.problems import NOT_FOUND
from app.pages.files import asset, page

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """Sign-in, and the choice of an app."""
    return page("index.html")


@blueprint.get("/dispatch", strict_slashes=False)
@blueprint.get("/dispatch/<path:_place>")
def dispatch(_place: str = "") -> Response:
    """The dispatcher's desk."""
    return page("console.html")


@blueprint.get("/field")
def field_without_slash() -> AnyResponse:
    """The service worker's scope is `/field/`, so that is where the app lives."""
    return redirect("/field/", 308)


@blueprint.get("/field/")
@blueprint.get("/field/<path:_place>")
def field(_place: str = "") -> Response:
    """The engineer's app; its own files (service worker, manifest, icons) live under its address too."""
    return asset(f"field/{_place}") if "." in _place.rpartition("/")[2] else page("field.html")


@blueprint.get("/outbox", strict_slashes=False)
def outbox() -> Response:
    """What customers were told, for whoever plays all parts of a demo."""
    if config().mode != "demo":
        raise NOT_FOUND("Only a demo has this page.")
    return page("outbox.html")


@blueprint.get("/sign/<string:_key>", strict_slashes=False)
@blueprint.get("/track/<string:_key>", strict_slashes=False)
def portal(_key: str) -> Response:
    """Where a customer signs a report, or follows a job. The key is nobody else's: no address that is left tells it."""
    response = page("portal.html")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/assets/<path:name>")
def hashed(name: str) -> Response:
    """Scripts, styles and what they load, under names that change with their content."""
    return asset(f"assets/{name}")


@blueprint.get("/<string:name>")
def top_level(name: str) -> Response:
    """Files that browsers ask for at the top, such as the icon."""
    return asset(name)
