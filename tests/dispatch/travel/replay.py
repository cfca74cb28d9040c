"""A server that answers what real road servers answered when they were asked the very same."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
"""`source` says which servers were asked, and on which map."""


def points(names: list[str]) -> list[tuple[float, float]]:
    """Named places of the recording."""
    return [tuple(RECORDED["places"][name]) for name in names]


@contextmanager
def server(exchanges: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked so far. What nobody recorded is answered by 404 and no JSON."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            self._answer(address.path, dict(parse_qsl(address.query)))

        def do_POST(self) -> None:
            self._answer(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, path: str, question: dict[str, Any]) -> None:
            asked.append(path.split("/")[1])
            for one in exchanges:
                if one["method"] == self.command and one["path"] == path and one["asked"] == question:
                    self._reply(one["status"], json.dumps(one["answer"]))
                    return
            self._reply(404, "not recorded")

        def _reply(self, status: int, body: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_port}", asked
    finally:
        made.shutdown()
        made.server_close()
