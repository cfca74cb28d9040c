"""Row ids: UUIDv7, minted by whoever creates the row, phones included."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): sorted by time of creation."""
    return UUID(int=uuid_utils.uuid7().int)
