"""A bad link: a loopback proxy that cuts connections by plan, before the request is through or before the answer is."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = 4096


@dataclass(frozen=True)
class Cut:
    """How one connection dies: after `request_bytes` of the request, or when the answer begins (`lose_answer`)."""

    request_bytes: int | None = None
    lose_answer: bool = False
    reset: bool = False


@dataclass
class BadLink:
    """Listens on loopback and forwards to `target` (http://host:port). Each connection takes the next of `cuts`."""

    target: str
    cuts: deque[Cut | None] = field(default_factory=deque)
    dropped: int = 0

    def __enter__(self) -> BadLink:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def plan(self, *cuts: Cut | None) -> None:
        """Adds what happens to the next connections; None lets one pass."""
        self.cuts.extend(cuts)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._listener.accept()
                cut = self.cuts.popleft() if self.cuts else None
                threading.Thread(target=self._carry, args=(phone, cut), daemon=True).start()

    def _carry(self, phone: socket.socket, cut: Cut | None) -> None:
        where = urlsplit(self.target)
        server = socket.create_connection((where.hostname or "127.0.0.1", where.port or 80))
        back = threading.Thread(target=self._answer, args=(server, phone, cut), daemon=True)
        back.start()
        sent = 0
        with suppress(OSError):
            while piece := phone.recv(PIECE):
                if cut and cut.request_bytes is not None and sent + len(piece) > cut.request_bytes:
                    server.sendall(piece[: cut.request_bytes - sent])
                    self._die(phone, server, cut)
                    return
                server.sendall(piece)
                sent += len(piece)
            server.shutdown(socket.SHUT_WR)
        back.join()

    def _answer(self, server: socket.socket, phone: socket.socket, cut: Cut | None) -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                if cut and cut.lose_answer:
                    self._die(phone, server, cut)
                    return
                phone.sendall(piece)
            phone.shutdown(socket.SHUT_WR)

    def _die(self, phone: socket.socket, server: socket.socket, cut: Cut) -> None:
        self.dropped += 1
        for end in (phone, server):
            with suppress(OSError):
                if cut.reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
