"""Tables of the room sync."""

from __future__ import annotations

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    pass
