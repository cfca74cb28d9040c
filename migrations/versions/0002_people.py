"""Tables of the room people."""

from __future__ import annotations

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    pass
