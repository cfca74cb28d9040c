"""The sealed report over HTTP, and what anybody can verify about it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from media import canonical
from media.keys import organisation
from media.models import LedgerEntry, SealedReport
from tests import factories
from tests.media.reports.tools import attachments, signature_report, text_of
from tests.media.scene import Scene, picture, sha256

NOW = {"Prefer": "wait=0"}


def report_pdf(scene: Scene, client: Any = None, query: str = "") -> Any:
    return (client or scene.engineer).get(f"/api/v1/visits/{scene.visit_id}/report.pdf{query}", headers=NOW)


def done(scene: Scene) -> dict[str, Any]:
    """A visit that was worked, signed and completed; its photo has arrived. Returns the sign-off."""
    scene.work()
    scene.photo(caption="The fan")
    kept = scene.sign(scene.envelope(scene.report()["document"]))
    assert kept.status_code == 201, kept.json
    scene.walk("completed")
    return kept.json  # type: ignore[no-any-return]


def versions(scene: Scene) -> list[SealedReport]:
    with scene.tx() as tx:
        query = select(SealedReport).where(SealedReport.visit_id == scene.visit_id).order_by(SealedReport.version)
        return list(tx.session.scalars(query))


def verified(pdf: bytes, **how: Any) -> Any:
    how = how or {"content_type": "application/pdf"}
    return factories.app().test_client().post("/api/v1/verify", data=pdf, **how)


def test_a_completed_visit_is_sealed_by_itself_once(scene: Scene) -> None:
    done(scene)
    scene.run_tasks()
    (sealed,) = versions(scene)
    assert (sealed.version, sealed.superseded_at) == (1, None)
    answer = report_pdf(scene)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert sha256(answer.data) == sealed.sha256
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with scene.tx() as tx:
        line = tx.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "sealed")).one()
        assert line.entry["pdf_sha256"] == sealed.sha256
    report_pdf(scene)
    scene.run_tasks()
    assert len(versions(scene)) == 1


def test_the_pdf_says_and_carries_what_was_signed(scene: Scene, tmp_path: Path) -> None:
    kept = done(scene)
    scene.run_tasks()
    pdf = report_pdf(scene).data
    said = text_of(pdf)
    assert kept["signer_name"] in said
    assert versions(scene)[0].code in said
    inside = attachments(pdf, tmp_path)
    assert sha256(inside["report.json"]) == kept["doc_sha256"]
    assert sha256(inside["signoff.jws"]) == kept["envelope_sha256"]
    assert inside["receipt.jws"].decode() == kept["receipt"]
    assert inside["signature.png"].startswith(b"\x89PNG")
    assert b'"points"' not in b"".join(inside.values()), "raw strokes never leave"
    assert "Signature is Valid" in signature_report(pdf, tmp_path)


def test_it_waits_for_signed_photos_and_is_sealed_on_demand_before(scene: Scene) -> None:
    scene.work()
    data = picture()
    late = scene.photo(data, arrived=False)
    assert report_pdf(scene).status_code == 409, "neither signed nor done"
    scene.sign(scene.envelope(scene.report()["document"]))
    scene.walk("completed")
    scene.run_tasks()
    assert versions(scene) == []
    asked = report_pdf(scene)
    assert asked.status_code == 202
    task = scene.client("admin").get(asked.json["url"])
    assert (task.status_code, task.json["state"]) == (200, "queued")
    assert report_pdf(scene).json == asked.json, "one task, however often one asks"
    scene.run_tasks()
    first = report_pdf(scene)
    assert first.status_code == 200
    assert scene.put(late["id"], data).status_code == 200
    scene.run_tasks()
    one, two = versions(scene)
    assert (one.version, two.version, one.number, one.code) == (1, 2, two.number, one.code)
    assert one.superseded_at
    assert not two.superseded_at
    assert one.code != two.code
    assert sha256(report_pdf(scene).data) == two.sha256
    assert report_pdf(scene, query="?version=1").data == first.data
    assert report_pdf(scene, query="?version=3").status_code == 404


def test_a_correction_supersedes_with_a_new_signature(scene: Scene) -> None:
    first = done(scene)
    scene.run_tasks()
    scene.photo(picture("#550000"))
    changed = scene.report()
    assert changed["signed"]["changed"]
    assert sha256(report_pdf(scene).data) == versions(scene)[0].sha256, "what was signed stays the report"
    second = scene.sign(scene.envelope(changed["document"])).json
    scene.run_tasks()
    assert [str(report.signature_id) for report in versions(scene)] == [first["id"], second["id"]]


def test_a_visit_without_signature_gets_its_report(scene: Scene) -> None:
    scene.work()
    scene.walk("completed")
    scene.run_tasks()
    answer = report_pdf(scene, scene.client("dispatcher"))
    assert answer.status_code == 200
    code = versions(scene)[0].code
    assert factories.app().test_client().get(f"/api/v1/verify/{code}").json["signer"] is None


def test_a_refusal_is_sealed_with_its_reason(scene: Scene) -> None:
    scene.work()
    scene.sign(scene.refusal(scene.report()["document"], "Not repaired"))
    scene.walk("completed")
    scene.run_tasks()
    assert "Not repaired" in text_of(report_pdf(scene).data)
    proof = factories.app().test_client().get(f"/api/v1/verify/{versions(scene)[0].code}").json
    assert proof["outcome"] == "refused"


def test_a_code_tells_strangers_what_they_may_know(scene: Scene) -> None:
    kept = done(scene)
    scene.run_tasks()
    (sealed,) = versions(scene)
    stranger = factories.app().test_client()
    proof = stranger.get(f"/api/v1/verify/{sealed.code.lower().replace('-', ' ').replace('0', 'o')}").json
    assert (proof["number"], proof["version"], proof["sha256"], proof["superseded"]) == (
        sealed.number, 1, sealed.sha256, False,
    )  # fmt: skip
    assert (proof["organisation"], proof["signer"]) == ("Careful Repairs", kept["signer_name"])
    assert set(proof) == {
        "code", "number", "version", "organisation", "sealed_at", "level", "sha256", "superseded", "outcome", "signer",
        "signed_at", "method", "time_zone",
    }  # fmt: skip
    for code in ("XXXX-XXXX-XXXX-XXXX", "x" * 500, "%00", "'; DROP TABLE reports"):
        assert stranger.get(f"/api/v1/verify/{code}").status_code == 404


def test_the_file_itself_is_verified_and_tampering_is_told(scene: Scene) -> None:
    done(scene)
    scene.run_tasks()
    pdf = report_pdf(scene).data
    verdict = verified(pdf).json
    assert (verdict["standing"], verdict["ours"], verdict["whole"], verdict["unchanged"]) == (
        "genuine",
        True,
        True,
        True,
    )
    assert verdict["report"]["code"] == versions(scene)[0].code
    form = {"data": {"file": (io.BytesIO(pdf), "report.pdf")}, "content_type": "multipart/form-data"}
    assert factories.app().test_client().post("/api/v1/verify", **form).json["standing"] == "genuine"
    middle = len(pdf) // 2
    flipped = pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]
    assert verified(flipped).json["unchanged"] is False
    longer = verified(pdf + b"\n%more\n").json
    assert (longer["standing"], longer["unchanged"]) == ("altered", False)
    assert verified(b"%PDF-1.7 nothing").json["standing"] == "unknown"
    assert verified(b"").status_code == 400
    assert verified(b"--x\r\nbroken", content_type="multipart/form-data; boundary=x").status_code == 400


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This code belongs to a sealed report"), ("zh", "已签章的报告")]
)
def test_the_page_for_a_person(scene: Scene, language: str, words: str) -> None:
    done(scene)
    scene.run_tasks()
    with scene.tx() as tx:
        organisation(tx).timezone = "Asia/Shanghai"
    stranger = factories.app().test_client()
    page = stranger.get(f"/verify/{versions(scene)[0].code}", headers={"Accept-Language": language})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert words in page.text
    assert "Careful Repairs" in page.text
    sealed_at = versions(scene)[0].sealed_at
    assert f"{sealed_at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M} Asia/Shanghai" in page.text
    assert f"({sealed_at:%Y-%m-%d %H:%M} UTC)" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    missing = stranger.get("/verify/%3Cscript%3Ealert(1)")
    assert missing.status_code == 404
    assert "<script>" not in missing.text
    form = {"file": (io.BytesIO(report_pdf(scene).data), "report.pdf")}
    checked = stranger.post(f"/verify?lang={language}", data=form, content_type="multipart/form-data")
    assert {"en": "Genuine", "zh": "真实有效"}[language] in checked.text
    assert {"en": "byte for byte", "zh": "逐字节一致"}[language] in checked.text
    assert stranger.get("/verify").status_code == 200


def test_one_ledger_line_for_each_deed(scene: Scene) -> None:
    done(scene)
    scene.run_tasks()
    with scene.tx() as tx:
        kinds = tx.session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.seq)).all()
        hashes = tx.session.scalars(select(LedgerEntry.entry).where(LedgerEntry.kind == "signed")).one()
    assert kinds == ["signed", "sealed"]
    assert canonical.dumps(hashes)
