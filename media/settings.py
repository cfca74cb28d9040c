"""What this room is told from outside: `CALLOUT_*` variables that only media need, read once per process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Everything is optional.

    secret_before: the former `CALLOUT_SECRET`; what was encrypted under it stays readable. tsa_url: a time-stamping
    authority (RFC 3161); tsa_roots: PEM file with the roots that its certificates and the seal's end in.
    quota: bytes that the files of one organisation may take. messages_url: a gateway that sends texts and mails, asked
    by requests signed with messages_secret.
    """

    secret_before: str | None
    tsa_url: str | None
    tsa_roots: Path | None
    quota: int | None
    messages_url: str | None
    messages_secret: str


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    env = os.environ
    roots = env.get("CALLOUT_TSA_ROOTS")
    return Settings(
        secret_before=env.get("CALLOUT_SECRET_BEFORE") or None,
        tsa_url=env.get("CALLOUT_TSA_URL") or None,
        tsa_roots=Path(roots) if roots else None,
        quota=int(env["CALLOUT_MEDIA_QUOTA"]) if env.get("CALLOUT_MEDIA_QUOTA") else None,
        messages_url=env.get("CALLOUT_MESSAGES_URL") or None,
        messages_secret=env.get("CALLOUT_MESSAGES_SECRET", ""),
    )
