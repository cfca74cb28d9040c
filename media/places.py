"""Where this installation keeps its files: `<data>/media`, blobs and staged uploads on one file system."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.kernel.config import config
from media.store import DiskBlobStore, DiskStaging


def root() -> Path:
    """The folder of all media."""
    return config().data / "media"


def blobs() -> DiskBlobStore:
    """Finished files."""
    return _opened(root())[0]


def staging() -> DiskStaging:
    """Uploads that are still arriving."""
    return _opened(root())[1]


@lru_cache(maxsize=8)
def _opened(folder: Path) -> tuple[DiskBlobStore, DiskStaging]:
    store = DiskBlobStore(folder / "blobs")
    return store, DiskStaging(folder / "uploads", store)
