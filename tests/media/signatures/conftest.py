"""A phone that signs: its key, its strokes, its envelopes."""

from __future__ import annotations

import json
import math
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from app.kernel.ids import new_id
from media import canonical
from media.signatures.envelope import TYPE

CONSENT = "I confirm that the work described here was done. 我确认上述工作已完成。"


def handwriting(strokes: int = 2, points: int = 40) -> list[dict[str, Any]]:
    """Loops as a finger draws them, in the form of signature_pad's toData()."""
    drawn, time = [], 1_772_345_678_000
    for stroke in range(strokes):
        line = []
        for step in range(points):
            angle = step / points * 4 * math.pi
            x = 20 + stroke * 120 + step * 2.5 + 18 * math.sin(angle)
            time += 16
            line.append({"x": round(x, 2), "y": round(60 + 25 * math.cos(angle), 2), "time": time, "pressure": 0.5})
        drawn.append({"penColor": "black", "dotSize": 0, "minWidth": 0.5, "maxWidth": 2.5, "points": line})
    return drawn


class Phone:
    """A device with a registered key."""

    def __init__(self) -> None:
        self.id = str(new_id())
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self.private.public_key()))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good sign-off, with `changes`."""
        return {
            "schema": "callout.signoff/1",
            "signoff_id": str(new_id()),
            "visit_id": str(new_id()),
            "visit_rev": 4,
            "device_id": self.id,
            "seq": 1,
            "prev": None,
            "outcome": "signed",
            "doc_sha256": canonical.sha256(b"the report"),
            "strokes_sha256": canonical.sha256(canonical.dumps(handwriting())),
            "photos": [{"id": str(new_id()), "sha256": "ab" * 32, "bytes": 1234}],
            "signer": {"name": "王小明", "role": "site manager"},
            "consent": {"text": CONSENT, "sha256": canonical.sha256(CONSENT.encode())},
            "method": "on_engineer_device",
            "clock": {"wall": "2026-03-01T08:00:00.123Z", "monotonic_ms": 123456.5, "server": "2026-03-01T07:00:00Z"},
            **changes,
        }

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """The envelope over `claims`."""
        return self.sign_bytes(canonical.dumps(claims), **header)

    def sign_bytes(self, payload: bytes, **header: Any) -> str:
        """An envelope over any bytes."""
        return jwt.PyJWS().encode(payload, self.private, algorithm="ES256", headers={"typ": TYPE, **header})


@pytest.fixture
def phone() -> Phone:
    return Phone()
