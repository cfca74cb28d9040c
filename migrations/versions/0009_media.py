"""Tables of the room media."""

from __future__ import annotations

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    pass
