"""The nightly comparison of rows and blobs of an organisation: rows without bytes, bytes without row, wrong bytes.

Bytes that no row has named for a month are removed; everything else is told, never mended in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.kernel import audit, events, rows, tasks
from app.kernel.db import Tx
from media import places
from media.models import Media, SealedReport, UploadRow
from media.store import BlobKey, NotStored

NIGHTLY = "media.reconcile"
HOUR = 2  # UTC
KEPT = timedelta(days=30)
HASHED = 4 * 1024**3
"""Bytes that are read back in one night; the next night goes on from there."""
EXAMPLES = 100
MISSING, DAMAGED = "bytes_missing", "bytes_damaged"


@dataclass
class Findings:
    """Hashes (hex) by what is wrong with them. `next`: where the next night's reading back begins."""

    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    hashed: int = 0
    next: str = ""

    def told(self) -> dict[str, Any]:
        """For task, audit and event: counts, and the first hashes of each kind."""
        kinds = {name: getattr(self, name) for name in ("missing", "damaged", "unnamed", "removed")}
        examples = {f"{name}_examples": found[:EXAMPLES] for name, found in kinds.items() if found}
        return {**{name: len(found) for name, found in kinds.items()}, "hashed": self.hashed, **examples}


def tomorrow(tx: Tx, after: str = "") -> None:
    """Plans the next night's comparison: one task a night."""
    night = tx.now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    night += timedelta(days=night <= tx.now)
    tasks.schedule(tx, NIGHTLY, {"after": after}, key=str(night.date()), delay=night - tx.now)


def reconcile(tx: Tx, *, after: str = "", budget: int = HASHED) -> Findings:
    """Compares everything by name, and reads back `budget` bytes from the hash `after` on."""
    found, named = Findings(), _named(tx)
    stored = {key.sha256 for key in places.blobs().keys(tx.actor.org_id)}
    found.missing = sorted(named - stored)
    for sha256 in sorted(stored - named):
        key = BlobKey(tx.actor.org_id, sha256)
        old = places.blobs().delete_older(key, tx.now - KEPT) if not _named_now(tx, sha256) else False
        (found.removed if old else found.unnamed).append(sha256)
    _read_back(tx, sorted(named & stored), found, after, budget)
    _forget_staged(tx)
    _tell(tx, found)
    return found


def _named(tx: Tx) -> set[str]:
    """Every hash that some row of the organisation stands for."""
    return set(_hashes(tx, None))


def _named_now(tx: Tx, sha256: str) -> bool:
    """Asked again before removing: a file with these bytes may have been recorded while we compared."""
    return any(_hashes(tx, sha256))


def _hashes(tx: Tx, only: str | None) -> Iterable[str]:
    arrived = select(Media.sha256, Media.thumbnails).where(Media.state != "awaiting")
    for sha256, thumbnails in tx.session.execute(arrived):
        yield from (x for x in (sha256, *(small["sha256"] for small in thumbnails.values())) if only in (None, x))
    for column in (SealedReport.sha256, UploadRow.blob):
        query = select(column).where(column.is_not(None) if only is None else column == only)
        yield from (str(sha256) for sha256 in tx.session.scalars(query))


def _read_back(tx: Tx, known: list[str], found: Findings, after: str, budget: int) -> None:
    for sha256 in (sha256 for sha256 in known if sha256 > after):
        if found.hashed >= budget:
            found.next = found.next or after
            return
        digest = hashlib.sha256()
        try:
            for piece in places.blobs().read(BlobKey(tx.actor.org_id, sha256)):
                digest.update(piece)
                found.hashed += len(piece)
        except NotStored:
            found.missing.append(sha256)
        else:
            if digest.hexdigest() != sha256:
                found.damaged.append(sha256)
        found.next = sha256
    found.next = ""  # all were read: begin anew


def _forget_staged(tx: Tx) -> None:
    """Pieces of concatenated uploads that are done, and uploads that ended: their bytes live on as a blob or not."""
    old = (UploadRow.kind == "partial") & (UploadRow.expires_at <= tx.now - KEPT)
    for upload_id in tx.session.scalars(select(UploadRow.id).where(old)):
        places.staging().discard(upload_id)


def _tell(tx: Tx, found: Findings) -> None:
    told = found.told()
    audit.record(tx, "media.reconciled", "media", None, told)
    for flag, hashes in ((MISSING, found.missing), (DAMAGED, found.damaged)):
        for media in tx.session.scalars(select(Media).where(Media.sha256.in_(hashes), Media.state != "awaiting")):
            if flag not in media.flags:
                media.flags = sorted({*media.flags, flag})
                tx.session.flush()
                rows.written(tx, media, "flagged", {"flag": flag})
    if found.missing or found.damaged:
        events.emit(tx, "media.damaged", told)
