"""Which files of a visit are expected and which are here: a visit is fully synced only when all its bytes are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.actor import Actor
from app.kernel.db import Tx
from app.kernel.permissions import Scope
from app.people.models import Device, Engineer
from media import access, places
from media.commands.signing import expected
from media.models import Media, Signature, UploadRow

LIVE = Media.deleted_at.is_(None)


def of_visit(tx: Tx, visit_id: UUID) -> dict[str, Any]:
    """The manifest of a visit: every expected file with how much of it is here, by device, and held sign-offs."""
    query = (
        select(Media, Device.name.label("device"), Engineer.name.label("engineer"), UploadRow.id.label("upload_id"))
        .outerjoin(Device, Device.id == Media.device_id)
        .outerjoin(Engineer, Engineer.id == Media.engineer_id)
        .outerjoin(UploadRow, (UploadRow.media_id == Media.id) & (UploadRow.kind != "partial"))
        .where(Media.visit_id == visit_id, LIVE)
        .order_by(Media.created_at, Media.id)
    )
    items = [_item(*row) for row in tx.session.execute(query)]
    held = _held(tx, visit_id)
    waiting = [item for item in items if item["state"] == "awaiting"]
    return {
        "visit_id": visit_id,
        "fully_synced": not waiting and not held,
        "expected": len(items),
        "present": len(items) - len(waiting),
        "files": items,
        "held_signatures": held,
    }


def _item(media: Media, device: str | None, engineer: str | None, upload_id: UUID | None) -> dict[str, Any]:
    here = media.state != "awaiting"
    received = media.size if here else places.staging().offset(upload_id) if upload_id else 0
    return {
        "id": media.id,
        "kind": media.kind,
        "filename": media.filename,
        "state": media.state,
        "size": media.size,
        "received": received or 0,
        "device_id": media.device_id,
        "device": device,
        "engineer": engineer,
        "awaited_since": None if here else media.created_at,
        "flags": media.flags,
    }


def _held(tx: Tx, visit_id: UUID) -> list[dict[str, Any]]:
    """Sign-offs that wait for earlier ones of their device, and which one is asked for next."""
    query = select(Signature.id, Signature.device_id, Signature.seq).where(
        Signature.visit_id == visit_id, Signature.state == "held"
    )
    return [
        {"id": row.id, "device_id": row.device_id, "seq": row.seq, "expected_seq": expected(tx, row.device_id)[0]}
        for row in tx.session.execute(query.order_by(Signature.seq))
    ]


def outstanding(tx: Tx, actor: Actor) -> list[dict[str, Any]]:
    """Visits that still wait for files, by device, the longest waiting first: `2 of 5 still on device X`."""
    awaited = func.count().filter(Media.state == "awaiting")
    since = func.min(Media.created_at).filter(Media.state == "awaiting")
    query = (
        select(
            Media.visit_id,
            Media.device_id,
            Device.name.label("device"),
            Device.last_seen_at,
            func.count().label("expected"),
            awaited.label("awaiting"),
            since.label("since"),
        )
        .outerjoin(Device, Device.id == Media.device_id)
        .where(Media.visit_id.is_not(None), LIVE)
        .group_by(Media.visit_id, Media.device_id, Device.name, Device.last_seen_at)
        .having(awaited > 0)
    )
    scope = actor.demand("media.read")
    if scope is not Scope.ALL:
        query = query.where(access.media_of(actor, scope))
    return [dict(row) for row in tx.session.execute(query.order_by(since).limit(500)).mappings()]
