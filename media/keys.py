"""The organisation's sealing key: it seals reports and countersigns receipts. Made when it is first needed."""

from __future__ import annotations

from typing import Any

from jwt import PyJWS
from sqlalchemy import select

from app.kernel.db import Tx
from app.kernel.ids import new_id
from app.people.models import Organisation
from media import canonical, vault
from media.commands.locks import alone
from media.models import SealKey
from media.reports import Seal, demo_seal

RECEIPT = "callout-receipt+jws"

_jws = PyJWS(algorithms=["ES256"])


def active(tx: Tx) -> Seal:
    """The key in use. The first time, a self-signed one is made; it proves integrity, not who the organisation is."""
    current = select(SealKey).where(SealKey.retired_at.is_(None), SealKey.deleted_at.is_(None))
    row = tx.session.scalars(current).one_or_none()
    if row is None:
        alone(tx, "seal key", tx.actor.org_id)
        row = tx.session.scalars(current).one_or_none() or _make(tx)
    private = vault.decrypt(vault.SEAL_KEY, row.org_id, row.id, row.wrapped_key)
    return Seal(row.certificate.encode(), private)


def countersign(tx: Tx, claims: dict[str, Any]) -> str:
    """A receipt: `claims` as a compact JWS under the organisation's key, named by its certificate's fingerprint."""
    key = active(tx)
    header = {"typ": RECEIPT, "kid": key.fingerprint}
    return _jws.encode(canonical.dumps(claims), key.key, algorithm="ES256", headers=header)


def organisation_name(tx: Tx) -> str:
    """What the organisation is called."""
    name: str = tx.session.scalars(select(Organisation.name).where(Organisation.id == tx.actor.org_id)).one()
    return name


def _make(tx: Tx) -> SealKey:
    made, key_id = demo_seal(organisation_name(tx), tx.now), new_id()
    wrapped = vault.encrypt(vault.SEAL_KEY, tx.actor.org_id, key_id, made.key)
    return tx.add(
        SealKey(id=key_id, fingerprint=made.fingerprint, certificate=made.certificate.decode(), wrapped_key=wrapped)
    )
