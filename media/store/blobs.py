"""Finished files on the local disk: `<root>/<organisation>/<first two digits>/<sha256>`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from media.store.durable import full_disk_is_told, make_folder, sync_folder
from media.store.protocol import PIECE, BlobKey, NotStored


class DiskBlobStore:
    """A BlobStore on one file system. A name appears only when its bytes are already durable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        make_folder(root)

    def path(self, key: BlobKey) -> Path:
        """Where the blob lies, or would lie."""
        return self.root / key.org_id.hex / key.sha256[:2] / key.sha256

    def put(self, org_id: UUID, pieces: Iterable[bytes]) -> BlobKey:
        """Stores the bytes under a temporary name and gives them their own at the end."""
        digest = hashlib.sha256()
        with full_disk_is_told(), tempfile.NamedTemporaryFile(dir=self.root, prefix=".put-") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            key = BlobKey(org_id, digest.hexdigest())
            self.link(Path(file.name), key)
        return key

    def link(self, durable: Path, key: BlobKey) -> None:
        """Gives a file whose bytes are already fsynced the name `key`; nobody writes to it from then on."""
        target = self.path(key)
        make_folder(target.parent)
        while not _linked(durable, target):
            continue  # it was there a moment ago, and is being removed: now it is not
        sync_folder(target.parent)

    def size(self, key: BlobKey) -> int | None:
        """Size in bytes; None when there is no such blob."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, key: BlobKey, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes [start, stop) in pieces; raises NotStored at once."""
        try:
            file = self.path(key).open("rb", buffering=0)
        except FileNotFoundError:
            raise NotStored(key.sha256) from None
        return _pieces(file, start, stop)

    def delete_older(self, key: BlobKey, moment: datetime) -> bool:
        """Removes the blob unless it was stored, or stored again, since `moment`.

        It is put aside first: who stores it again now either made it young before, or finds no name and makes one.
        """
        aside = self.root / f".old-{key.org_id.hex}-{key.sha256}"
        try:
            self.path(key).rename(aside)
        except FileNotFoundError:
            return False
        young = aside.stat().st_mtime >= moment.timestamp()
        if young:
            _linked(aside, self.path(key))
        aside.unlink()
        return not young

    def delete(self, key: BlobKey) -> None:
        """Removes the blob; no error when it is gone already."""
        self.path(key).unlink(missing_ok=True)

    def keys(self, org_id: UUID | None = None) -> Iterator[BlobKey]:
        """Every stored key, of one organisation or of all."""
        for path in self.root.glob(f"{org_id.hex if org_id else '*'}/??/*"):
            yield BlobKey(UUID(hex=path.parent.parent.name), path.name)

    def address(self, key: BlobKey, headers: dict[str, str], seconds: int) -> str | None:
        """A disk serves nobody by itself."""
        return None

    def stored_at(self, key: BlobKey) -> datetime | None:
        """When the blob was stored (UTC); None when there is none."""
        try:
            return datetime.fromtimestamp(self.path(key).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None


def _linked(durable: Path, target: Path) -> bool:
    """Gives `durable` the name `target`, or makes the blob of that name young; False when it vanished meanwhile."""
    try:
        os.link(durable, target)
    except FileExistsError:
        try:
            os.utime(target)
        except FileNotFoundError:
            return False
    return True


def _pieces(file: BinaryIO, start: int, stop: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = None if stop is None else max(0, stop - start)
        while left is None or left > 0:
            piece = file.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece
