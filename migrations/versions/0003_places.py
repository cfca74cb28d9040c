"""Tables of the room places."""

from __future__ import annotations

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    pass
