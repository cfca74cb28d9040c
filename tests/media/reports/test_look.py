"""An organisation's own look: its logo, colour and words, and nothing that could spoil a report."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media.reports import Look, look, render
from media.reports.look import INK, contrast
from tests.media.reports.samples import document, report
from tests.media.reports.tools import text_of

SETTINGS = {
    "colour": "#0b5d3b",
    "title": {"en": "Work sheet", "zh": "派工单"},
    "address": "1 Quay St",
    "phone": "+44 20 7946 0000",
    "foot": {"en": "Registered in England 0123456", "zh": "统一社会信用代码 0123456"},
}


def logo(colour: str = "#0b5d3b") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 120), colour).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def orange(pdf: bytes, folder: Path) -> bool:
    """Whether the orange logo is seen on the first page."""
    (folder / "in.pdf").write_bytes(pdf)
    arguments = ["pdftoppm", "-r", "50", "-png", "-f", "1", "-singlefile", str(folder / "in.pdf"), str(folder / "page")]
    subprocess.run(arguments, check=True, capture_output=True)
    with Image.open(folder / "page.png") as page:
        found = page.convert("RGB").getcolors(10**7) or []
    return any(c[0] > 230 and 110 < c[1] < 160 and c[2] < 40 for _, c in found if isinstance(c, tuple))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_wears_it(language: str, tmp_path: Path) -> None:
    doc = document(language)
    plain = {**doc, "organisation": {"name": doc["organisation"]["name"]}}
    made = replace(report(plain), look=look(SETTINGS, language, logo("#ff8800")))
    pdf = render(made)
    said = text_of(pdf)
    for expected in (SETTINGS["title"][language], SETTINGS["foot"][language], "1 Quay St"):  # type: ignore[index]
        assert expected in said
    assert orange(pdf, tmp_path)
    assert not orange(render(report(doc)), tmp_path)


def test_what_the_phone_showed_stands_before_what_the_office_wrote() -> None:
    said = text_of(render(replace(report(document()), look=look(SETTINGS, "en"))))
    assert "1200 Market St" in said
    assert "1 Quay St" not in said


@pytest.mark.parametrize(
    "hostile",
    [
        None, [], "red", {"colour": "red"}, {"colour": "#ffffff"}, {"colour": 7}, {"title": ["x"]}, {"foot": {"en": 1}},
        {"title": "#read(\"/etc/passwd\") $x$ *b*", "foot": "x" * 10_000, "colour": "#00000"}, {"address": "\ud800"},
    ],
)  # fmt: skip
def test_nonsense_is_passed_over(hostile: Any) -> None:
    assert look(hostile, "en").colour == INK
    assert "J-2026-000123" in text_of(render(replace(report(document()), look=look(hostile, "en"))))


def test_a_colour_that_cannot_be_read_on_paper_is_not_taken() -> None:
    assert look({"colour": "#ffee00"}, "en").colour == INK
    assert look({"colour": "#0b5d3b"}, "en").colour == "#0b5d3b"
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert Look().colour == INK
