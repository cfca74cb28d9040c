"""Where bytes live. `BlobStore` keeps finished files, `Staging` keeps uploads that are still arriving."""

from media.store.blobs import DiskBlobStore
from media.store.protocol import (
    PIECE,
    BlobKey,
    BlobStore,
    Claim,
    Fenced,
    NotStored,
    OffsetMismatch,
    Staging,
    StorageFull,
)
from media.store.staging import DiskStaging

__all__ = [
    "PIECE",
    "BlobKey",
    "BlobStore",
    "Claim",
    "DiskBlobStore",
    "DiskStaging",
    "Fenced",
    "NotStored",
    "OffsetMismatch",
    "Staging",
    "StorageFull",
]
