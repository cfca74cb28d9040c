"""What is derived from the server's secret: encryption at rest, and signatures of links."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.config import config

STROKES, SEAL_KEY, LINK, CODE, ANSWER = "strokes", "seal key", "link", "one-time code", "stored answer"
TRACK, PUSH = "tracking key", "push key"
NONCE = 12
VERSION = b"\x01"


class Unreadable(RuntimeError):
    """This was encrypted under another secret, for another row, or was changed since."""


def encrypt(purpose: str, org_id: UUID, row_id: UUID, data: bytes) -> bytes:
    """`data` under AES-256-GCM, bound to its purpose, organisation and row."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + AESGCM(_key(config().secret, purpose, org_id)).encrypt(nonce, data, row_id.bytes)


def decrypt(purpose: str, org_id: UUID, row_id: UUID, data: bytes) -> bytes:
    """What `encrypt` was given; raises Unreadable."""
    if data[:1] != VERSION:
        raise Unreadable("unknown form of encryption")
    nonce, sealed = data[1 : 1 + NONCE], data[1 + NONCE :]
    for secret in filter(None, (config().secret, config().secret_before)):
        try:
            return AESGCM(_key(secret, purpose, org_id)).decrypt(nonce, sealed, row_id.bytes)
        except InvalidTag:
            continue
    raise Unreadable("the secret or the data is not the one it was encrypted with")


def mac(purpose: str, org_id: UUID, data: bytes) -> bytes:
    """HMAC-SHA256 over `data` with a key of this purpose and organisation."""
    return hmac.digest(_key(config().secret, purpose, org_id), data, "sha256")


@lru_cache(maxsize=1024)
def _key(secret: str, purpose: str, org_id: UUID) -> bytes:
    info = f"callout media {purpose} v1".encode()
    return HKDF(hashes.SHA256(), length=32, salt=org_id.bytes, info=info).derive(
        hashlib.sha256(secret.encode()).digest()
    )
