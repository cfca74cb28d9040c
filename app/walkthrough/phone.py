"""A simulated phone: its own copy of the rows, a queue of mutations, push before pull, and endless patience."""

from __future__ import annotations

import base64
import hashlib
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
import uuid_utils
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from app.walkthrough.http import Client, Refused

BATCH = 100
PATIENCE = 12
SCHEMA_VERSION = 1


def new_id() -> str:
    """A fresh UUIDv7."""
    return str(uuid_utils.uuid7())


def stamp() -> str:
    """Now, as the phone's clock says it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Phone:
    """One installed client. `rows[collection][id]` is its copy; `queue` what the server has not acknowledged."""

    client: Client
    device_id: str = field(default_factory=new_id)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    cursor: int | None = None
    seq: int = 0
    queue: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost_requests: int = 0

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Signs in as this device and shakes hands."""
        device = {"id": self.device_id, "name": "Walkthrough phone", "platform": "android", "app_version": "1.0.0"}
        user = self.client.sign_in(email, password, device)
        self.handshake()
        return user

    def handshake(self) -> dict[str, Any]:
        """Tells the server who and when; the answer holds the server's clock and the collections."""
        oldest = self.queue[0]["device_at"] if self.queue else None
        body = {
            "device_id": self.device_id,
            "app_version": "1.0.0",
            "schema_version": SCHEMA_VERSION,
            "device_time": stamp(),
            "pending": {"count": len(self.queue), "oldest_at": oldest},
            "public_key": self.public_jwk(),
        }
        return self._patiently(lambda: self.client.post("/sync/handshake", body))  # type: ignore[no-any-return]

    def public_jwk(self) -> dict[str, str]:
        """The public half of the device's key as a JWK."""
        jwk = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {name: jwk[name] for name in ("kty", "crv", "x", "y")}

    def mutate(self, collection: str, row_id: str, kind: str, data: dict[str, Any]) -> str:
        """Queues one change and applies what can be seen at once to the own copy. Returns the mutation's id."""
        row = self.rows[collection].get(row_id)
        self.seq += 1
        mutation = {
            "id": new_id(),
            "seq": self.seq,
            "collection": collection,
            "row_id": row_id,
            "type": kind,
            **({"base_rev": row["rev"]} if row and row["rev"] else {}),
            "data": data,
            "device_at": stamp(),
        }
        self.queue.append(mutation)
        shown = {"status": data["to"]} if kind == "transition" else data
        self.rows[collection][row_id] = {"id": row_id, "rev": 0, **(row or {}), **shown}
        return str(mutation["id"])

    def sync(self) -> None:
        """Push, then pull, until nothing is left either way."""
        self.push()
        self.pull()

    def push(self) -> None:
        """Sends the queue in order; a lost reply is answered by sending the same batch again."""
        while self.queue:
            batch = self.queue[:BATCH]
            body = {"device_id": self.device_id, "mutations": batch}
            answer = self._patiently(lambda body=body: self.client.post("/sync/push", body))
            for result in answer["results"]:
                self.results[result["id"]] = result
            acknowledged = [m for m in batch if m["seq"] <= answer["acked_seq"]]
            if not acknowledged:
                raise RuntimeError(f"the server acknowledged nothing: {answer}")
            self.sent += acknowledged
            self.queue = self.queue[len(acknowledged) :]

    def pull(self) -> int:
        """Pulls until there is no more. Returns the number of pages."""
        pages = 0
        while True:
            query = {} if self.cursor is None else {"cursor": self.cursor}
            page = self._patiently(lambda query=query: self.client.get("/sync/pull", **query))
            self._apply(page)
            pages += 1
            if not page["more"]:
                return pages

    def _apply(self, page: dict[str, Any]) -> None:
        if page["mode"] == "replacement":
            waiting = {(m["collection"], m["row_id"]) for m in self.queue}
            for collection, rows in self.rows.items():
                self.rows[collection] = {i: row for i, row in rows.items() if (collection, i) in waiting}
        for collection, changes in page["changes"].items():
            for row in changes["upserts"]:
                self.rows[collection][row["id"]] = row
            for row_id in changes.get("removed", ()):
                self.rows[collection].pop(row_id, None)
        self.cursor = page["cursor"]

    def checksum(self) -> dict[str, dict[str, Any]]:
        """Per collection the count and hash over (id, rev), as the server computes it."""
        sums = {}
        for collection, rows in self.rows.items():
            lines = "".join(f"{row_id}:{rows[row_id]['rev']}\n" for row_id in sorted(rows))
            sums[collection] = {"count": len(rows), "hash": hashlib.sha256(lines.encode()).hexdigest()}
        return sums

    def outcomes(self) -> Counter[str]:
        """How the mutations ended, counted by status."""
        return Counter(result["status"] for result in self.results.values())

    def _patiently(self, attempt: Any) -> Any:
        """Repeats `attempt` over a link that drops; problems of the server are not repeated."""
        for tries in range(PATIENCE):
            try:
                return attempt()
            except (requests.ConnectionError, requests.Timeout):
                self.lost_requests += 1
                time.sleep(min(0.05 * 2**tries, 1))
        raise ConnectionError(f"no luck in {PATIENCE} attempts")

    def upload(self, data: bytes, metadata: dict[str, str]) -> str:
        """Uploads `data` by tus in pieces, resuming where the server stands. Returns the upload's address."""
        encoded = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": encoded}
        created = self._patiently(lambda: self.client.call("POST", "/media/uploads", headers=headers))
        path = created.headers["Location"].split("/api/v1", 1)[1]
        while (offset := self._offset(path)) < len(data):
            self._send(path, offset, data)
        return path  # type: ignore[no-any-return]

    def _offset(self, path: str) -> int:
        head = self._patiently(lambda: self.client.call("HEAD", path, headers={"Tus-Resumable": "1.0.0"}))
        return int(head.headers["Upload-Offset"])

    def _send(self, path: str, offset: int, data: bytes) -> None:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        try:
            self.client.call("PATCH", path, headers=headers, data=data[offset:])
        except (requests.ConnectionError, requests.Timeout):
            self.lost_requests += 1
        except Refused as refusal:
            # A piece held up on its way may arrive after our HEAD; like every tus client we then ask again.
            if refusal.status != 409:
                raise
