"""Background work on files and reports. Everything here may run twice; nothing here touches an original."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel import events, rows, tasks
from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.tasks import Handle
from app.work import commands as work
from app.work.commands import When
from media import places, reconcile, recordings, scanning, upload_rows, watch
from media.capture import doubts
from media.commands import sealing
from media.commands.files import INSPECT
from media.commands.files import kind_of as kind_named
from media.images import Inspection, inspect
from media.images.kinds import HEAD, kind_of
from media.models import Media, Signature, UploadRow
from media.store import BlobKey

RECORDED = ("audio", "video")
ASK_AGAIN, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)


@tasks.task(INSPECT)
def inspect_file(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Finds out what the complete file `media_id` is: type, size, capture, derivatives; or why it cannot be used."""
    media = tx.find(Media, UUID(args["media_id"]), lock=True)
    if media is None or media.sha256 is None or media.inspected_at is not None:
        return None
    try:
        malware = scanning.scan(places.blobs().read(BlobKey(media.org_id, media.sha256)))
    except scanning.ScannerAway as error:
        return _wait_for_the_scanner(tx, media, str(error), args.get("asked", 0))
    if malware is not None:
        return _quarantine(tx, media, malware)
    with tempfile.TemporaryDirectory(prefix="callout-inspect-") as folder:
        found = _inspection(media, Path(folder))
        thumbnails = {str(d.size): _stored(tx, d.file, d.width, d.height) for d in found.derivatives}
    reason = found.rejected
    _called_by_content(tx, media, found)
    if reason is None and media.kind == "photo" and not thumbnails:
        reason = f"This was announced as a photo, but it is {found.mime}."
    if reason is None and media.kind in RECORDED and kind_named(found.mime) not in RECORDED:
        reason = f"This was announced as a recording, but it is {found.mime}."
    media.state, media.rejection = ("rejected" if reason else "complete"), reason
    media.mime, media.width, media.height, media.duration_s = found.mime, found.width, found.height, found.duration_s
    media.capture, media.thumbnails, media.inspected_at = found.capture, thumbnails, tx.now
    media.flags = sorted({*media.flags, *found.flags, *doubts(tx, media)})
    tx.session.flush()
    rows.written(tx, media, "rejected" if reason else "inspected", {"reason": reason, "mime": found.mime})
    _seal_what_waited(tx, media.id)
    return {"mime": found.mime, "rejected": reason}


def _wait_for_the_scanner(tx: Tx, media: Media, reason: str, asked: int) -> dict[str, Any]:
    """The file stays `scan_pending` for as long as it takes; asked again after ever longer pauses."""
    pause = min(ASK_AGAIN * 2 ** min(asked, 10), LONGEST_PAUSE)
    args = {"media_id": str(media.id), "asked": asked + 1}
    tasks.schedule(tx, INSPECT, args, key=f"{media.id}:{asked + 1}", delay=pause)
    return {"waiting": reason}


def _quarantine(tx: Tx, media: Media, malware: str) -> dict[str, Any]:
    """Nothing of it is decoded, nothing of it is served; the bytes stay, for they may be evidence."""
    media.state, media.rejection, media.inspected_at = "quarantined", f"The scanner found {malware}.", tx.now
    tx.session.flush()
    rows.written(tx, media, "quarantined", {"found": malware})
    events.emit(tx, "media.quarantined", rows.plain({"id": media.id, "visit_id": media.visit_id, "found": malware}))
    _seal_what_waited(tx, media.id)
    return {"quarantined": malware}


def _called_by_content(tx: Tx, media: Media, found: Inspection) -> None:
    """A client that told no type has sent a `file`; when it is a photo it also counts as evidence of its visit."""
    if found.rejected or media.kind != "file" or kind_named(media.declared_type) != "file":
        return
    media.kind = kind_named(found.mime)
    if media.kind == "photo" and media.visit_id is not None:
        at = When(media.device_at, media.corrected_at)
        work.record_evidence(tx, media.visit_id, "photo", media.id, item_id=media.item_id, right="media.write", at=at)


def _inspection(media: Media, folder: Path) -> Inspection:
    key = BlobKey(media.org_id, str(media.sha256))
    store = places.blobs()
    kind = kind_of(b"".join(store.read(key, 0, HEAD)))
    if kind is None:
        return Inspection(rejected="The content is of no accepted kind, whatever its name says.")
    if kind.decoder is None and not recordings.probes(kind):
        return Inspection(mime=kind.mime)
    out = folder / "out"
    out.mkdir()
    with (folder / "in").open("w+b") as file:
        for piece in store.read(key):
            file.write(piece)
        file.flush()
        return inspect(file, out) if kind.decoder else recordings.listen(file, kind, out)


def _stored(tx: Tx, file: Path, width: int, height: int) -> dict[str, Any]:
    data = file.read_bytes()
    key = places.blobs().put(tx.actor.org_id, [data])
    return {"sha256": key.sha256, "size": len(data), "width": width, "height": height}


@tasks.task(sealing.SEAL)
def seal(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Seals the report of the visit `visit_id`, if what it is made of has changed since."""
    report = sealing.seal_report(tx, UUID(args["visit_id"]))
    link = f"/api/v1/visits/{report.visit_id}/report.pdf"
    return {"report": link, "number": report.number, "version": report.version}


@on("visit.transitioned", when=lambda event: event["status"] in sealing.REPORTABLE)
def seal_after_step(tx: Tx, handle: Handle, **event: Any) -> None:
    """A visit that is done gets its report."""
    sealing.seal_when_ready(tx, UUID(event["visit_id"]))


@on("signature.recorded")
def seal_after_signing(tx: Tx, handle: Handle, **event: Any) -> None:
    """A sign-off that comes after the visit's end, or again, makes the next version."""
    signature = tx.session.scalars(select(Signature).where(Signature.id == UUID(event["id"]))).one_or_none()
    if signature is not None:
        sealing.seal_when_ready(tx, signature.visit_id)


def _seal_what_waited(tx: Tx, media_id: UUID) -> None:
    waiting = select(Signature.visit_id).where(Signature.photo_ids.contains([media_id]), Signature.state == "recorded")
    for visit_id in tx.session.scalars(waiting.distinct()):
        sealing.seal_when_ready(tx, visit_id)


@tasks.task(watch.OVERDUE)
def tell_overdue(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Tells of files that have been awaited for a day."""
    return {"told": watch.tell_overdue(tx)}


@tasks.task(reconcile.NIGHTLY)
def reconcile_nightly(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Compares rows and blobs of the organisation, and comes again the next night."""
    found = reconcile.reconcile(tx, after=args.get("after", ""))
    reconcile.tomorrow(tx, after=found.next)
    return found.told()


@tasks.task(upload_rows.EXPIRE)
def expire_uploads(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Removes uploads that lay idle; comes again on the day when the next one may."""
    removed = upload_rows.expire(tx)
    latest = tx.session.scalar(select(func.max(UploadRow.expires_at)).where(UploadRow.complete.is_(False)))
    if latest is not None:
        upload_rows.look_again(tx, latest)
    return {"removed": removed}
