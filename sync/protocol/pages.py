"""The wire form of a page: rows arrive as JSON bytes from the database and are passed through untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KINDS = ("upserts", "removed", "leaving")
# As it stands in the answer. PostgreSQL writes no line break into the JSON of a row, save what a column of type `json`
# (not `jsonb`) holds: no body has one.
SEPARATOR = b",\n"


@dataclass(frozen=True)
class Found:
    """Changes of one kind in one collection, in any order: `text` is the items, JSON between separators; each has its
    position."""

    kind: str
    collection: str
    text: bytes
    positions: list[int]

    @property
    def size(self) -> int:
        return len(self.text) - len(SEPARATOR) * (len(self.positions) - 1)

    def placed(self) -> list[tuple[int, bytes]]:
        """The items in the order of their positions."""
        return sorted(zip(self.positions, self.text.split(SEPARATOR), strict=True))

    def array(self, stop: int | None) -> bytes:
        """Those before `stop` (None: all) in their order, as the inside of a JSON array."""
        if stop is None and self.positions == sorted(self.positions):
            return self.text
        return SEPARATOR.join(item for pos, item in self.placed() if stop is None or pos < stop)


def place_to_stop(found: Sequence[Found], size: int) -> int | None:
    """The first position that finds no room on a page of `size` bytes of rows, None when all do; one row always fits.

    Positions are unique in an organisation, so a page can end after any of them.
    """
    rows = [one for one in found if one.kind == "upserts"]
    if sum(one.size for one in rows) <= size:
        return None
    filled = 0
    for pos, length in sorted((pos, len(item)) for one in rows for pos, item in one.placed()):
        if filled and filled + length > size:
            return pos
        filled += length
    return None


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
        # Put together once: a page may be megabytes, and each copy of those takes as long as sending them.
        pieces = [b'{"mode":"replacement","changes":{' if self.replacement else b'{"mode":"delta","changes":{']
        for number, (collection, kinds) in enumerate(self.changes.items()):
            pieces.append(b'%s"%s":{' % (b"," if number else b"", collection.encode()))
            pieces += _members(kinds)
        more = b"true" if self.more else b"false"
        pieces.append(b'},"cursor":%d,"more":%s,"server_time":"%s"}' % (self.cursor, more, self.server_time.encode()))
        return b"".join(pieces)


def _members(kinds: Mapping[str, bytes]) -> list[bytes]:
    upserts, removed, leaving = (kinds.get(kind, b"") for kind in KINDS)
    return [b'"upserts":[', upserts, b'],"removed":[', removed, b'],"leaving":[', leaving, b"]}"]
