"""One believable visit in two languages, as a phone would write its report."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from app.kernel.ids import new_id
from media import canonical
from media.reports import Evidence, Report, Signed
from media.signatures import check, png, svg
from tests.media.signatures.conftest import CONSENT, handwriting

ISSUED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PHOTOS = [UUID(f"01890a5d-ac96-774b-bcce-b302099a80{n:02d}") for n in range(3)]


def document(language: str = "en", **changes: Any) -> dict[str, Any]:
    """A report document of `language`, with `changes`."""
    return {**(_english() if language == "en" else _chinese()), **changes}


def _photos(*captions: str) -> list[dict[str, Any]]:
    rows = zip(PHOTOS, captions, strict=True)
    return [
        {"id": str(i), "sha256": "4f" * 32, "bytes": 81_234, "caption": caption, "taken_at": "2026-03-01T06:40:00Z"}
        for i, caption in rows
    ]


def _english() -> dict[str, Any]:
    return {
        "schema": "callout.report/1",
        "language": "en",
        "time_zone": "America/Chicago",
        "organisation": {"name": "Gateway Building Services", "address": "1200 Market St, St. Louis, MO 63103",
                         "phone": "+1 314 555 0100"},
        "visit": {"id": str(PHOTOS[0]), "number": "J-2026-000123", "title": "Air handling unit 3: no cooling",
                  "description": "Third floor has been warm since Friday. Reception has the key to the plant room."},
        "account": {"name": "Cupples Station Offices"},
        "site": {"name": "Building 7, plant room", "address": "1000 Spruce St, St. Louis, MO 63102"},
        "asset": {"name": "Air handling unit 3", "model": "Daikin UATYQ250", "serial": "AH-3-2019-0042"},
        "engineers": [{"name": "Maria Alvarez"}, {"name": "Wang Xiaoming 王小明"}],
        "times": {"arrived_at": "2026-03-01T14:02:11Z", "started_at": "2026-03-01T14:10:00Z",
                  "finished_at": "2026-03-01T15:41:30.250Z", "worked_s": 5490, "travel_s": 1560},
        "work_done": "Found the condenser fan capacitor open (2.1 µF measured, 10 µF rated). Replaced it, cleaned the "
                     "coil and tested the unit for 30 minutes.\nSupply air is 12.8 °C at full load.",
        "checklist": [
            {"id": str(PHOTOS[0]), "label": "Power isolated and locked out", "answer": True},
            {"id": str(PHOTOS[1]), "label": "Refrigerant leak found", "answer": False,
             "remark": "Electronic detector, all brazed joints"},
            {"id": str(PHOTOS[2]), "label": "Suction pressure", "answer": "7.10", "unit": "bar"},
            {"id": str(PHOTOS[2]), "label": "Filter replaced", "answer": None},
        ],
        "parts": [
            {"name": "Run capacitor 10 µF 450 V", "sku": "CAP-10-450", "quantity": "1", "unit": "pc",
             "price": {"amount": "18.50", "currency": "USD"}},
            {"name": "Coil cleaner", "sku": "CHM-0081", "quantity": "0.5", "unit": "l", "price": None},
        ],
        "prices": {
            "lines": [
                {"label": "Labour, 1.5 h", "amount": {"amount": "142.50", "currency": "USD"}},
                {"label": "Parts", "amount": {"amount": "18.50", "currency": "USD"}},
            ],
            "total": {"amount": "161.00", "currency": "USD"},
        },
        "photos": _photos("Capacitor before", "Capacitor after", "Supply air"),
        "remarks": "The belt shows wear and should be replaced at the next service.",
    }  # fmt: skip


def _chinese() -> dict[str, Any]:
    return {
        "schema": "callout.report/1",
        "language": "zh",
        "time_zone": "Asia/Shanghai",
        "organisation": {"name": "上海申捷楼宇设备服务有限公司", "address": "上海市黄浦区南京东路 800 号",
                         "phone": "021-5555 0100"},
        "visit": {"id": str(PHOTOS[0]), "number": "J-2026-000124", "title": "三号空调机组不制冷",
                  "description": "三楼自周五起偏热。机房钥匙在前台领取。"},
        "account": {"name": "静安嘉里中心物业管理处"},
        "site": {"name": "7 号楼机房", "address": "上海市静安区南京西路 1515 号"},
        "asset": {"name": "三号空调机组", "model": "大金 UATYQ250", "serial": "AH-3-2019-0042"},
        "engineers": [{"name": "王小明"}],
        "times": {"arrived_at": "2026-03-01T06:02:11Z", "started_at": "2026-03-01T06:10:00Z",
                  "finished_at": "2026-03-01T07:41:30Z", "worked_s": 5490, "travel_s": 1560},
        "work_done": "检查发现冷凝风机电容开路（实测 2.1 µF，额定 10 µF）。已更换电容并清洗盘管，"
                     "试机 30 分钟。\n满负荷时送风温度为 12.8 ℃，运行正常。",
        "checklist": [
            {"id": str(PHOTOS[0]), "label": "已断电并上锁挂牌", "answer": True},
            {"id": str(PHOTOS[1]), "label": "发现制冷剂泄漏", "answer": False, "remark": "使用电子检漏仪检查全部焊口"},
            {"id": str(PHOTOS[2]), "label": "吸气压力", "answer": "7.10", "unit": "bar"},
            {"id": str(PHOTOS[2]), "label": "更换滤网", "answer": None},
        ],
        "parts": [
            {"name": "运行电容 10 µF 450 V", "sku": "CAP-10-450", "quantity": "1", "unit": "个",
             "price": {"amount": "128.50", "currency": "CNY"}},
            {"name": "盘管清洗剂", "sku": "CHM-0081", "quantity": "0.5", "unit": "升", "price": None},
        ],
        "prices": {
            "lines": [
                {"label": "人工费 1.5 小时", "amount": {"amount": "450.00", "currency": "CNY"}},
                {"label": "备件费", "amount": {"amount": "128.50", "currency": "CNY"}},
            ],
            "total": {"amount": "578.50", "currency": "CNY"},
        },
        "photos": _photos("更换前的电容", "更换后的电容", "送风温度"),
        "remarks": "皮带已有磨损，建议下次保养时更换。",
    }  # fmt: skip


def photo(colour: str) -> bytes:
    """A small WebP."""
    picture = Image.new("RGB", (320, 240), colour)
    ImageDraw.Draw(picture).ellipse((90, 50, 230, 190), fill="white")
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP")
    return buffer.getvalue()


def signed(doc: dict[str, Any], **changes: Any) -> Signed:
    """A sign-off of `doc`."""
    claims = {
        "outcome": "signed",
        "signer": {"name": "Dana Whitfield" if doc["language"] == "en" else "李静怡", "role": "Facility manager"},
        "consent": {"text": CONSENT},
        "doc_sha256": canonical.sha256(canonical.dumps(doc)),
        **changes,
    }
    lines = check(handwriting(3))
    return Signed(claims, datetime(2026, 3, 1, 8, 45, tzinfo=UTC), svg(lines))


def report(doc: dict[str, Any], **changes: Any) -> Report:
    """A whole report over `doc`: two of its three photos have arrived."""
    evidence = (
        Evidence("report.json", canonical.dumps(doc).decode(), "application/json", "The report as it was shown"),
        Evidence("signature.png", png(check(handwriting(3))), "image/png", "The signature as a picture"),
    )
    given: dict[str, Any] = {
        "number": "R-2026-000042",
        "version": 1,
        "code": "7KQ2-M9XD-4HTB-W3ZC",
        "url": "https://callout.example/verify/7KQ2-M9XD-4HTB-W3ZC",
        "issued_at": ISSUED,
        "doc": doc,
        "signed": signed(doc),
        "photos": {PHOTOS[0]: photo("#8a9db5"), PHOTOS[1]: photo("#b58a8a")},
        "evidence": evidence,
    }
    return Report(**{**given, **changes})


__all__ = ["ISSUED", "PHOTOS", "document", "new_id", "photo", "report", "signed"]
