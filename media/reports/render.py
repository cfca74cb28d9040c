"""Sets the report as PDF/A-3 (tagged, PDF/UA-1) with Typst: same input and date, same bytes."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import segno
import typst

from media import canonical
from media.reports import fonts, printable, view
from media.reports.look import Look

STANDARDS: list[Any] = ["a-3a", "ua-1"]


@dataclass(frozen=True)
class Evidence:
    """A file embedded in the report. `data` is text or bytes, `description` is for a person."""

    name: str
    data: str | bytes
    mime: str
    description: str
    relationship: str = "data"


@dataclass(frozen=True)
class Signed:
    """The sign-off as printed. `claims` is the envelope's payload, `at` the corrected time of signing."""

    claims: dict[str, Any]
    at: datetime
    svg: str = ""
    diverged: bool = False


@dataclass(frozen=True)
class Report:
    """Everything that goes into one report.

    doc: the document that was shown (`shapes/report.schema.json`). code: what /verify takes; url: its address.
    photos: small pictures (WebP) by media id; those that have not arrived are printed as missing.
    """

    number: str
    version: int
    code: str
    url: str
    issued_at: datetime
    doc: dict[str, Any]
    signed: Signed | None = None
    photos: Mapping[UUID, bytes] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    look: Look = field(default_factory=Look)


def render(report: Report) -> bytes:
    """The unsealed PDF. Raises FontsMissing on a machine without a Chinese font."""
    with tempfile.TemporaryDirectory(prefix="callout-report-") as name:
        folder = Path(name)
        inputs = {
            "signature": report.signed.svg if report.signed and report.signed.svg else "",
            "qr": _qr(report.url),
        }
        return printable.compiled(
            _view(report, folder), lambda data: _compile(report, folder, {**inputs, "report": data})
        )


def _compile(report: Report, folder: Path, inputs: dict[str, str]) -> bytes:
    source = (view.TEMPLATE / "report.typ").read_bytes()
    compiler = typst.Compiler(source, root=folder, font_paths=fonts.book(), sys_inputs=inputs)
    issued = report.issued_at.replace(microsecond=0)  # dates in a PDF know no fractions
    pdf = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=issued)
    assert isinstance(pdf, bytes)
    return pdf


def _view(report: Report, folder: Path) -> dict[str, Any]:
    where = view.zone(report.doc["time_zone"])
    return {
        **view.document_view(report.doc),
        "fonts": fonts.families(),
        "look": _look(report, folder),
        "number": report.number,
        "version": report.version,
        "code": report.code,
        "verify_url": report.url,
        "issued_at": view.moment(report.issued_at, where),
        "doc_sha256": canonical.sha256(canonical.dumps(report.doc)),
        "signature": _signature(report),
        "photos": _photos(report, folder),
        "attachments": [_attachment(file, folder) for file in report.evidence],
    }


def _look(report: Report, folder: Path) -> dict[str, str | None]:
    """What the phone put into the document stands before what the office wrote down."""
    look, told = report.look, report.doc["organisation"]
    if look.logo is not None:
        (folder / "logo.webp").write_bytes(look.logo)
    return {
        "logo": None if look.logo is None else "logo.webp",
        "colour": look.colour,
        "title": look.title or view.labels(report.doc["language"])["report"],
        "foot": look.foot,
        "address": told.get("address") or look.address,
        "phone": told.get("phone") or look.phone,
    }


def _signature(report: Report) -> dict[str, Any] | None:
    if report.signed is None:
        return None
    claims, words = report.signed.claims, view.labels(report.doc["language"])
    role = claims["signer"]["role"]
    return {
        "refused": claims["outcome"] == "refused",
        "name": claims["signer"]["name"],
        "role": words.get(f"role_{role}", role),
        "reason": claims.get("reason", ""),
        "consent": claims["consent"]["text"],
        "at": view.moment(report.signed.at, view.zone(report.doc["time_zone"])),
        "diverged": report.signed.diverged,
    }


def _photos(report: Report, folder: Path) -> list[dict[str, Any]]:
    """The photos of the document; their pictures are put into the typesetter's folder under names of ours."""
    where, word, shown = view.zone(report.doc["time_zone"]), view.labels(report.doc["language"])["photo"], []
    for index, photo in enumerate(report.doc["photos"]):
        picture = report.photos.get(UUID(photo["id"]))
        if picture is not None:
            (folder / f"photo-{index}.webp").write_bytes(picture)
        caption = photo.get("caption", "")
        shown.append(
            {
                "file": None if picture is None else f"photo-{index}.webp",
                "alt": caption or f"{word} {index + 1}",
                "caption": caption,
                "taken": view.moment(photo.get("taken_at"), where),
                "fingerprint": photo["sha256"][:12],
            }
        )
    return shown


def _attachment(file: Evidence, folder: Path) -> dict[str, Any]:
    if isinstance(file.data, bytes):
        (folder / file.name).write_bytes(file.data)
    return {
        "name": file.name,
        "text": None if isinstance(file.data, bytes) else file.data,
        "mime": file.mime,
        "description": file.description,
        "relationship": file.relationship,
    }


def _qr(url: str) -> str:
    buffer = io.BytesIO()
    segno.make(url, error="m", micro=False).save(buffer, kind="svg", border=0, dark="#12294d", xmldecl=False)
    return buffer.getvalue().decode()
