"""The code of a job: what it stands for, sealed with the server's secret. Nothing is stored, none can be guessed."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel import vault
from app.kernel.config import config

LENGTH = 64
"""Letters of a code: 16 bytes of seal and two ids of 16 bytes."""


def code_of(org_id: UUID, job_id: UUID) -> str:
    """The code of a job; always the same."""
    return base64.urlsafe_b64encode(_cipher(config().secret).encrypt(org_id.bytes + job_id.bytes, None)).decode()


def opened(code: str) -> tuple[UUID, UUID] | None:
    """The organisation and the job of a code; None for what this server never gave out."""
    try:
        ids = _cipher(config().secret).decrypt(base64.b64decode(code, altchars=b"-_", validate=True), None)
    except (binascii.Error, InvalidTag, ValueError):
        return None
    return UUID(bytes=ids[:16]), UUID(bytes=ids[16:])


def key_of(org_id: UUID, job_id: UUID, person: str) -> str:
    """What opens a code without digits: it was sent to `person` (who, and by which addresses) and ends with them."""
    return base64.urlsafe_b64encode(vault.mac(vault.TRACK, org_id, job_id.bytes + person.encode())[:15]).decode()


@lru_cache(maxsize=2)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(HKDF(hashes.SHA256(), 64, b"callout", b"track").derive(secret.encode()))
