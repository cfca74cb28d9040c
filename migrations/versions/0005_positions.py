"""Tables of the room positions."""

from __future__ import annotations

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    pass
