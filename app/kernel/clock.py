"""One clock for the whole application, always aware and in UTC, with the milliseconds that storage keeps."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, cut to milliseconds (`timestamptz(3)`, and what a JavaScript Date can hold)."""
    return milliseconds(datetime.now(UTC))


def milliseconds(moment: datetime) -> datetime:
    """`moment` without its microseconds below one millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
