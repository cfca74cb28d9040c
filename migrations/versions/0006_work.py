"""Tables of the room work."""

from __future__ import annotations

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    pass
