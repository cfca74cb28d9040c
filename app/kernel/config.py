"""Configuration from `CALLOUT_*` environment variables, read once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Mode = Literal["development", "demo", "production"]


@dataclass(frozen=True)
class Config:
    """Everything a process of Callout is told from outside. Durations are seconds.

    secret_before: the former `CALLOUT_SECRET`; what was encrypted under it stays readable.
    """

    database_url: str
    database_owner_url: str
    database_drain_url: str
    redis_url: str
    data: Path
    secret: str
    secret_before: str | None
    mode: Mode
    public_url: str
    pool_size: int
    access_token_ttl: int = 15 * 60
    refresh_token_ttl: int = 90 * 24 * 3600
    max_body: int = 8 * 1024 * 1024


def psycopg2_url(url: str) -> str:
    """SQLAlchemy 2.1 reads `postgresql://` as psycopg 3; Callout speaks psycopg2, so the driver is always named."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url


@lru_cache(maxsize=1)
def config() -> Config:
    """The configuration of this process. Raises KeyError naming the variable when a required one is missing."""
    env = os.environ
    url = psycopg2_url(env["CALLOUT_DATABASE_URL"])
    mode = env.get("CALLOUT_MODE", "development")
    if mode not in ("development", "demo", "production"):
        raise ValueError(f"CALLOUT_MODE must be development, demo or production, not {mode!r}")
    return Config(
        database_url=url,
        database_owner_url=psycopg2_url(env.get("CALLOUT_DATABASE_OWNER_URL", url)),
        database_drain_url=psycopg2_url(env.get("CALLOUT_DATABASE_DRAIN_URL", url)),
        redis_url=env["CALLOUT_REDIS_URL"],
        data=Path(env["CALLOUT_DATA"]),
        secret=env["CALLOUT_SECRET"],
        secret_before=env.get("CALLOUT_SECRET_BEFORE") or None,
        mode=mode,  # type: ignore[arg-type]
        public_url=env.get("CALLOUT_PUBLIC_URL", "http://127.0.0.1:8000"),
        pool_size=int(env.get("CALLOUT_POOL_SIZE", "20")),
    )
