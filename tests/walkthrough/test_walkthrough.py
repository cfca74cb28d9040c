"""The whole day from end to end on real processes, as the tour tells it: every finding has to hold."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from app.walkthrough import house
from app.walkthrough.cli import HERE
from app.walkthrough.link import BadLink, Cut
from app.walkthrough.story import Story
from ops.folders import data_folder


def test_the_tour_holds_on_its_built_in_requests(tmp_path: Path) -> None:
    lines: list[str] = []
    with house.server(data_folder(None) / "tour") as base:
        proof = Story(base, lines.append, tmp_path).run(HERE / "requests.csv", HERE / "requests.map.json")
    assert [sentence for sentence, truth in proof.findings if not truth] == []
    assert len(proof.findings) >= 25
    assert any("travel" in line for line in lines), "the plan says why"
    assert all(path.read_bytes().startswith(b"%PDF") for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_without_cuts_carries_and_with_one_drops() -> None:
    """The instrument itself: what it cuts is cut, what it lets pass is whole."""

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with BadLink(f"http://127.0.0.1:{server.server_port}") as link:
            assert requests.post(link.address, data=b"x" * 50_000, timeout=10).content == b"x" * 50_000
            link.plan(Cut(lose_answer=True))
            with pytest.raises(requests.ConnectionError):
                requests.post(link.address, data=b"x", timeout=10)
            assert link.dropped == 1
    finally:
        server.shutdown()
