"""A small clamd: speaks INSTREAM as the real one does, finds EICAR, and can be made to misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    """`limit` is StreamMaxLength; `seen` holds every stream that came whole."""

    limit: int = 25 * 1024**2
    silent: bool = False
    seen: list[bytes] = field(default_factory=list)
    address: str = ""

    def serve(self, door: socket.socket) -> None:
        """Answers one connection after another until the door is closed."""
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line, line.makefile("rb") as sent:
                if reply := self._reply(sent):
                    line.sendall(reply + b"\0")

    def _reply(self, sent: object) -> bytes:
        read = sent.read  # type: ignore[attr-defined]
        if self.silent or read(10) != b"zINSTREAM\0":
            return b"" if self.silent else b"UNKNOWN COMMAND"
        data = b""
        while size := struct.unpack("!I", read(4))[0]:
            if len(data) + size > self.limit:
                return b"INSTREAM size limit exceeded. ERROR"
            data += read(size)
        self.seen.append(data)
        return b"stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in data else b"stream: OK"


@contextmanager
def clamd(**options: object) -> Iterator[Clamd]:
    """One that listens on the loopback."""
    fake = Clamd(**options)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as door:
        fake.address = f"127.0.0.1:{door.getsockname()[1]}"
        answering = threading.Thread(target=fake.serve, args=(door,), daemon=True)
        answering.start()
        try:
            yield fake
        finally:
            door.shutdown(socket.SHUT_RDWR)
            answering.join(30)
