"""A bad line between a browser and its server: slow, and of its exchanges so many are cut, by a seed."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

WHOLE, PIECE = 65_536, 1_024  # what is read at once of a good line, and of a slow one
RESET = struct.pack("ii", 1, 0)  # closing cuts the connection at once
WAYS = ("asking", "half-way", "answer")
AFRESH = tuple(  # a server that is asked so answers in plain text and in full
    (name, b"X" + name[1:]) for name in (b"Accept-Encoding:", b"If-None-Match:", b"If-Modified-Since:")
)


@dataclass
class Line:
    """Carries connections to a server. Good until `worsen`; what is cut is an exchange: a question and its answer.

    An exchange is cut before the server hears of it, half-way through, or when the server has done all and answers.
    """

    server: int
    seed: int
    port: int = 0
    bits_per_second: float = float("inf")
    share: float = 0
    most: int = 0
    cuts: int = 0
    exchanges: int = 0
    swaps: dict[str, tuple[tuple[bytes, bytes], ...]] = field(default_factory=dict)
    free_at: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    chance: random.Random = field(default_factory=random.Random)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def piece(self) -> int:
        return WHOLE if self.bits_per_second == float("inf") else PIECE

    def worsen(self, bits_per_second: float, share: float, most: int) -> None:
        """From now on: so fast in each direction, that share of the exchanges cut until there were `most` cuts."""
        self.chance = random.Random(self.seed)
        self.bits_per_second, self.share, self.most = bits_per_second, share, most

    def swap(self, old: bytes, new: bytes) -> None:
        """From now on answers hold `new` (of the same length) in place of `old`, as if the server had changed."""
        self.swaps = {"up": AFRESH, "down": ((old, new),)}

    def swapped(self, way: str, data: bytes) -> bytes:
        """What arrives of it."""
        for old, new in self.swaps.get(way, ()):
            data = data.replace(old, new)
        return data

    @contextmanager
    def open(self) -> Iterator[Line]:
        """Carry until the block ends."""
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            self.port = listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield self
            listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                Carried(self, near, socket.create_connection(("127.0.0.1", self.server))).begin()

    def fate(self) -> tuple[str, int]:
        """How the next exchange ends, empty: well; and after how many bytes of it."""
        with self.lock:
            self.exchanges += 1
            lost = self.chance.random() < self.share and self.cuts < self.most
            self.cuts += lost
            return (self.chance.choice(WAYS), self.chance.randrange(300, 3_000)) if lost else ("", 0)

    def carry(self, way: str, size: int) -> None:
        """Wait until the line has carried so many bytes; all connections share it."""
        with self.lock:
            begins = max(time.monotonic(), self.free_at.get(way, 0))
            self.free_at[way] = begins + size * 8 / self.bits_per_second
            left = self.free_at[way] - time.monotonic()
        if left > 0:
            time.sleep(left)


@dataclass
class Carried:
    """One connection: `near` is the browser's end, `far` the server's."""

    line: Line
    near: socket.socket
    far: socket.socket
    asked: bool = False
    ends: str = ""
    left: int = 0

    def begin(self) -> None:
        """Carry both ways until one end or the line closes it."""
        for way in (self._questions, self._answers):
            threading.Thread(target=self._until_over, args=(way,), daemon=True).start()

    def _until_over(self, way: Callable[[], None]) -> None:
        with suppress(OSError):
            way()
        self._cut()

    def _questions(self) -> None:
        while data := self.near.recv(self.line.piece):
            if not self.asked:
                self.ends, self.left = self.line.fate()
            self.asked = True
            self.line.carry("up", len(data))
            if self.ends == "asking":
                return
            if self.ends == "half-way" and len(data) >= self.left:
                self.far.sendall(data[: self.left])
                return
            self.left -= len(data)
            self.far.sendall(self.line.swapped("up", data))

    def _answers(self) -> None:
        while data := self.far.recv(self.line.piece):
            if self.ends:
                return
            self.asked = False
            self.line.carry("down", len(data))
            self.near.sendall(self.line.swapped("down", data))

    def _cut(self) -> None:
        for end in (self.near, self.far):
            with suppress(OSError):
                if self.ends:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
                end.close()
