"""Finished files in an S3-compatible store: `<prefix><organisation>/<sha256>`. Loaded only when one is configured.

Names are content, so a name that is taken already holds these bytes: writes are conditional and never replace. The
store checks the bytes against their SHA-256 before it acknowledges them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.kernel.problems import UNAVAILABLE
from media.store.durable import full_disk_is_told
from media.store.protocol import PIECE, BlobKey, NotStored

ABSENT = ("404", "NoSuchKey", "NotFound")
TAKEN = ("412", "PreconditionFailed")
BEYOND = ("416", "InvalidRange")
RETRY_AFTER_S = 5


def connect(endpoint: str | None, region: str | None) -> Any:
    """A client; who we are comes from the environment, as for every tool of that world (`AWS_ACCESS_KEY_ID`, …)."""
    how = Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path" if endpoint else "auto"},
        max_pool_connections=64,
    )
    return boto3.Session().client("s3", endpoint_url=endpoint, region_name=region, config=how)


class S3BlobStore:
    """A BlobStore in one bucket. Whatever the store cannot do now is a 503 problem, and nothing is lost by it."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = prefix

    def put(self, org_id: UUID, pieces: Iterable[bytes]) -> BlobKey:
        """Stores the bytes; their name is known only at their end, so they wait on the local disk."""
        digest = hashlib.sha256()
        with full_disk_is_told(), tempfile.NamedTemporaryFile(prefix="callout-put-") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            key = BlobKey(org_id, digest.hexdigest())
            self.link(Path(file.name), key)
        return key

    def link(self, durable: Path, key: BlobKey) -> None:
        """Sends a file whose bytes hash to the key, unless they are there."""
        length = os.stat(durable).st_size
        if self.size(key) == length:
            return
        checksum = base64.b64encode(bytes.fromhex(key.sha256)).decode()
        with durable.open("rb") as body, _told(key):
            try:
                self.client.put_object(**self._at(key), Body=body, ChecksumSHA256=checksum, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) not in TAKEN or self.size(key) != length:
                    raise

    def size(self, key: BlobKey) -> int | None:
        """Size in bytes; None when there is no such blob."""
        found = self._head(key)
        return None if found is None else int(found["ContentLength"])

    def stored_at(self, key: BlobKey) -> datetime | None:
        """When the blob was stored (UTC); None when there is none."""
        found = self._head(key)
        return None if found is None else found["LastModified"].astimezone(UTC)

    def read(self, key: BlobKey, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes [start, stop) in pieces; raises NotStored at once."""
        span: dict[str, str] = {}
        if stop is not None and stop <= start:
            span["Range"] = "bytes=0-0"  # nothing is wanted, but a missing blob is told
        elif start or stop is not None:
            span["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        with _told(key):
            try:
                found = self.client.get_object(**self._at(key), **span)
            except ClientError as error:
                if _code(error) in BEYOND:
                    return iter(())
                raise
        return iter(()) if stop is not None and stop <= start else found["Body"].iter_chunks(PIECE)

    def delete_older(self, key: BlobKey, moment: datetime) -> bool:
        """Never: an object store has no step that looks and removes at once. Its own rules of lifecycle may."""
        return False

    def delete(self, key: BlobKey) -> None:
        """Removes the blob; no error when it is gone already."""
        with _told(key):
            self.client.delete_object(**self._at(key))

    def keys(self, org_id: UUID | None = None) -> Iterator[BlobKey]:
        """Every stored key, of one organisation or of all."""
        begin = self.prefix + (f"{org_id.hex}/" if org_id else "")
        with _told(None):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=begin):
                for item in page.get("Contents", ()):
                    organisation, _, sha256 = item["Key"].removeprefix(self.prefix).partition("/")
                    yield BlobKey(UUID(hex=organisation), sha256)

    def address(self, key: BlobKey, headers: dict[str, str], seconds: int) -> str:
        """A signed address under which the store itself serves the blob; `headers` are what it will answer with."""
        told = {f"Response{name.title().replace('-', '')}": value for name, value in headers.items()}
        url: str = self.client.generate_presigned_url("get_object", {**self._at(key), **told}, ExpiresIn=seconds)
        return url

    def _at(self, key: BlobKey) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{self.prefix}{key.org_id.hex}/{key.sha256}"}

    def _head(self, key: BlobKey) -> dict[str, Any] | None:
        with _told(key):
            try:
                found: dict[str, Any] = self.client.head_object(**self._at(key))
            except ClientError as error:
                if _code(error) in ABSENT:
                    return None
                raise
        return found


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _told(key: BlobKey | None) -> Iterator[None]:
    """Turns what the store refuses into NotStored, or into a problem that asks the client to come again."""
    try:
        yield
    except ClientError as error:
        if key is not None and _code(error) in ABSENT:
            raise NotStored(key.sha256) from None
        raise UNAVAILABLE("The store of files refuses at the moment.", retry_after=RETRY_AFTER_S) from error
    except BotoCoreError as error:
        raise UNAVAILABLE("The store of files does not answer.", retry_after=RETRY_AFTER_S) from error
