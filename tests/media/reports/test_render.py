"""The report is complete, readable in both languages, always the same, and made of data only."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media import canonical, shapes
from media.reports import render, view
from tests.media.reports.samples import ISSUED, PHOTOS, document, report, signed
from tests.media.reports.tools import attachments, text_of


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_was_signed_is_printed(language: str) -> None:
    doc = document(language)
    assert shapes.errors("report", doc) == []
    printed = "".join(text_of(render(report(doc))).split())
    words = view.labels(language)
    wanted = [
        doc["organisation"]["name"], doc["organisation"]["phone"], doc["visit"]["title"], doc["visit"]["number"],
        doc["account"]["name"], doc["site"]["address"], doc["asset"]["serial"], doc["remarks"],
        *(item["label"] for item in doc["checklist"]), *(part["sku"] for part in doc["parts"]),
        *(photo["caption"] for photo in doc["photos"]), *(line["amount"]["amount"] for line in doc["prices"]["lines"]),
        doc["prices"]["total"]["amount"], "7.10bar", words["report"], words["signoff"], words["photo_pending"],
        "R-2026-000042", "7KQ2-M9XD-4HTB-W3ZC", canonical.sha256(canonical.dumps(doc)),
    ]  # fmt: skip
    assert [word for word in wanted if "".join(word.split()) not in printed] == []


def test_both_languages_have_the_same_labels() -> None:
    assert view.labels("en").keys() == view.labels("zh").keys()


def test_times_are_printed_in_the_zone_of_the_organisation() -> None:
    assert "2026-03-01 14:02 (UTC+08:00)" in text_of(render(report(document("zh"))))
    assert "2026-03-01 08:02 (UTC-06:00)" in text_of(render(report(document("en"))))


def test_an_unknown_zone_is_utc() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", "x" * 64):
        assert "2026-03-01 14:02 (UTC+00:00)" in text_of(render(report(document(time_zone=name))))


def test_the_same_input_gives_the_same_bytes_and_another_date_does_not() -> None:
    doc = document("zh")
    first = render(report(doc))
    assert render(report(doc)) == first
    assert render(report(doc, issued_at=ISSUED + timedelta(seconds=1))) != first


def test_it_calls_itself_pdf_a_3_and_is_tagged() -> None:
    pdf = render(report(document()))
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


HOSTILE = '#read("/etc/passwd") $x$ *b* _i_ <tag> @ref \\ ``` [ ] { } // #sys.inputs // "quoted"'


def test_text_stays_text() -> None:
    doc = document(remarks=HOSTILE, work_done=HOSTILE, visit={**document()["visit"], "title": HOSTILE})
    printed = text_of(render(report(doc)))
    assert "root:" not in printed
    assert '#read("/etc/passwd")' in printed
    assert "*b*" in printed


@pytest.mark.parametrize(
    "remarks",
    [
        "a\u0007b\u202ec\u200d",
        "😀🧯👩‍🔧",
        "ไทย हिन्दी ქართული 한국어 عربي",
        "\ue000\U000f0000",
        "x" * 20_000,
        "\n" * 400,
    ],
)
def test_no_text_can_stop_a_report(remarks: str) -> None:
    doc = document(remarks=remarks)
    assert "R-2026-000042" in text_of(render(report(doc)))


def test_every_character_of_a_wild_mix_at_once_still_prints() -> None:
    wild = "".join(chr(code) for start in range(0x0E00, 0x1400, 7) for code in (start,))
    assert "R-2026-000042" in text_of(render(report(document(remarks=wild))))


def test_the_evidence_is_embedded_as_it_is(tmp_path: Path) -> None:
    doc = document(remarks="a\u0007b")
    found = attachments(render(report(doc)), tmp_path)
    assert set(found) == {"report.json", "signature.png"}
    assert found["report.json"] == canonical.dumps(doc)
    assert found["signature.png"].startswith(b"\x89PNG")
    assert b'"points"' not in b"".join(found.values()), "raw strokes never leave the house"


def test_a_refusal_is_printed_with_its_reason() -> None:
    doc = document()
    refusal = replace(signed(doc, outcome="refused", reason="The leak is still there."), svg="")
    printed = text_of(render(report(doc, signed=refusal)))
    assert "refused to sign" in printed
    assert "The leak is still there." in printed


def test_who_signs_stands_in_the_language_of_the_report_and_other_roles_as_they_were_written() -> None:
    doc = document("zh")
    for role, word in (("caretaker", "物业"), ("Hausmeister", "Hausmeister")):
        signer = {"name": "李静怡", "role": role}
        assert word in text_of(render(report(doc, signed=signed(doc, signer=signer))))


def test_a_report_without_signature_says_so() -> None:
    assert "without a customer's signature" in text_of(render(report(document(), signed=None))).replace("’", "'")


def test_a_diverged_visit_is_told() -> None:
    doc = document()
    assert "changed after this was signed" in text_of(render(report(doc, signed=replace(signed(doc), diverged=True))))


def test_a_correction_shows_its_version() -> None:
    assert "Version 2" in text_of(render(report(document(), version=2)))


def test_an_empty_visit_makes_a_report_too() -> None:
    blank: dict[str, Any] = {"work_done": "", "checklist": [], "parts": [], "prices": None, "photos": [], "remarks": ""}
    nothing = {"arrived_at": None, "started_at": None, "finished_at": None, "worked_s": None, "travel_s": None}
    doc = document("zh", asset=None, times=nothing, **blank)
    assert shapes.errors("report", doc) == []
    assert "R-2026-000042" in text_of(render(report(doc, evidence=())))


def test_a_large_report() -> None:
    one = document()
    doc = document(checklist=one["checklist"] * 100, parts=one["parts"] * 100, photos=one["photos"] * 20)
    started = time.process_time()
    assert f"{PHOTOS[0]}" not in text_of(render(report(doc)))
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1}, {"language": "fr"}, {"prices": {"lines": [], "total": {"amount": "1e9", "currency": "USD"}}},
        {"prices": {"lines": [], "total": {"amount": 12.3, "currency": "USD"}}}, {"engineers": []},
        {"remarks": "x" * 20_001}, {"photos": [{"id": "x", "sha256": "y", "bytes": -1}]},
        {"schema": "callout.report/2"},
    ],
)  # fmt: skip
def test_the_schema_refuses(change: dict[str, Any]) -> None:
    assert shapes.errors("report", {**document(), **change})


def test_the_schemas_are_valid_json() -> None:
    for name in ("report", "signoff"):
        assert json.dumps(shapes.schema(name))
