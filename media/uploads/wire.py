"""The words of tus 1.0 on the wire: headers read strictly, answers as plain values."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from app.kernel.problems import MALFORMED, TOO_LARGE, UNSUPPORTED_TYPE, FieldError, Problem
from media.problems import UPLOAD_CHECKSUM, UPLOAD_CUT, UPLOAD_VERSION
from media.store.protocol import PIECE

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation"
ALGORITHMS = ("sha1", "sha256")
CONTENT_TYPE = "application/offset+octet-stream"
MAX_METADATA = 8 * 1024
MAX_PARTS = 1000

_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[!-+\--~]+")


@dataclass(frozen=True)
class Answer:
    """What the server says: a status and headers, never a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Body:
    """A request body that is read in pieces. `length` is None for a chunked one; `read(n)` gives b"" at its end."""

    read: Callable[[int], bytes]
    length: int | None

    def pieces(self, room: int) -> Iterator[bytes]:
        """The bytes, at most `room` of them. Raises a problem when there are more, or fewer than announced."""
        seen = 0
        while piece := self.read(PIECE):
            seen += len(piece)
            if seen > room:
                raise TOO_LARGE("The body is longer than the upload.")
            yield piece
        if self.length is not None and seen < self.length:
            raise UPLOAD_CUT(f"The body ended after {seen} of {self.length} bytes.")


def bad_header(name: str, detail: str) -> Problem:
    """A 400 problem about one header."""
    return MALFORMED(detail, errors=[FieldError(name, detail)])


def require_version(headers: Mapping[str, str]) -> None:
    """Raises 412 unless the client speaks this version."""
    if headers.get("Tus-Resumable") != VERSION:
        raise UPLOAD_VERSION(f"Send Tus-Resumable: {VERSION}.")


def require_body_type(headers: Mapping[str, str]) -> None:
    """Raises 415 unless the body is announced as bytes of an upload."""
    if headers.get("Content-Type") != CONTENT_TYPE:
        raise UNSUPPORTED_TYPE(f"Send Content-Type: {CONTENT_TYPE}.")


def number(headers: Mapping[str, str], name: str) -> int | None:
    """A header holding a count of bytes; None when absent, 400 when it is not one."""
    text = headers.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise bad_header(name, f"{name} must be a whole number of bytes, 0 or more.")
    return int(text)


def metadata(header: str | None) -> dict[str, str]:
    """`Upload-Metadata` decoded: unique keys, base64 values holding UTF-8. Raises 400 for anything else."""
    if header is None or header == "":
        return {}
    if len(header) > MAX_METADATA or not (header.isascii() and header.isprintable()):
        raise bad_header("Upload-Metadata", f"Upload-Metadata may have {MAX_METADATA} printable ASCII characters.")
    values: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in values:
            raise bad_header("Upload-Metadata", "Keys must be unique ASCII words without spaces and commas.")
        values[key] = _text(value)
    return values


def _text(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_header("Upload-Metadata", "Values must be base64 of UTF-8 text.") from None
    if "\x00" in text:
        raise bad_header("Upload-Metadata", "Values may not contain the NUL character.")
    return text


class Checksum:
    """The digest that a request promises for its body (`Upload-Checksum: sha1 <base64>`)."""

    def __init__(self, header: str) -> None:
        algorithm, _, encoded = header.partition(" ")
        if algorithm not in ALGORITHMS:
            raise bad_header("Upload-Checksum", f"The checksum must be one of {', '.join(ALGORITHMS)}.")
        try:
            self._promised = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise bad_header("Upload-Checksum", "The checksum must be base64.") from None
        self._digest = hashlib.new(algorithm, usedforsecurity=False)
        if len(self._promised) != self._digest.digest_size:
            raise bad_header("Upload-Checksum", f"That is not the length of a {algorithm} digest.")

    def watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Passes the pieces on and counts them into the digest."""
        for piece in pieces:
            self._digest.update(piece)
            yield piece

    def check(self) -> None:
        """Raises 460 when the bytes seen are not the ones promised."""
        if self._digest.digest() != self._promised:
            raise UPLOAD_CHECKSUM("These bytes do not have that checksum; nothing of them was kept.")


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The promise of `Upload-Checksum`, None without one."""
    header = headers.get("Upload-Checksum")
    return None if header is None else Checksum(header)


def concat(headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """("single" | "partial" | "final", addresses of the parts) from `Upload-Concat`."""
    header = headers.get("Upload-Concat")
    if header is None:
        return "single", []
    if header == "partial":
        return "partial", []
    kind, _, rest = header.partition(";")
    parts = rest.split()
    if kind != "final" or not parts or len(parts) > MAX_PARTS:
        raise bad_header("Upload-Concat", f"Upload-Concat is “partial” or “final;” and 1 to {MAX_PARTS} addresses.")
    return "final", parts


def http_date(moment: datetime) -> str:
    """`moment` (UTC) as an HTTP date."""
    return format_datetime(moment, usegmt=True)
