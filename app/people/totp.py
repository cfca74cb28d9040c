"""The second factor: codes of an authenticator app, in the actor's own account."""

from __future__ import annotations

import pyotp

from app.kernel import audit
from app.kernel.db import Tx
from app.kernel.problems import STATE_CONFLICT, invalid
from app.people import commands, credentials, guard
from app.people.models import User

ISSUER = "Callout"


def enrol(tx: Tx) -> dict[str, str]:
    """A fresh secret and the URI for the authenticator app; it counts once `confirm` saw a code. 409 when enrolled."""
    row = _own(tx)
    if row.totp_confirmed_at is not None:
        raise STATE_CONFLICT("A second factor is in use; disable it first.")
    row.totp_secret = pyotp.random_base32()
    tx.session.flush()
    uri = pyotp.TOTP(row.totp_secret).provisioning_uri(name=row.email, issuer_name=ISSUER)
    return {"secret": row.totp_secret, "uri": uri}


def confirm(tx: Tx, code: str) -> None:
    """From now on signing in asks for a code. 409 without enrolment, 422 for a wrong code."""
    row = _own(tx)
    if row.totp_secret is None or row.totp_confirmed_at is not None:
        raise STATE_CONFLICT("Enrol first.")
    guard.before_proof(row.id)
    step = credentials.totp_step(row.totp_secret, code, tx.now, row.totp_step)
    if step is None:
        raise invalid("/code", "The code is wrong, too old, or was used before.")
    guard.proved(row.id)
    row.totp_step, row.totp_confirmed_at = step, tx.now
    tx.session.flush()
    audit.record(tx, "user.totp_added", "user", row.id)


def disable(tx: Tx, password: str) -> None:
    """Signing in asks for no code any more. 401 when the password is wrong."""
    row = _own(tx)
    commands.confirm_password(row, password)
    commands.reset_totp(tx, row)


def _own(tx: Tx) -> User:
    return tx.get(User, commands.own_id(tx), lock=True)
