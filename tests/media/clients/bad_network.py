"""A network that fails in the ways of a tunnel: cuts in the middle (FIN, RST), silence, answers that get lost."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field

PIECE = 16 * 1024
SILENCE_S = 1.0


@dataclass(frozen=True)
class Fault:
    """What happens to one connection: `FIN` or `RST` after `after` bytes of the client, `stall` (silence, then RST),
    or `deaf`: everything arrives, and the answer is lost."""

    kind: str
    after: int = 0


@dataclass
class BadNetwork:
    """Forwards connections to `port`; each one that sends a file meets the next fault, until none is left."""

    port: int
    faults: list[Fault]
    suffered: list[str] = field(default_factory=list)

    def __enter__(self) -> BadNetwork:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.door.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.port))
        lost = threading.Event()
        back = threading.Thread(target=self._answer, args=(server, client, lost), daemon=True)
        back.start()
        seen, fault = 0, None
        try:
            while piece := client.recv(PIECE):
                if fault is None and piece.startswith((b"PATCH ", b"POST ", b"PUT ")):
                    fault, seen = self._next(piece), 0
                    if fault and fault.kind == "deaf":
                        lost.set()
                seen += len(piece)
                if fault and fault.kind != "deaf" and seen > fault.after:
                    server.sendall(piece[: len(piece) - (seen - fault.after)])
                    self._end(client, server, fault.kind)
                    return
                server.sendall(piece)
        except OSError:
            pass
        self._end(client, server, "FIN")

    def _next(self, head: bytes) -> Fault | None:
        """Only announcements can lose their answer, only bytes can be cut."""
        with self.lock:
            if self.faults and (self.faults[0].kind == "deaf") == head.startswith(b"POST "):
                fault = self.faults.pop(0)
                self.suffered.append(fault.kind)
                return fault
        return None

    def _answer(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        try:
            while piece := server.recv(PIECE):
                if lost.is_set():
                    self._end(client, server, "RST")
                    return
                client.sendall(piece)
        except OSError:
            return

    def _end(self, client: socket.socket, server: socket.socket, how: str) -> None:
        if how == "stall":
            threading.Event().wait(SILENCE_S)
        for line in (client, server):
            if how != "FIN":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
