"""Looks at an uploaded file through the sandbox: its real type, its capture, its derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from media import sandbox

SIZES = (320, 1600)


@dataclass(frozen=True)
class Derivative:
    """A small upright WebP without metadata. `size` is the longest side that was asked for."""

    size: int
    width: int
    height: int
    file: Path


@dataclass(frozen=True)
class Inspection:
    """What a file turned out to be. `rejected` is the reason why it cannot be used; then nothing else is known.

    `width` and `height` are those of the upright picture; `capture` is described at `media.images.exif.capture`;
    `duration_s` is that of a recording; `flags` are doubts to be kept with the file.
    """

    mime: str | None = None
    rejected: str | None = None
    width: int | None = None
    height: int | None = None
    capture: dict[str, Any] = field(default_factory=dict)
    derivatives: tuple[Derivative, ...] = ()
    duration_s: float | None = None
    flags: tuple[str, ...] = ()


def inspect(source: BinaryIO, folder: Path, ceiling: sandbox.Ceiling | None = None) -> Inspection:
    """Inspects the open file `source`; derivatives are written into the empty `folder`.

    A file that breaks its decoder or its limits is rejected; the original is only read.
    """
    source.seek(0)
    try:
        answer = sandbox.run("media.images.decode", source, {"sizes": SIZES}, folder=folder, ceiling=ceiling)
    except sandbox.SandboxError as error:
        return Inspection(rejected=f"Decoding this file {error}.")
    derivatives = tuple(Derivative(**{**d, "file": folder / d["file"]}) for d in answer.pop("derivatives", ()))
    return Inspection(**answer, derivatives=derivatives)
