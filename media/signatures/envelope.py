"""The sign-off envelope: a compact JWS (ES256) over canonical JSON, made on the device and checked here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from jwt import PyJWK, PyJWS
from jwt.exceptions import PyJWTError

from app.kernel.problems import Problem, invalid
from media import canonical, shapes
from media.problems import ENVELOPE_INVALID

TYPE = "callout-signoff+jws"
MAX_LENGTH = 256 * 1024

_jws = PyJWS(algorithms=["ES256"])


@dataclass(frozen=True)
class Envelope:
    """An envelope whose signature holds. `claims` is its payload (`shapes/signoff.schema.json`).

    `token` is the compact form as it came, `sha256` its hash: what the device's next envelope names as `prev`.
    """

    token: str
    sha256: str
    claims: dict[str, Any]

    @property
    def signoff_id(self) -> UUID:
        return UUID(self.claims["signoff_id"])

    @property
    def visit_id(self) -> UUID:
        return UUID(self.claims["visit_id"])

    @property
    def device_id(self) -> UUID:
        return UUID(self.claims["device_id"])

    @property
    def refused(self) -> bool:
        return bool(self.claims["outcome"] == "refused")


def public_key(jwk: Any) -> PyJWK:
    """A device's key out of its JWK. Raises a 422 problem unless it is the public half of a P-256 key."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise invalid("/public_key", "Must be a JWK of an EC key on P-256.")
    if "d" in jwk:
        raise invalid("/public_key", "This is a private key. It must never leave the device; make a new one.")
    try:
        return PyJWK({name: jwk.get(name) for name in ("kty", "crv", "x", "y")}, algorithm="ES256")
    except (PyJWTError, ValueError, TypeError):
        raise invalid("/public_key", "These coordinates are no point of P-256.") from None


def claimed_device(token: str) -> UUID:
    """The device that an envelope says it comes from, not proven yet. Raises a 422 problem for what is no envelope."""
    if len(token) > MAX_LENGTH or not token.isascii():
        raise _bad(f"The envelope must be ASCII of at most {MAX_LENGTH} characters.")
    try:
        payload = _jws.decode_complete(token, options={"verify_signature": False})["payload"]
        return UUID(canonical.loads(payload)["device_id"])
    except (PyJWTError, canonical.NotCanonical, ValueError, KeyError, TypeError, AttributeError):
        raise _bad("This is not an envelope: a compact JWS over canonical JSON that names its device.") from None


def open_envelope(token: str, key: PyJWK) -> Envelope:
    """The checked envelope. Raises a 422 problem unless `key` signed exactly these claims and they are well formed."""
    if len(token) > MAX_LENGTH or not token.isascii():
        raise _bad(f"The envelope must be ASCII of at most {MAX_LENGTH} characters.")
    try:
        opened = _jws.decode_complete(token, key, algorithms=["ES256"])
        claims = canonical.loads(opened["payload"])
    except PyJWTError:
        raise _bad("The envelope is not signed with this device's key.") from None
    except canonical.NotCanonical as error:
        raise _bad(f"The payload {error}.") from None
    if set(opened["header"]) - {"alg", "typ", "kid"} or opened["header"].get("typ") != TYPE or "=" in token:
        raise _bad(f"The header must be alg ES256, typ {TYPE} and at most a kid.")
    if errors := shapes.errors("signoff", claims):
        raise ENVELOPE_INVALID("The payload does not have the shape of a sign-off.", errors=errors)
    consent = claims["consent"]
    if canonical.sha256(consent["text"].encode()) != consent["sha256"]:
        raise _bad("The consent text does not have the hash that was signed.")
    return Envelope(token, canonical.sha256(token.encode("ascii")), claims)


def _bad(detail: str) -> Problem:
    return ENVELOPE_INVALID(detail)
