"""Files of the organisation: announced first, complete when their bytes are durable."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import rows, tasks
from app.kernel.db import Tx
from app.kernel.problems import DUPLICATE, UNSUPPORTED_TYPE, FieldError, invalid
from app.work import commands as work
from app.work.commands import When
from app.work.models import ChecklistItem
from media import access, scanning, watch
from media.commands.locks import alone
from media.images import kinds
from media.models import Media

INSPECT = "media.inspect"
OPAQUE = ("", "application/octet-stream", "binary/octet-stream")
FIXED = ("visit_id", "item_id", "sha256", "size", "kind")


def announce(tx: Tx, media_id: UUID, data: dict[str, Any], *, at: When | None = None, offline: bool = False) -> Media:
    """A file that is to come. The same announcement again is the same row; another file under this id is a 409.

    data: columns of Media. A photo counts as evidence of its visit from now on, because guards look at rows.
    """
    alone(tx, "media", media_id)
    known = tx.find(Media, media_id)
    if known is not None:
        return _same(tx, known, data)
    kind = data.get("kind") or kind_of(data.get("declared_type"))
    at = at or work.when(tx)
    visit = access.reach(tx, data["visit_id"], "media.write", offline=offline) if data.get("visit_id") else None
    _check(tx, {**data, "kind": kind})
    media = Media(
        **{**data, "id": media_id, "kind": kind},
        created_by=tx.actor.user_id,
        engineer_id=tx.actor.engineer_id or (visit.engineer_id if visit else None),
        device_id=tx.actor.device_id,
        device_at=at.device_at,
        received_at=tx.now,
        corrected_at=at.corrected_at,
        flags=list(at.flags),
    )
    tx.add(media)
    rows.written(tx, media, "created", {name: data.get(name) for name in FIXED})
    watch.look_after(tx, tx.now)
    if visit is not None and kind == "photo":
        where: dict[str, Any] = {"item_id": media.item_id, "right": "media.write", "at": at, "offline": offline}
        work.record_evidence(tx, visit.id, "photo", media.id, **where)
    return media


def arrive(tx: Tx, media_id: UUID, sha256: str, size: int) -> Media:
    """The bytes are durable: the row is complete and will be inspected. Doing it again changes nothing."""
    media = tx.get(Media, media_id, lock=True)
    if media.state != "awaiting":
        return media
    media.state = "scan_pending" if scanning.configured() else "complete"
    media.sha256, media.size, media.completed_at = sha256, size, tx.now
    tx.session.flush()
    rows.written(tx, media, "completed", {"sha256": sha256, "size": size})
    tasks.schedule(tx, INSPECT, {"media_id": str(media.id)}, key=str(media.id))
    return media


def forget(tx: Tx, media_id: UUID) -> None:
    """The client gave an upload up: a loose file that never came is removed; one of a visit stays visibly awaited."""
    media = tx.find(Media, media_id, lock=True)
    if media is not None and media.state == "awaiting" and media.visit_id is None:
        rows.written(tx, media, "given_up", {})
        tx.session.delete(media)
        tx.session.flush()


def kind_of(mime: str | None) -> str:
    """`photo`, `audio`, `video` or `file`, as a content type announces it."""
    family = (mime or "").partition("/")[0].strip().lower()
    return {"image": "photo", "audio": "audio", "video": "video"}.get(family, "file")


def _check(tx: Tx, data: dict[str, Any]) -> None:
    declared = (data.get("declared_type") or "").partition(";")[0].strip().lower()
    if data.get("visit_id") and declared not in OPAQUE and kinds.named(declared) is None:
        raise UNSUPPORTED_TYPE(f"Files of type {declared} are not taken at a visit.", accepted=sorted(kinds.KINDS))
    if data.get("item_id"):
        item = tx.find(ChecklistItem, data["item_id"])
        if item is None or item.visit_id != data.get("visit_id"):
            raise invalid("/item_id", "This visit has no such checklist item.")


def _same(tx: Tx, known: Media, data: dict[str, Any]) -> Media:
    """`known`, unless `data` announces something else under its id."""
    access.writable(tx, known)
    for name in FIXED:
        told, present = data.get(name), getattr(known, name)
        if told is not None and present is not None and told != present and name != "kind":
            raise DUPLICATE("Another file was announced under this id.", errors=[FieldError(f"/{name}", "differs")])
    if known.state == "awaiting":
        for name in ("sha256", "size"):
            if getattr(known, name) is None and data.get(name) is not None:
                setattr(known, name, data[name])
        tx.session.flush()
    return known
