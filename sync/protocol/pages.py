"""The wire form of a page: rows arrive as JSON bytes from the database and are passed through untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("upserts", "removed", "leaving")


@dataclass
class Page:
    """One page of changes. `changes[collection][kind]` is the inside of a JSON array, already encoded."""

    replacement: bool
    cursor: int
    more: bool
    server_time: str
    changes: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def add(self, collection: str, kind: str, items: bytes) -> None:
        """Adds `items`, JSON values joined by commas. Each kind of a collection comes at most once."""
        if kind not in KINDS:
            raise ValueError(f"no such kind of change: {kind}")
        self.changes.setdefault(collection, {})[kind] = items

    def encode(self) -> bytes:
        """The page as JSON."""
        mode = b"replacement" if self.replacement else b"delta"
        parts = b",".join(
            b'"%s":{%s}' % (collection.encode(), _members(kinds)) for collection, kinds in self.changes.items()
        )
        return b'{"mode":"%s","changes":{%s},"cursor":%d,"more":%s,"server_time":"%s"}' % (
            mode,
            parts,
            self.cursor,
            b"true" if self.more else b"false",
            self.server_time.encode(),
        )


def _members(kinds: Mapping[str, bytes]) -> bytes:
    return b",".join(b'"%s":[%s]' % (kind.encode(), kinds.get(kind, b"")) for kind in KINDS)
