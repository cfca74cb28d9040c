"""Encryption of a push message for one browser (RFC 8291, aes128gcm of RFC 8188), and who sends it (VAPID, RFC 8292).

Own code on `cryptography` and PyJWT, forty lines, held against the RFC's own example: the usual library needs a package
that exists as source only.
"""

from __future__ import annotations

import base64
import os
import time
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kernel import vault

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096
GOOD_FOR_S = 12 * 3600


def server_key(org_id: UUID) -> ec.EllipticCurvePrivateKey:
    """The organisation's key, derived from the server's secret like all others: nothing is stored. Under another
    secret phones subscribe anew at their next start."""
    drawn = int.from_bytes(vault.mac(vault.PUSH, org_id, b"vapid"))
    return ec.derive_private_key(drawn % (ORDER - 1) + 1, CURVE)


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The uncompressed point, as browsers write keys."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sender(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str) -> str:
    """The Authorization header that proves who sends to `endpoint`."""
    url = urlsplit(endpoint)
    claims = {"aud": f"{url.scheme}://{url.netloc}", "exp": int(time.time()) + GOOD_FOR_S, "sub": contact}
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={text(public_bytes(key))}"


def seal(
    message: bytes,
    browser: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """`message` so that only the browser with these keys reads it. `key` and `salt` are fresh but in tests. Raises
    ValueError when `browser` is no point of the curve."""
    own, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(16)
    point = public_bytes(own)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser))
    secret = _derived(shared, auth, b"WebPush: info\0" + browser + point, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(point)]) + point
    return head + AESGCM(content_key).encrypt(nonce, message + b"\x02", None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def text(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(words: str) -> bytes:
    """What `text` was given; raises ValueError."""
    return base64.b64decode(words + "=" * (-len(words) % 4), altchars=b"-_", validate=True)
