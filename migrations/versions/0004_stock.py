"""Tables of the room stock."""

from __future__ import annotations

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    pass
