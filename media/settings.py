"""What this room is told from outside: `CALLOUT_*` variables that only media need, read once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Everything is optional.

    tsa_url: a time-stamping authority (RFC 3161); tsa_roots: PEM file with the roots that its certificates and the
    seal's end in. s3_bucket: finished files lie there instead of on the disk, under s3_prefix; s3_endpoint: any store
    but Amazon's. quota: bytes that the files of one organisation may take. clamd: `unix:/path` or `host:port` of
    a ClamAV daemon that every file is shown to before anybody may have it.
    """

    tsa_url: str | None
    tsa_roots: Path | None
    s3_bucket: str | None
    s3_prefix: str
    s3_endpoint: str | None
    s3_region: str | None
    quota: int | None
    clamd: str | None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    env = os.environ
    roots = env.get("CALLOUT_TSA_ROOTS")
    return Settings(
        tsa_url=env.get("CALLOUT_TSA_URL") or None,
        tsa_roots=Path(roots) if roots else None,
        s3_bucket=env.get("CALLOUT_S3_BUCKET") or None,
        s3_prefix=env.get("CALLOUT_S3_PREFIX", ""),
        s3_endpoint=env.get("CALLOUT_S3_ENDPOINT") or None,
        s3_region=env.get("CALLOUT_S3_REGION") or None,
        quota=int(env["CALLOUT_MEDIA_QUOTA"]) if env.get("CALLOUT_MEDIA_QUOTA") else None,
        clamd=env.get("CALLOUT_CLAMD") or None,
    )
