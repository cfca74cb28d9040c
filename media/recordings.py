"""Looks at a sound or film through the sandbox: its real type, its duration."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import BinaryIO

from media import sandbox
from media.images import Inspection
from media.images.kinds import Kind
from media.probing import FORMATS

UNPROBED = "unprobed"
CEILING = sandbox.Ceiling(memory=1024**3, cpu_s=10, wall_s=30, file_size=1024**2)


def probes(kind: Kind) -> bool:
    """Whether a file of this kind is a recording."""
    return kind.mime in FORMATS


def program() -> str | None:
    """Where ffprobe is; None on a machine without it."""
    return shutil.which("ffprobe")


def listen(source: BinaryIO, kind: Kind, folder: Path, ceiling: sandbox.Ceiling = CEILING) -> Inspection:
    """Inspects the open file `source`, whose first bytes showed `kind`; it is only read.

    Without ffprobe nothing but those bytes is known of it, and the flag `unprobed` says so.
    """
    ffprobe = program()
    if ffprobe is None:
        return Inspection(mime=kind.mime, flags=(UNPROBED,))
    source.seek(0)
    order = {"program": ffprobe, "mime": kind.mime}
    try:
        return Inspection(**sandbox.run("media.probing", source, order, folder=folder, ceiling=ceiling))
    except sandbox.SandboxError as error:
        return Inspection(rejected=f"Reading this recording {error}.")
