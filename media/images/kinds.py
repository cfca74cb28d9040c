"""The allow-list of content: what the first bytes must look like, and how it may be shown."""

from __future__ import annotations

from dataclasses import dataclass

import filetype

HEAD = 8192
"""Bytes at the start of a file that tell its kind."""


@dataclass(frozen=True)
class Kind:
    """One accepted kind. `decoder` is Pillow's name of the format, None when the file is no picture."""

    mime: str
    extension: str
    decoder: str | None = None

    @property
    def inline(self) -> bool:
        """Whether a browser may show it in the page instead of offering it as a download."""
        return self.mime.partition("/")[0] in ("image", "audio", "video")


KINDS = {
    kind.mime: kind
    for kind in (
        Kind("image/jpeg", "jpg", "JPEG"),
        Kind("image/png", "png", "PNG"),
        Kind("image/webp", "webp", "WEBP"),
        Kind("image/gif", "gif", "GIF"),
        Kind("image/heic", "heic", "HEIF"),
        Kind("audio/mp4", "m4a"),
        Kind("audio/mpeg", "mp3"),
        Kind("audio/ogg", "ogg"),
        Kind("audio/wav", "wav"),
        Kind("audio/webm", "weba"),
        Kind("audio/3gpp", "3gp"),
        Kind("video/mp4", "mp4"),
        Kind("video/quicktime", "mov"),
        Kind("video/webm", "webm"),
        Kind("video/3gpp", "3gp"),
        Kind("application/pdf", "pdf"),
    )
}
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/heif": "image/heic",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "video/x-m4v": "video/mp4",
    "video/3gp": "video/3gpp",
}


def kind_of(head: bytes) -> Kind | None:
    """The kind that the first HEAD bytes of a file show; None when it is not on the list."""
    guess = filetype.guess(head)
    return None if guess is None else named(guess.mime)


def named(mime: str) -> Kind | None:
    """The kind called `mime` (parameters and common aliases allowed); None when it is not on the list."""
    plain = mime.partition(";")[0].strip().lower()
    return KINDS.get(_ALIASES.get(plain, plain))
