"""Which device a stock client is: the one that signed in."""

from __future__ import annotations

from uuid import UUID

from app.kernel.db import Tx
from app.kernel.problems import invalid


def own_device_id(tx: Tx) -> UUID:
    """The device in the token. Raises 422 without one: what a client sent and was sent is remembered by device."""
    if tx.actor.device_id is None:
        raise invalid("/device", "Sign in with `device`: the server remembers what each device sent and was sent.")
    return tx.actor.device_id
