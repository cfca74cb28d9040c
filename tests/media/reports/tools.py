"""Reads PDFs with poppler, a second opinion beside the libraries that wrote them."""

from __future__ import annotations

import subprocess
from pathlib import Path


def text_of(pdf: bytes) -> str:
    """The text of all pages."""
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def attachments(pdf: bytes, folder: Path) -> dict[str, bytes]:
    """Embedded files by name."""
    (folder / "in.pdf").write_bytes(pdf)
    out = folder / "out"
    out.mkdir()
    subprocess.run(["pdfdetach", "-saveall", "-o", str(out), str(folder / "in.pdf")], check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in out.iterdir()}


def signature_report(pdf: bytes, folder: Path) -> str:
    """What pdfsig says."""
    (folder / "signed.pdf").write_bytes(pdf)
    return subprocess.run(["pdfsig", str(folder / "signed.pdf")], capture_output=True, check=False).stdout.decode()
