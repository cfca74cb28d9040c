"""What a phone makes at the customer's door, without a network: the report document, strokes, the signed envelope."""

from __future__ import annotations

import hashlib
import io
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import rfc8785
from jwt import PyJWS
from PIL import Image, ImageDraw

from app.walkthrough.phone import Phone, new_id, stamp

CONSENT = {
    "en": "I confirm that the work described above was done and that I have read this report.",
    "zh": "本人确认上述工作已完成，并已阅读本报告。",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Photo:
    """A picture on the phone."""

    id: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def claim(self) -> Row:
        """How report and envelope name it."""
        return {"id": self.id, "sha256": self.sha256, "bytes": len(self.data)}


def take_photo(words: str, shade: int) -> Photo:
    """A noisy JPEG of about half a megabyte, so that a bad link has something to cut."""
    picture = Image.effect_noise((1280, 960), 60).convert("RGB")
    picture.paste((shade, 90, 160), (40, 40, 900, 160))
    ImageDraw.Draw(picture).text((60, 80), words, fill=(255, 255, 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return Photo(new_id(), out.getvalue())


def strokes() -> list[Row]:
    """A signature as signature_pad gives it: one wavy line."""
    points = [
        {"x": 10.0 + 3 * i, "y": round(60 + 25 * math.sin(i / 4), 2), "time": 1_000 + 16 * i, "pressure": 0.5}
        for i in range(60)
    ]
    return [{"points": points}]


def report(
    phone: Phone, visit: Row, engineer: str, work_done: str, photos: Iterable[Photo], zone: str, language: str
) -> Row:
    """The report document as the phone shows it to the customer, from the rows that it holds."""
    rows = phone.rows
    job = rows["jobs"][visit["job_id"]]
    site = rows["sites"][job["site_id"]]
    account = rows["accounts"].get(job["account_id"] or "", {})
    items = {row["id"]: row for row in rows["checklist_items"].values() if row["visit_id"] == visit["id"]}
    answers = {row["item_id"]: row for row in rows["checklist_answers"].values() if row["visit_id"] == visit["id"]}
    used = [row for row in rows["part_uses"].values() if row["visit_id"] == visit["id"]]
    return {
        "schema": "callout.report/1",
        "language": language,
        "time_zone": zone,
        "organisation": {"name": "Callout demo"},
        "visit": {"id": visit["id"], "number": job["number"], "title": job["summary"][:500]},
        "account": {"name": account.get("name", "")},
        "site": {"name": site["name"] or "", "address": site["address"] or ""},
        "asset": None,
        "engineers": [{"name": engineer}],
        "times": {"arrived_at": None, "started_at": None, "finished_at": stamp(), "worked_s": None, "travel_s": None},
        "work_done": work_done,
        "checklist": [
            {"id": item["id"], "label": label(item, language), "answer": _answer(item, answers.get(item["id"]))}
            for item in sorted(items.values(), key=lambda item: item["position"])
            if item["key"] not in ("work_done", "remarks")
        ],
        "parts": [
            {
                "id": row["id"],
                "name": rows["parts"][row["part_id"]]["name"],
                "sku": rows["parts"][row["part_id"]]["number"],
                "quantity": str(row["quantity"]),
                "price": None,
            }
            for row in used
        ],
        "prices": None,
        "photos": [photo.claim() for photo in photos],
        "remarks": "",
    }


def label(item: Row, language: str) -> str:
    """The text of a checklist item, in this language if it has one."""
    text = item["label"]
    return str(text.get(language) or next(iter(text.values()))) if isinstance(text, dict) else str(text)


def _answer(item: Row, answer: Row | None) -> Any:
    """As the report writes it: a photo is answered by true, numbers are text."""
    value = answer["value"] if answer else None
    if item["kind"] == "photo":
        return True if answer else None
    if value is None or isinstance(value, bool | str):
        return value
    return rfc8785.dumps(value).decode()


class SignOffs:
    """The chain of this phone's sign-offs: each names the hash of the one before."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.count = 0
        self.previous: str | None = None

    def sign(self, visit: Row, document: Row, photos: Iterable[Photo], signer: str) -> Row:
        """The data of a `signatures` create mutation; its `id` is the mutation's row."""
        drawn = strokes()
        canonical, consent = rfc8785.dumps(document), CONSENT[document["language"]]
        self.count += 1
        claims = {
            "schema": "callout.signoff/1",
            "signoff_id": new_id(),
            "visit_id": visit["id"],
            "visit_rev": visit["rev"],
            "device_id": self.phone.device_id,
            "seq": self.count,
            "prev": self.previous,
            "outcome": "signed",
            "doc_sha256": hashlib.sha256(canonical).hexdigest(),
            "strokes_sha256": hashlib.sha256(rfc8785.dumps(drawn)).hexdigest(),
            "photos": [photo.claim() for photo in photos],
            "signer": {"name": signer, "role": "customer"},
            "consent": {"text": consent, "sha256": hashlib.sha256(consent.encode()).hexdigest()},
            "method": "on_engineer_device",
            "clock": {"wall": stamp(), "monotonic_ms": int(time.monotonic() * 1000), "server": None},
        }
        headers = {"typ": "callout-signoff+jws"}
        envelope = PyJWS().encode(rfc8785.dumps(claims), self.phone.key, algorithm="ES256", headers=headers)
        self.previous = hashlib.sha256(envelope.encode()).hexdigest()
        return {"id": claims["signoff_id"], "envelope": envelope, "document": canonical.decode(), "strokes": drawn}
