"""What must be true of a sign-off before it is kept. Everything here is refused with 409 or 422 and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.problems import DEVICE_REVOKED, INVALID, STATE_CONFLICT, FieldError, Problem, invalid
from app.people.models import Device
from media import canonical, shapes
from media.problems import ENVELOPE_INVALID
from media.signatures import Envelope, check, claimed_device, digest, open_envelope, public_key


@dataclass(frozen=True)
class SignOff:
    """A checked sign-off: everything in it is what the signing key has signed.

    `document` are the canonical bytes of the report that was shown, `doc` is what they say. `clock_offset_ms` is how
    far the maker's clock is known to be behind.
    """

    envelope: Envelope
    public_key: dict[str, Any]
    clock_offset_ms: int
    document: bytes
    doc: dict[str, Any]
    strokes: Any

    @property
    def claims(self) -> dict[str, Any]:
        return self.envelope.claims


def checked(tx: Tx, visit_id: UUID, token: str, document: str | dict[str, Any], strokes: Any) -> SignOff:
    """The sign-off as proven. Raises 422 for what the envelope does not cover, 409 for a device without a key."""
    device = _device(tx, token)
    made = proven(visit_id, token, dict(device.public_key or {}), document, strokes, device.clock_offset_ms or 0)
    if made.claims["method"] != "on_engineer_device":
        raise _unproven("/envelope", "A device can only vouch for what was signed on it.")
    return made


def proven(
    visit_id: UUID, token: str, key: dict[str, Any], document: str | dict[str, Any], strokes: Any, offset_ms: int = 0
) -> SignOff:
    """The sign-off that `key` (a JWK) proves. Raises 422 for what the envelope does not cover."""
    envelope = open_envelope(token, public_key(key))
    if envelope.visit_id != visit_id:
        raise _unproven("/envelope", "This envelope belongs to another visit.")
    data, doc = _document(document)
    if canonical.sha256(data) != envelope.claims["doc_sha256"]:
        raise _unproven("/document", "This is not the report that was signed: its hash is another.")
    if doc["visit"]["id"] != str(visit_id):
        raise _unproven("/document/visit/id", "The report is of another visit.")
    if _photos(doc["photos"]) != _photos(envelope.claims["photos"]):
        raise _unproven("/document/photos", "Report and envelope name different photos.")
    _check_strokes(envelope, strokes)
    return SignOff(envelope, key, offset_ms, data, doc, strokes)


def _device(tx: Tx, token: str) -> Device:
    """The device whose key must have signed: one of the acting user's own, known and not revoked."""
    device = tx.find(Device, claimed_device(token))
    own = device is not None and device.user_id == tx.actor.user_id
    if device is None or not own or tx.actor.device_id not in (None, device.id):
        raise _unproven("/envelope", "This envelope was not made on this device.")
    if device.revoked_at is not None:
        raise DEVICE_REVOKED("The device that made this envelope was revoked.")
    if device.public_key is None:
        raise STATE_CONFLICT("This device has not registered its signing key yet (see the handshake).")
    return device


def _document(document: str | dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    try:
        data = document.encode() if isinstance(document, str) else canonical.dumps(document)
        doc = canonical.loads(data)
    except (canonical.NotCanonical, UnicodeEncodeError) as error:
        raise invalid("/document", f"The document {error}.") from None
    if errors := shapes.errors("report", doc):
        found = [FieldError(f"/document{error.pointer}", error.detail) for error in errors]
        raise INVALID("The document does not have the shape of a report.", errors=found)
    if b"\\u0000" in data:
        raise invalid("/document", "Text may not contain the NUL character.")
    return data, doc


def _check_strokes(envelope: Envelope, strokes: Any) -> None:
    if envelope.refused:
        if strokes is not None:
            raise _unproven("/strokes", "Who refuses to sign leaves no strokes.")
        return
    check(strokes)
    try:
        same = digest(strokes) == envelope.claims["strokes_sha256"]
    except canonical.NotCanonical:
        same = False
    if not same:
        raise _unproven("/strokes", "These are not the strokes that the envelope covers.")


def _photos(photos: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return sorted((photo["id"], photo["sha256"], photo["bytes"]) for photo in photos)


def _unproven(pointer: str, detail: str) -> Problem:
    return ENVELOPE_INVALID(detail, errors=[FieldError(pointer, detail)])
