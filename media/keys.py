"""The organisation's sealing key: it seals reports and countersigns receipts. Made when it is first needed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from jwt import PyJWS
from sqlalchemy import select

from app.kernel import audit, vault
from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.kernel.problems import not_found
from app.people.models import Organisation
from media import canonical
from media.commands.locks import alone
from media.models import SealKey
from media.reports import Seal, demo_seal

RECEIPT = "callout-receipt+jws"

_jws = PyJWS(algorithms=["ES256"])


def active(tx: Tx) -> Seal:
    """The key in use. The first time, a self-signed one is made; it proves integrity, not who the organisation is."""
    row = _active(tx)
    if row is None:
        alone(tx, "seal key", tx.actor.org_id)
        row = _active(tx) or _keep(tx, demo_seal(organisation_name(tx), tx.now))
    private = vault.decrypt(vault.SEAL_KEY, row.org_id, row.id, row.wrapped_key)
    return Seal(row.certificate.encode(), private)


def rotate(tx: Tx, brought: Seal | None = None) -> tuple[str | None, str]:
    """Retires the key in use for `brought`, or for a new self-signed one. Returns both fingerprints.

    The retired private half is destroyed: nobody can seal with it any more. Its certificate stays, and so does every
    report and receipt that it vouches for.
    """
    alone(tx, "seal key", tx.actor.org_id)
    last = _active(tx)
    if last is not None:
        last.retired_at, last.wrapped_key = tx.now, b""
        tx.session.flush()
    row = _keep(tx, brought or demo_seal(organisation_name(tx), tx.now))
    retired = last.fingerprint if last else None
    told = {"retired": retired, "made": row.fingerprint, "brought": brought is not None}
    audit.record(tx, "seal_key.rotated", "seal_key", row.id, told)
    return retired, row.fingerprint


def countersign(tx: Tx, claims: dict[str, Any], kind: str = RECEIPT) -> str:
    """`claims` as a compact JWS under the organisation's key, named by its certificate's fingerprint."""
    key = active(tx)
    header = {"typ": kind, "kid": key.fingerprint}
    return _jws.encode(canonical.dumps(claims), key.key, algorithm="ES256", headers=header)


def certificate(tx: Tx, fingerprint: str) -> str:
    """The certificate (PEM) of a key that is or was in use, for whoever checks a receipt."""
    found = tx.session.scalar(select(SealKey.certificate).where(SealKey.fingerprint == fingerprint))
    if found is None:
        raise not_found("certificate")
    return found


def organisation(tx: Tx) -> Organisation:
    """Whose seal it is."""
    return tx.session.scalars(select(Organisation).where(Organisation.id == tx.actor.org_id)).one()


def organisation_name(tx: Tx) -> str:
    """What the organisation is called."""
    return organisation(tx).name


def _active(tx: Tx) -> SealKey | None:
    current = select(SealKey).where(SealKey.retired_at.is_(None), SealKey.deleted_at.is_(None))
    return tx.session.scalars(current).one_or_none()


def _keep(tx: Tx, seal: Seal) -> SealKey:
    key_id: UUID = new_id()
    wrapped = vault.encrypt(vault.SEAL_KEY, tx.actor.org_id, key_id, seal.key)
    return tx.add(
        SealKey(id=key_id, fingerprint=seal.fingerprint, certificate=seal.certificate.decode(), wrapped_key=wrapped)
    )
