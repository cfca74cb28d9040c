"""The built pages as they leave the server: what is cached, what is compressed, what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.pages import files, settings
from tests import factories

PAGE = '<!doctype html><html lang="en" data-mode=""><div id="app"></div></html>'
SCRIPT = b"export const answer = 42;" * 100
NAMES = ("index.html", "console.html", "field.html", "portal.html", "outbox.html")


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build, beside a file that is none of it."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "field").mkdir()
    for name in NAMES:
        (built / name).write_text(PAGE)
    (built / ".callout").write_text("stamp")
    (built / "icon.svg").write_text("<svg/>")
    (built / "assets" / "main-abc.js").write_bytes(SCRIPT)
    (built / "assets" / "main-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (built / "field" / "sw.js").write_text("self.skipWaiting()")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(files, "DIST", built)
    return built


@pytest.fixture
def browser() -> FlaskClient:
    return factories.app().test_client()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/dispatch",
        "/dispatch/",
        "/dispatch/visits/7",
        "/field/",
        "/field/visits/7",
        "/track/x",
        "/sign/x",
        "/outbox",
    ],
)
def test_a_page_is_asked_for_anew_each_time_and_knows_the_mode(dist: Path, browser: FlaskClient, path: str) -> None:
    first = browser.get(path)
    assert first.status_code == 200
    assert first.mimetype == "text/html"
    assert b'data-mode="demo"' in first.data
    assert first.headers["Cache-Control"] == "no-cache"
    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data


def test_a_new_build_is_seen_at_once(dist: Path, browser: FlaskClient) -> None:
    tag = browser.get("/").headers["ETag"]
    (dist / "index.html").write_text(PAGE.replace("app", "new"))
    answer = browser.get("/", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert b'id="new"' in answer.data


def test_pages_run_nothing_but_their_own_scripts(dist: Path, browser: FlaskClient) -> None:
    headers = browser.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/track/secret", "/sign/secret", "/sign/secret/"])
def test_no_address_that_is_left_is_told_the_key_of_a_link(dist: Path, browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")


def test_hashed_files_are_kept_for_ever_and_sent_compressed(dist: Path, browser: FlaskClient) -> None:
    plain = browser.get("/assets/main-abc.js", headers={"Accept-Encoding": "identity"})
    assert plain.data == SCRIPT
    assert plain.mimetype == "text/javascript"
    assert "immutable" in plain.headers["Cache-Control"]
    small = browser.get("/assets/main-abc.js", headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == SCRIPT
    assert small.mimetype == "text/javascript"
    assert "Accept-Encoding" in small.headers["Vary"]


def test_other_files_are_asked_for_anew(dist: Path, browser: FlaskClient) -> None:
    for path, kind in (("/icon.svg", "image/svg+xml"), ("/field/sw.js", "text/javascript")):
        answer = browser.get(path)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert browser.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_field_lives_below_the_scope_of_its_service_worker(dist: Path, browser: FlaskClient) -> None:
    answer = browser.get("/field")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/field/")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/nothing.js",
        "/assets/main-abc.js.gz",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%00",
        "/assets/" + "x" * 5000,
        "/assets/",
        "/.callout",
        "/index.html",
        "/field/nothing.png",
        "/nothing",
    ],
)
def test_everything_else_is_a_404_problem(dist: Path, browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_browser_is_told_of_a_404_on_a_page_with_a_way_back(dist: Path, browser: FlaskClient) -> None:
    answer = browser.get("/noth<b>ing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert b'href="/"' in answer.data
    assert b"<b>" not in answer.data
    api = browser.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert (api.status_code, api.mimetype) == (404, "application/problem+json")


def test_the_type_of_a_problem_leads_somewhere(dist: Path, browser: FlaskClient) -> None:
    told = browser.get("/problems/stale-revision").get_json()
    assert (told["type"], told["status"]) == ("/problems/stale-revision", 412)
    assert browser.get("/problems/no-such-thing").status_code == 404


def test_without_a_build_the_page_says_so(dist: Path, browser: FlaskClient) -> None:
    (dist / "index.html").unlink()
    answer = browser.get("/")
    assert answer.status_code == 503
    assert b"./callout up" in answer.data
    assert answer.headers["Retry-After"]


def test_a_ground_for_maps_is_told_to_the_desk_and_allowed_to_be_asked_for(
    dist: Path, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (dist / "console.html").write_text(PAGE.replace('data-mode=""', 'data-mode="" data-map=""'))
    assert b'data-map="{}"' in browser.get("/dispatch").data
    env = {"CALLOUT_MAP_TILES": "https://tiles.example.org/{z}/{x}/{y}.png?a=1&b=2", "CALLOUT_MAP_ATTRIBUTION": 'O"SM'}
    monkeypatch.setattr(files, "ground", lambda: settings.read(env))
    answer = browser.get("/dispatch")
    assert b"https://tiles.example.org/{z}/{x}/{y}.png?a=1&amp;b=2" in answer.data
    assert b'O"SM' not in answer.data
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["connect-src"] == "'self' https://tiles.example.org"
    assert policy["script-src"] == "'self'"


@pytest.mark.parametrize(
    "env",
    [
        {"CALLOUT_MAP_TILES": "https://tiles.example.org/0.png"},
        {"CALLOUT_MAP_STYLE": "tiles.example.org/style.json"},
        {"CALLOUT_MAP_STYLE": "https://a.example.org; script-src 'unsafe-inline'/x"},
        {"CALLOUT_MAP_HOSTS": "https://a.example.org/ *"},
    ],
)
def test_a_ground_that_is_none_is_refused_by_name(env: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(env))):
        settings.read(env)


def test_a_ground_on_this_server_needs_no_exception() -> None:
    assert settings.read({"CALLOUT_MAP_STYLE": "/maps/style.json"}).hosts == ()
