"""Where this installation keeps its files: `<data>/media`, or finished ones in an object store when one is configured.

Uploads that are still arriving lie on the local disk in any case. With several servers and an object store, that disk
is to be shared, or the balancer sends every request of an upload to the same server.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.kernel.config import config
from media.settings import settings
from media.store import BlobStore, DiskBlobStore, DiskStaging


def root() -> Path:
    """The folder of all media."""
    return config().data / "media"


def blobs() -> BlobStore:
    """Finished files."""
    return _opened(root())[0]


def staging() -> DiskStaging:
    """Uploads that are still arriving."""
    return _opened(root())[1]


@lru_cache(maxsize=8)
def _opened(folder: Path) -> tuple[BlobStore, DiskStaging]:
    store = _object_store() or DiskBlobStore(folder / "blobs")
    return store, DiskStaging(folder / "uploads", store)


def _object_store() -> BlobStore | None:
    told = settings()
    if told.s3_bucket is None:
        return None
    from media.store.s3 import S3BlobStore, connect  # half a second, and only for those who have one

    return S3BlobStore(connect(told.s3_endpoint, told.s3_region), told.s3_bucket, told.s3_prefix)
