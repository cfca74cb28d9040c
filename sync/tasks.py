"""What synchronisation does later: a device that was revoked leaves nothing held."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.permissions import Role
from app.kernel.tasks import Handle
from app.people.models import Device, Engineer
from sync.push import push


@on("device.revoked")
def keep_what_is_held(tx: Tx, handle: Handle, **event: Any) -> None:
    """What waits for a number that a lost phone will never send is kept in Conflicts of whoever sent it.

    A push of nothing does it, as it does with whatever such a phone still sends.
    """
    device = tx.find(Device, UUID(event["id"]), lock=True)
    if device is None or device.revoked_at is None:
        return
    engineer_id = tx.session.scalar(select(Engineer.id).where(Engineer.user_id == device.user_id))
    owner = replace(tx.actor, role=Role.ENGINEER, user_id=device.user_id, engineer_id=engineer_id, name="")
    push(Tx(tx.session, owner, tx.now), device.id, [])
