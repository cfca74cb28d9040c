"""A phone that was offline: announces photos and signs by push, uploads later, holds what it may hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.ids import new_id
from app.work import commands as work
from app.work.models import Conflict
from media.models import LedgerEntry, Signature
from tests import factories
from tests.media.scene import Scene, picture, sha256

AT = "2026-03-02T08:15:00Z"


class Device:
    """Collects mutations and pushes them in one go, as a phone that comes back does."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.cursor: int | None = None
        self.seq = 0
        self.queue: list[dict[str, Any]] = []

    def pull(self) -> dict[str, Any]:
        suffix = f"?cursor={self.cursor}" if self.cursor else ""
        page = self.scene.engineer.get(f"/api/v1/sync/pull{suffix}")
        assert page.status_code == 200, page.json
        self.cursor = page.json["cursor"]
        return page.json["changes"]  # type: ignore[no-any-return]

    def add(self, collection: str, kind: str, row_id: Any, data: dict[str, Any], base: int | None = None) -> None:
        self.seq += 1
        told = {"id": str(new_id()), "seq": self.seq, "collection": collection, "type": kind, "device_at": AT}
        self.queue.append({**told, "row_id": str(row_id), "data": data, **({"base_rev": base} if base else {})})

    def push(self) -> list[dict[str, Any]]:
        body = {"device_id": str(self.scene.device.id), "mutations": self.queue}
        answer = self.scene.engineer.post("/api/v1/sync/push", json=body)
        assert answer.status_code == 200, answer.json
        return answer.json["results"]  # type: ignore[no-any-return]


def photo(device: Device, visit_id: UUID, data: bytes) -> str:
    media_id = str(new_id())
    told = {"visit_id": str(visit_id), "kind": "photo", "filename": "photo.jpg", "declared_type": "image/jpeg"}
    device.add("media", "create", media_id, {**told, "sha256": sha256(data), "size": len(data), "captured_at": AT})
    return media_id


def signed(device: Device, visit_id: UUID, photos: dict[str, bytes]) -> str:
    """A sign-off over the phone's own document; returns its id."""
    scene, signoff_id = device.scene, str(new_id())
    document = scene.report(visit_id)["document"]
    document["visit"]["number"] = "local-7"
    document["photos"] = [{"id": i, "sha256": sha256(data), "bytes": len(data)} for i, data in photos.items()]
    body = scene.envelope(document, signoff_id=signoff_id)
    device.add("signatures", "create", signoff_id, {"visit_id": str(visit_id), **body})
    return signoff_id


def test_a_day_offline_on_two_visits_comes_home_whole() -> None:
    scene = Scene(requires_signature=True, required_photos=1)
    other, device = scene.new_visit(), Device(scene)
    device.pull()
    photos: dict[str, bytes] = {}
    sign_offs = {}
    for number, visit_id in enumerate((scene.visit_id, other)):
        for to in ("accepted", "en_route", "on_site", "working"):
            device.add("visits", "transition", visit_id, {"to": to}, base=1)
        data = picture(f"#00{number}{number}00")
        media_id = photo(device, visit_id, data)
        photos[media_id] = data
        sign_offs[visit_id] = signed(device, visit_id, {media_id: data})
        device.add("visits", "transition", visit_id, {"to": "completed"}, base=1)
    results = device.push()
    assert {result["status"] for result in results} == {"applied"}, results
    replayed = device.push()
    assert all(result["replayed"] for result in replayed)
    for visit_id, signoff_id in sign_offs.items():
        (kept,) = scene.engineer.get(f"/api/v1/visits/{visit_id}/signatures").json["items"]
        assert (kept["id"], kept["state"], kept["content_diverged"]) == (signoff_id, "recorded", False), kept[
            "divergence"
        ]
    changes = device.pull()
    assert {row["id"]: row["state"] for row in changes["media"]["upserts"]} == dict.fromkeys(photos, "awaiting")
    assert {row["id"] for row in changes["signatures"]["upserts"]} == set(sign_offs.values())
    assert all(row["receipt"] for row in changes["signatures"]["upserts"])
    assert not any("strokes" in row or "document" in row for row in changes["signatures"]["upserts"])
    for media_id, data in photos.items():
        created = scene.create(len(data), media_id=media_id, sha256=sha256(data))
        assert scene.patch(created.headers["Location"], 0, data).headers["Upload-Complete"] == "?1"
    scene.run_tasks()
    assert {row["state"] for row in device.pull()["media"]["upserts"]} == {"complete"}
    for visit_id in sign_offs:
        answer = scene.engineer.get(f"/api/v1/visits/{visit_id}/report.pdf", headers={"Prefer": "wait=0"})
        assert answer.status_code == 200


def test_the_old_engineer_signs_off_what_was_given_to_another_meanwhile() -> None:
    scene = Scene(requires_signature=True)
    device = Device(scene)
    device.pull()
    data = picture()
    media_id = photo(device, scene.visit_id, data)
    signoff_id = signed(device, scene.visit_id, {media_id: data})
    with scene.tx() as tx:
        work.assign(tx, scene.visit_id, factories.engineer(scene.org_id).id, reason="nobody heard of Erin")
    assert [result["status"] for result in device.push()] == ["applied", "applied"]
    with scene.tx() as tx:
        assert str(tx.session.scalars(select(Signature.id)).one()) == signoff_id
        late = tx.session.scalars(select(Conflict).where(Conflict.kind == "late_fact")).one()
        assert late.mine
        assert {fact["kind"] for fact in late.mine["facts"]} == {"photo", "signature"}
    created = scene.create(len(data), media_id=media_id, sha256=sha256(data))
    assert scene.patch(created.headers["Location"], 0, data).headers["Upload-Complete"] == "?1"


def test_a_forged_sign_off_by_push_is_rejected_and_kept() -> None:
    scene = Scene()
    device = Device(scene)
    signed(device, scene.visit_id, {})
    device.queue[0]["data"]["strokes"] = None
    (result,) = device.push()
    assert (result["status"], result["problem"]["type"]) == ("rejected", "/problems/strokes-invalid")
    with scene.tx() as tx:
        assert tx.session.scalars(select(LedgerEntry.seq)).all() == []
        assert str(tx.session.scalars(select(Conflict.id)).one()) == result["conflict_id"]


def test_a_row_must_have_the_id_of_its_envelope() -> None:
    scene = Scene()
    device = Device(scene)
    signed(device, scene.visit_id, {})
    device.queue[0]["row_id"] = str(new_id())
    (result,) = device.push()
    assert result["status"] == "rejected"
    with scene.tx() as tx:
        assert tx.session.scalars(select(Signature.id)).all() == []


def test_files_leave_a_phone_with_their_visit() -> None:
    scene = Scene()
    media_id = scene.photo()["id"]
    scene.sign(scene.envelope(scene.report()["document"]))
    device = Device(scene)
    assert [row["id"] for row in device.pull()["media"]["upserts"]] == [media_id]
    with scene.tx() as tx:
        work.assign(tx, scene.visit_id, factories.engineer(scene.org_id).id, reason="ill")
    gone: set[str] = set()
    for _ in range(3):
        changes = device.pull()
        gone |= {row_id for name in ("media", "signatures") for row_id in changes.get(name, {}).get("removed", [])}
    assert media_id in gone
    assert len(gone) == 2
