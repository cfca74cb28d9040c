"""Secrets and how they are kept: passwords (argon2id), refresh tokens (derived), API keys (hashed), TOTP.

Refresh tokens and API keys name their organisation, so that row-level security is set before anything is looked up.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.kernel.config import config

API_KEY_PREFIX = "ck_"
REFRESH_PREFIX = "cr_"
TOTP_STEP_S = 30

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash of `password` (19 MiB, t=2, p=1)."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def password_matches(stored: str | None, password: str) -> bool:
    """True when `password` is the one of `stored`. Takes as long when there is nothing stored."""
    try:
        return _hasher.verify(stored or _nobodys_hash(), password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


@dataclass(frozen=True)
class RefreshCredential:
    """A refresh token taken apart: session `id`, its `generation`, and the code that proves both."""

    org_id: UUID
    id: UUID
    generation: int
    code: bytes

    def holds(self, seed: bytes) -> bool:
        """True when the server made this token for the session with this `seed`."""
        return hmac.compare_digest(self.code, _refresh_code(self.org_id, self.id, self.generation, seed))


def _refresh_code(org_id: UUID, session_id: UUID, generation: int, seed: bytes) -> bytes:
    message = b"refresh" + org_id.bytes + session_id.bytes + generation.to_bytes(4) + seed
    return hmac.digest(config().secret.encode(), message, "sha256")


def refresh_token(org_id: UUID, session_id: UUID, generation: int, seed: bytes) -> str:
    """The refresh token of one generation of a session: the same arguments give the same token."""
    code = _refresh_code(org_id, session_id, generation, seed)
    return REFRESH_PREFIX + _encode(org_id.bytes + session_id.bytes + generation.to_bytes(4) + code)


def read_refresh_token(token: str) -> RefreshCredential | None:
    """The parts of a refresh token, not yet proved; None when it is none."""
    raw = _decode(token, REFRESH_PREFIX, 68)
    if raw is None:
        return None
    return RefreshCredential(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), int.from_bytes(raw[32:36]), raw[36:])


@dataclass(frozen=True)
class KeyCredential:
    """An API key taken apart."""

    org_id: UUID
    id: UUID
    secret_hash: bytes


def new_api_key(org_id: UUID, key_id: UUID) -> tuple[str, bytes]:
    """A fresh API key and the hash to keep of it."""
    secret = secrets.token_bytes(32)
    return API_KEY_PREFIX + _encode(org_id.bytes + key_id.bytes + secret), hashlib.sha256(secret).digest()


def read_api_key(token: str) -> KeyCredential | None:
    """The parts of an API key, not yet proved; None when it is none."""
    raw = _decode(token, API_KEY_PREFIX, 64)
    if raw is None:
        return None
    return KeyCredential(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), hashlib.sha256(raw[32:]).digest())


def totp_step(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """The time step that `code` belongs to, one step early or late allowed; None when wrong or used before."""
    present = int(at.timestamp()) // TOTP_STEP_S
    totp = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        if step > last_step and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str, prefix: str, length: int) -> bytes | None:
    try:
        text = token.removeprefix(prefix).encode("ascii")
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return raw if token.startswith(prefix) and len(raw) == length else None
