"""Gateways on the loopback, which take messages as real ones do and remember what came."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.notices import ways
from app.notices.settings import Settings, settings


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Runs a server; yields its port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(monkeypatch: pytest.MonkeyPatch, **values: Any) -> Settings:
    """Sets the gateways of this process."""
    made = replace(settings(), **values)
    monkeypatch.setattr(ways, "settings", lambda: made)
    return made


@dataclass
class Texts:
    """An HTTP gateway. It answers with `answers`, then 204; a repetition of an id is no message."""

    answers: list[int] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def open(self) -> Iterator[str]:
        came = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                came.requests.append(body)
                answer = came.answers.pop(0) if came.answers else 204
                if answer < 300 or answer == 502:  # 502: taken, but the answer was lost on the way
                    came.messages.setdefault(self.headers["Idempotency-Key"], body)
                self.send_response(answer)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return None

        with serving(HTTPServer(("127.0.0.1", 0), Taking)) as port:
            yield f"http://127.0.0.1:{port}/"


@dataclass
class Mails:
    """A mail server without encryption. Refuses the recipients in `refused` for good; keeps one mail a Message-ID."""

    refused: set[str] = field(default_factory=set)
    deliveries: int = 0
    mails: dict[str, EmailMessage] = field(default_factory=dict)

    @contextmanager
    def open(self) -> Iterator[str]:
        came = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 hello")
                while line := self.rfile.readline().decode().strip():
                    word = line.split(" ")[0].upper()
                    if word == "DATA":
                        self._say("354 go on")
                        came.take(self._content())
                    elif word == "RCPT" and any(address in line for address in came.refused):
                        self._say("550 nobody")
                        continue
                    self._say("221 bye" if word == "QUIT" else "250 ok")
                    if word == "QUIT":
                        return

            def _content(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                return b"".join(lines)

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        with serving(socketserver.TCPServer(("127.0.0.1", 0), Session)) as port:
            yield f"smtp://127.0.0.1:{port}"

    def take(self, data: bytes) -> None:
        """Keeps a mail by its Message-ID."""
        mail = message_from_bytes(data, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.deliveries += 1
        self.mails.setdefault(str(mail["Message-ID"]), mail)
