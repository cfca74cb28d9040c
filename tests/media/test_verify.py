"""Whoever holds a PDF can learn whether it is ours, whole and unchanged; every way of altering it is caught."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from media.canonical import sha256
from media.reports import Seal, demo_seal, render
from media.reports.seal import seal
from media.verify import Sealed, Standing, Verdict, verify
from tests.media.reports.samples import document, report
from tests.media.reports.tools import signature_report

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> Seal:
    return demo_seal("Gateway Building Services", datetime.now(UTC))


@pytest.fixture(scope="module")
def pdf(key: Seal) -> bytes:
    return seal(render(report(document())), key, reason="Service report R-2026-000042")[0]


@pytest.fixture
def ask(key: Seal, pdf: bytes) -> Callable[[bytes], Verdict]:
    """`verify` over one stored report and one known sealing certificate."""
    stored = Sealed("R-2026-000042", 1, "7KQ2", "Gateway Building Services", NOW, "PAdES B-B", sha256(pdf))

    def asked(data: bytes) -> Verdict:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.flush()
            return held(file)

    def held(file: BinaryIO) -> Verdict:
        return verify(
            file,
            lambda digest: stored if digest == stored.sha256 else None,
            lambda fingerprint: "Gateway Building Services" if fingerprint == key.fingerprint else None,
        )

    return asked


def test_the_file_as_sealed_is_genuine(ask: Callable[[bytes], Verdict], pdf: bytes) -> None:
    verdict = ask(pdf)
    assert verdict.standing is Standing.GENUINE
    assert (verdict.ours, verdict.whole, verdict.unchanged) == (True, True, True)
    assert verdict.report is not None
    assert verdict.report.number == "R-2026-000042"


def test_an_independent_reader_agrees(pdf: bytes, tmp_path: Path) -> None:
    said = signature_report(pdf, tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Gateway Building Services" in said


def test_the_seal_allows_no_change_and_keeps_pdf_a(pdf: bytes) -> None:
    assert re.search(rb"/TransformMethod\s*/DocMDP", pdf)
    assert re.search(rb"/TransformParams\s*<<[^>]*/P\s+1\b", pdf)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf


def contents_span(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal signature lies."""
    match = re.search(rb"/Contents\s*<([0-9a-fA-F]{500,})>", pdf)
    assert match
    return match.span(1)


def flipped(pdf: bytes, position: int) -> bytes:
    return pdf[:position] + bytes([pdf[position] ^ 1]) + pdf[position + 1 :]


def test_bit_flips_anywhere_are_caught(ask: Callable[[bytes], Verdict], pdf: bytes) -> None:
    for position in range(200, len(pdf), len(pdf) // 7):
        verdict = ask(flipped(pdf, position))
        assert not verdict.unchanged, position
        assert verdict.standing is not Standing.GENUINE


def test_a_flip_in_the_padding_of_the_signature_is_caught(ask: Callable[[bytes], Verdict], pdf: bytes) -> None:
    start, end = contents_span(pdf)
    assert pdf[end - 20 : end] == b"0" * 20, "the last digits are padding"
    verdict = ask(flipped(pdf, end - 5))
    assert (verdict.standing, verdict.unchanged) == (Standing.ALTERED, False)
    assert start < end - 5


def test_a_change_of_the_content_is_caught(ask: Callable[[bytes], Verdict], pdf: bytes) -> None:
    verdict = ask(pdf.replace(b"R-2026-000042", b"R-2026-000043", 1))
    assert (verdict.standing, verdict.ours, verdict.unchanged) == (Standing.ALTERED, False, False)


def test_an_appended_revision_is_caught_although_the_seal_still_holds(
    ask: Callable[[bytes], Verdict], pdf: bytes, tmp_path: Path
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Evil"] = generic.pdf_string("the price was lower")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert "Signature is Valid" in signature_report(out.getvalue(), tmp_path), "so the signature alone does not tell"
    verdict = ask(out.getvalue())
    assert (verdict.standing, verdict.ours, verdict.whole, verdict.unchanged) == (Standing.ALTERED, True, False, False)
    assert verdict.sealed_by == "Gateway Building Services"


@pytest.mark.parametrize("tail", [b"\n", b"%", b"\x00" * 100, b"trailer"])
def test_appended_bytes_are_caught(ask: Callable[[bytes], Verdict], pdf: bytes, tail: bytes) -> None:
    verdict = ask(pdf + tail)
    assert verdict.standing is not Standing.GENUINE
    assert not verdict.whole
    assert not verdict.unchanged


def test_a_report_sealed_by_a_stranger_with_our_name_is_not_ours(ask: Callable[[bytes], Verdict]) -> None:
    stranger = demo_seal("Gateway Building Services", datetime.now(UTC))
    verdict = ask(seal(render(report(document())), stranger, reason="Service report R-2026-000042")[0])
    assert (verdict.standing, verdict.ours, verdict.sealed_by) == (Standing.UNKNOWN, False, None)


def test_an_unsealed_copy_is_not_ours(ask: Callable[[bytes], Verdict]) -> None:
    assert ask(render(report(document()))).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"<<" * 50_000, b"\x00" * 10_000,
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
    ],
)  # fmt: skip
def test_files_that_are_no_reports_are_unknown(ask: Callable[[bytes], Verdict], data: bytes) -> None:
    verdict = ask(data)
    assert (verdict.standing, verdict.ours, verdict.whole, verdict.unchanged) == (Standing.UNKNOWN, False, False, False)


def test_a_cut_report_is_not_genuine(ask: Callable[[bytes], Verdict], pdf: bytes) -> None:
    for part in (0.3, 0.9, 0.999):
        assert ask(pdf[: int(len(pdf) * part)]).standing is not Standing.GENUINE
