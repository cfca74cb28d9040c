"""The cursor: one integer `gen · 2^42 + place`, at least 1 and below 2^53, so that every client's number type holds it.

The upper half of the places are positions of the feed. The lower half are tickets: places inside a replacement, which
mean nothing without the head at which that replacement began. A cursor that a client keeps is mostly a position.
"""

from __future__ import annotations

from dataclasses import dataclass

SHIFT = 42
HALF = 2 ** (SHIFT - 1)
GENERATIONS = range(1, 2**11)


@dataclass(frozen=True)
class Cursor:
    """A place: everything up to position `pos` was delivered (`ticket` False), or ticket number `pos`."""

    gen: int
    pos: int
    ticket: bool = False

    def __post_init__(self) -> None:
        if self.gen not in GENERATIONS or not 0 <= self.pos < HALF:
            raise ValueError(f"no such cursor: generation {self.gen}, position {self.pos}")

    def __int__(self) -> int:
        return (self.gen << SHIFT) + (0 if self.ticket else HALF) + self.pos


def parse(number: int) -> Cursor | None:
    """The cursor that `number` stands for; None when it never was one."""
    gen, place = number >> SHIFT, number & (2**SHIFT - 1)
    return Cursor(gen, place % HALF, place < HALF) if gen in GENERATIONS else None


@dataclass(frozen=True)
class Start:
    """Where a page begins: after position `after`. What left up to `base`, the client never had."""

    after: int
    base: int
    replacement: bool


@dataclass(frozen=True)
class Horizon:
    """Where the feed stands for a user. Positions of generation `gen`.

    head: the newest. floor: tombstones up to here are forgotten. since: the user's set of buckets changed here.
    ticket: (base, position) of the ticket that the client shows, if it is good.
    """

    gen: int
    head: int
    floor: int
    since: int
    ticket: tuple[int, int] | None = None

    def start(self, cursor: Cursor | None) -> Start:
        """A delta when the client can be brought up to date from `cursor`, otherwise a replacement from the beginning.

        Too old (below the floor), from the future, of another history, or with another set of buckets: replacement.
        """
        anew = Start(0, self.head, True)
        if cursor is None or cursor.gen != self.gen:
            return anew
        if not cursor.ticket:
            return Start(cursor.pos, 0, False) if self._good(cursor.pos) else anew
        if self.ticket is None or not self._good(self.ticket[0]):
            return anew
        base, after = self.ticket
        return Start(after, base, False)

    def _good(self, pos: int) -> bool:
        return max(self.floor, self.since) <= pos <= self.head
