"""Reads of the media room: wire views, and what strangers may look up by code, hash or certificate."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, func, literal_column, select

from app.kernel import rows
from app.kernel.actor import system_actor
from app.kernel.db import Tx, new_session, transaction
from app.kernel.rows import wire_columns
from media import keys
from media.commands.remote import link_state, masked, token_hash
from media.commands.sealing import missing_files
from media.commands.signing import expected
from media.keys import organisation, organisation_name
from media.models import Media, SealedReport, Signature, SignLink
from media.verify import Sealed

SIZES: Any = literal_column(
    "ARRAY(SELECT key::int FROM jsonb_object_keys(media.thumbnails) AS key ORDER BY 1)", ARRAY(Integer)
)
INSIDE = ("thumbnails",)
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
CODE = re.compile(r"[0-9A-Z]{16}")
AS_TYPED = str.maketrans({"-": "", " ": "", "O": "0", "I": "1", "L": "1"})
SECRET = ("envelope", "claims", "document", "strokes", "public_key", "photo_ids")


def media() -> Select[Any]:
    """Files with the sizes of their small pictures."""
    return select(*wire_columns(Media, *INSIDE), SIZES.label("thumbnails"))


def one(tx: Tx, media_id: UUID) -> dict[str, Any]:
    """A file as on the wire, for whoever has just written it."""
    return rows.one(tx, media(), Media, media_id)


def sign_offs(tx: Tx, visit_id: UUID) -> list[dict[str, Any]]:
    """All sign-offs of a visit, oldest first."""
    query = select(Signature).where(Signature.visit_id == visit_id).order_by(Signature.received_at, Signature.id)
    return [shown(tx, signature) for signature in tx.session.scalars(query)]


def shown(tx: Tx, signature: Signature) -> dict[str, Any]:
    """A sign-off as on the wire, with what it still waits for."""
    hidden = {"org_id", "deleted_at", *SECRET}
    row = {c.name: getattr(signature, c.name) for c in Signature.__table__.columns if c.name not in hidden}
    row["awaiting_media"] = missing_files(tx, signature)
    if signature.state == "held":
        row["expected_seq"] = expected(tx, signature.device_id)[0]
    return row


def sign_links(tx: Tx, visit_id: UUID) -> list[dict[str, Any]]:
    """The links of a visit, newest first."""
    query = select(SignLink).where(SignLink.visit_id == visit_id).order_by(SignLink.created_at.desc(), SignLink.id)
    return [link_shown(tx, link) for link in tx.session.scalars(query)]


def link_shown(tx: Tx, link: SignLink) -> dict[str, Any]:
    """A link as on the wire: its address masked, nothing of its token and code."""
    names = ("id", "rev", "created_at", "updated_at", "visit_id", "channel", "signer_name", "language", "expires_at",
             "opened_at", "code_sent_at", "used_at", "signature_id")  # fmt: skip
    return {
        **{name: getattr(link, name) for name in names},
        "address": masked(link.address),
        "state": link_state(link, tx.now),
    }


def link_by_token(token: str) -> tuple[UUID, UUID] | None:
    """(organisation, link) of a token."""
    columns: Any = (literal_column("org_id"), literal_column("link_id"))
    found = select(*columns).select_from(func.sign_link_by_hash(token_hash(token)))
    with new_session() as session, session.begin():
        row = session.execute(found).one_or_none()
    return (row.org_id, row.link_id) if row else None


def report_by_code(code: str) -> Sealed | None:
    """The sealed report with this code, of whichever organisation; read as people type it."""
    letters = code.upper().translate(AS_TYPED)
    if not CODE.fullmatch(letters):
        return None
    return _found(func.report_by_code("-".join(letters[start : start + 4] for start in range(0, 16, 4))))


def report_by_hash(sha256: str) -> Sealed | None:
    """The sealed report whose file has this hash."""
    return _found(func.report_by_hash(sha256))


def seal_owner(fingerprint: str) -> str | None:
    """The name of the organisation whose sealing certificate this is."""
    org_id = _seal_owner(fingerprint)
    if org_id is None:
        return None
    with transaction(system_actor(org_id)) as tx:
        return organisation_name(tx)


def certificate(fingerprint: str) -> str | None:
    """The certificate (PEM) with this SHA-256, of whichever organisation, retired or not."""
    org_id = _seal_owner(fingerprint)
    if org_id is None:
        return None
    with transaction(system_actor(org_id)) as tx:
        return keys.certificate(tx, fingerprint)


def _seal_owner(fingerprint: str) -> UUID | None:
    if not FINGERPRINT.fullmatch(fingerprint):
        return None
    with new_session() as session, session.begin():
        found: UUID | None = session.scalar(select(func.seal_owner(fingerprint)))
        return found


def _found(look_up: Any) -> Sealed | None:
    columns: Any = (literal_column("org_id"), literal_column("report_id"))
    found = select(*columns).select_from(look_up)
    with new_session() as session, session.begin():
        row = session.execute(found).one_or_none()
    if row is None:
        return None
    with transaction(system_actor(row.org_id)) as tx:
        return sealed(tx, tx.get(SealedReport, row.report_id))


def sealed(tx: Tx, report: SealedReport) -> Sealed:
    """What anybody may know of a report who holds it or its code."""
    signature = tx.find(Signature, report.signature_id) if report.signature_id else None
    issuer = organisation(tx)
    return Sealed(
        number=report.number,
        version=report.version,
        code=report.code,
        organisation=issuer.name,
        time_zone=issuer.timezone,
        sealed_at=report.sealed_at,
        level=report.level,
        sha256=report.sha256,
        superseded=report.superseded_at is not None,
        outcome=signature.outcome if signature else None,
        method=signature.method if signature else None,
        signer=signature.signer_name if signature else None,
        signed_at=signature.corrected_at if signature else None,
    )
