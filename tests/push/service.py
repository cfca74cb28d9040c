"""A push service on the loopback, and the browser behind it, which reads what it was sent."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.push import sealing

CURVE = ec.SECP256R1()
MOST = 4096


@dataclass
class Browser:
    """A subscription: its private key, its secret, and what reached it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"sixteen bytes it"

    def subscription(self, endpoint: str) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        keys = {"p256dh": sealing.text(sealing.public_bytes(self.key)), "auth": sealing.text(self.auth)}
        return {"endpoint": endpoint, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """What a sealed message says: RFC 8291 as the receiver does it."""
        salt, point = body[:16], body[21:86]
        assert body[16:21] == (4096).to_bytes(4, "big") + bytes([65])
        mine = sealing.public_bytes(self.key)
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
        secret = _hkdf(shared, self.auth, b"WebPush: info\0" + mine + point, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, body[86:], None)
        assert padded.endswith(b"\x02")
        return dict(json.loads(padded[:-1]))


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class Service:
    """Takes messages as the browsers' services do, keeps what came (headers in small letters, and the body), and
    answers with `answers` first, each a status or a status and what `Retry-After` says. `key` is the sender's to whom
    its browsers have subscribed, where a test sets it."""

    answers: list[int | tuple[int, str]] = field(default_factory=list)
    key: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def open(self) -> Iterator[Service]:
        """Serves until the block ends."""
        service = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.came.append((headers, body))
                told = service.answers.pop(0) if service.answers else service.judge(headers, body)
                status, wait = told if isinstance(told, tuple) else (told, "")
                self.send_response(status)
                for name, value in {"Retry-After": wait, "Location": service.url if status == 201 else ""}.items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return None

        server = HTTPServer(("127.0.0.1", 0), Taking)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def judge(self, headers: dict[str, str], body: bytes) -> int:
        """The status by RFC 8030, 8188 and 8292: who sends must prove it, for a day at most, by the key for which the
        browser has subscribed; how long to keep it must be said; and there is a limit of size."""
        try:
            sender = self.sender(headers)
        except Exception:
            return 401
        if sender["exp"] > time.time() + 24 * 3600 or not sender["sub"].startswith(("mailto:", "https:")):
            return 401
        if self.key and sender["key"] != self.key:
            return 403
        if not headers.get("ttl", "").isdecimal() or not re.fullmatch(r"[\w-]{1,32}", headers.get("topic", "-")):
            return 400
        if headers.get("urgency", "normal") not in ("very-low", "low", "normal", "high"):
            return 400
        if headers.get("content-encoding") != "aes128gcm":
            return 415
        return 413 if len(body) > MOST else 201

    def sender(self, headers: dict[str, str]) -> dict[str, Any]:
        """Who a request says it is from, once its signature was verified with the key that it names."""
        scheme, _, rest = headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid"
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sealing.data(parts["k"]))
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.url)
        return {**claims, "key": parts["k"]}
