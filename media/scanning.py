"""Asks clamd about bytes, by its INSTREAM command. It may be away for hours: then files wait, and are not lost."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from contextlib import closing

from media.settings import settings

PATIENCE_S = 60
MAX_REPLY = 4096
_LENGTH = struct.Struct("!I")


class ScannerAway(RuntimeError):
    """No answer to be had: clamd is not there, went away, or would not read it all. Ask again later."""


def configured() -> bool:
    """Whether files have to be scanned here."""
    return settings().clamd is not None


def scan(pieces: Iterable[bytes]) -> str | None:
    """The name of what clamd found in these bytes; None when they are clean. Raises ScannerAway."""
    address = settings().clamd
    if address is None:
        return None
    try:
        with closing(_connected(address)) as line:
            return _verdict(_asked(line, pieces))
    except OSError as error:
        raise ScannerAway(f"clamd: {error}") from error


def _connected(address: str) -> socket.socket:
    """A connection to `unix:/path` or `host:port`."""
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE_S)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE_S)


def _asked(line: socket.socket, pieces: Iterable[bytes]) -> str:
    """clamd's reply. It may come, and the line end, before all was sent: beyond StreamMaxLength it reads no more."""
    try:
        line.sendall(b"zINSTREAM\0")
        for piece in pieces:
            if piece:
                line.sendall(_LENGTH.pack(len(piece)) + piece)
        line.sendall(_LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # its reason may still be readable
    reply = b""
    while b"\0" not in reply and len(reply) < MAX_REPLY:
        piece = line.recv(MAX_REPLY)
        if not piece:
            break
        reply += piece
    return reply.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _verdict(reply: str) -> str | None:
    said = reply.removeprefix("stream:").strip()
    if said == "OK":
        return None
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")[:200]
    raise ScannerAway(f"clamd: {said[:200] or 'no answer'}")
