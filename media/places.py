"""Where this installation keeps its files: `<data>/media`, blobs and staged uploads on one file system."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.kernel.config import config
from media.store import DiskBlobStore, DiskStaging


def blobs() -> DiskBlobStore:
    """Finished files."""
    return _opened(config().data / "media")[0]


def staging() -> DiskStaging:
    """Uploads that are still arriving."""
    return _opened(config().data / "media")[1]


@lru_cache(maxsize=4)
def _opened(root: Path) -> tuple[DiskBlobStore, DiskStaging]:
    store = DiskBlobStore(root / "blobs")
    return store, DiskStaging(root / "uploads", store)
