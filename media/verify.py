"""Is this PDF ours, whole, and unchanged? The stored hash of the sealed file decides; the seal explains the rest."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from media import sandbox
from media.store.protocol import PIECE

MAX_SIZE = 64 * 1024 * 1024
CEILING = sandbox.Ceiling(cpu_s=10, wall_s=60)


class Standing(StrEnum):
    """genuine: byte for byte the file we sealed. altered: made from one of ours. unknown: nothing of ours in it."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sealed:
    """What is stored about a sealed report: the truth that a file is held against.

    time_zone: where the organisation is at home.
    """

    number: str
    version: int
    code: str
    organisation: str
    sealed_at: datetime
    level: str
    sha256: str
    superseded: bool = False
    outcome: str | None = None
    method: str | None = None
    signer: str | None = None
    signed_at: datetime | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Verdict:
    """The answer to a person who holds a PDF.

    ours: a seal of one of our organisations holds over at least a part of it. whole: nothing was added after the
    seal. unchanged: not one bit differs from the file that was sealed. `sealed_by` is only told when `ours`.
    """

    standing: Standing
    ours: bool
    whole: bool
    unchanged: bool
    detail: str
    sealed_by: str | None = None
    sealed_at: datetime | None = None
    report: Sealed | None = None


def verify(
    source: BinaryIO, by_hash: Callable[[str], Sealed | None], by_fingerprint: Callable[[str], str | None]
) -> Verdict:
    """The verdict on an open file.

    by_hash: the stored report whose sealed file has this SHA-256. by_fingerprint: the organisation whose sealing
    certificate has this SHA-256. The file is parsed only when its hash is unknown, and then in a confined child.
    """
    known = by_hash(_sha256(source))
    if known is not None:
        detail = "This is, byte for byte, the report that was sealed."
        return Verdict(Standing.GENUINE, True, True, True, detail, known.organisation, known.sealed_at, known)
    answer = _seals(source)
    if "unreadable" in answer:
        return _unknown("This is not a readable PDF, so nothing can be said about where it comes from.")
    seals = [(seal, by_fingerprint(seal["fingerprint"])) for seal in answer["seals"]]
    ours = [(seal, organisation) for seal, organisation in seals if organisation]
    if not ours:
        return _unknown("This PDF carries no seal of an organisation that uses Callout.")
    return _altered(*ours[0])


def _altered(seal: dict[str, Any], organisation: str | None) -> Verdict:
    if not seal["intact"]:
        detail = "It carries our seal, but its content does not match it: it was changed after sealing, or forged."
        return Verdict(Standing.ALTERED, False, False, False, detail)
    at = datetime.fromisoformat(seal["at"]) if seal["at"] else None
    if not seal["whole"]:
        detail = "Something was added after our seal. Only the file as we sealed it is the report."
    else:
        detail = "Our seal still holds, but the file is not the one we sealed: bytes that no seal covers were changed."
    return Verdict(Standing.ALTERED, True, bool(seal["whole"]), False, detail, organisation, at)


def _unknown(detail: str) -> Verdict:
    return Verdict(Standing.UNKNOWN, False, False, False, detail)


def _sha256(source: BinaryIO) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while piece := source.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _seals(source: BinaryIO) -> dict[str, Any]:
    source.seek(0)
    with tempfile.TemporaryDirectory(prefix="callout-verify-") as folder:
        try:
            return sandbox.run("media.pdfseals", source, {}, folder=Path(folder), ceiling=CEILING)
        except sandbox.SandboxError as error:
            return {"unreadable": str(error)}
