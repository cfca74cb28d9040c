"""The built files: which there are, and how each is sent."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from html import escape
from pathlib import Path

import orjson
from flask import Response, request, send_file

from app.kernel.config import Mode, config
from app.kernel.problems import NOT_FOUND
from app.pages.settings import Ground, ground

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
HASHED = "assets/"  # their names change with their content
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the better first; the build writes them beside the file
A_YEAR = 365 * 24 * 3600
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Callout</title>
<h1>The pages are not built</h1>
<p>The server runs and the API answers, but the pages of this installation were not built.
Stop it and run <code>./callout up</code>, which builds them.</p></html>"""

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/geo+json", ".geojson")


@lru_cache(maxsize=4)
def policy(maps: tuple[str, ...]) -> str:
    """The Content-Security-Policy: everything comes from this server, except the ground of maps from `maps`."""
    beside = "".join(f" {host}" for host in maps)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{beside}",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self'{beside}",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def page(name: str) -> Response:
    """An HTML page of the build. It is asked for anew each time, and says in which mode the server runs."""
    file = DIST / name
    if not file.is_file():
        return _secured(Response(NOT_BUILT, 503, {"Retry-After": "60"}, mimetype="text/html"))
    response = Response(_html(file, file.stat().st_mtime_ns, config().mode, ground()), mimetype="text/html")
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    return _secured(response)


def asset(name: str) -> Response:
    """A file of the build that is not a page. Raises 404 for anything else."""
    file = DIST / name
    if not _is_public(file):
        raise NOT_FOUND("There is no such file here.")
    encoding = request.accept_encodings.best_match([e for e, end in ENCODINGS.items() if _beside(file, end).exists()])
    response = send_file(
        _beside(file, ENCODINGS[encoding]) if encoding else file,
        mimetype=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        max_age=A_YEAR if name.startswith(HASHED) else None,
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if name.startswith(HASHED):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.vary.add("Accept-Encoding")
    return _secured(response)


@lru_cache(maxsize=32)
def _html(file: Path, changed: int, mode: Mode, maps: Ground) -> str:
    """`changed` is there so that a fresh build is read again."""
    told = escape(orjson.dumps(maps.document()).decode())
    html = file.read_text().replace('data-mode=""', f'data-mode="{mode}"', 1)
    return html.replace('data-map=""', f'data-map="{told}"', 1)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _is_public(file: Path) -> bool:
    if file.name.startswith(".") or file.suffix in (".html", *ENCODINGS.values()):
        return False
    try:
        return file.resolve().is_relative_to(DIST.resolve()) and file.is_file()
    except (OSError, ValueError):  # names that no file can have
        return False


def _secured(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = policy(ground().hosts)
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(self)"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response
