"""Expected against present: awaited files are visible with their device, told after a day, and compared at night."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from app.kernel.models import AuditEntry, Event, Task
from media import places, reconcile, upload_rows, watch
from media.models import Media
from media.settings import settings
from media.store import BlobKey, DiskBlobStore
from tests.media.scene import Scene, picture, sha256


def manifest(scene: Scene, client: Any = None) -> dict[str, Any]:
    answer = (client or scene.engineer).get(f"/api/v1/visits/{scene.visit_id}/manifest")
    assert answer.status_code == 200, answer.json
    return answer.json  # type: ignore[no-any-return]


def events(scene: Scene, topic: str) -> list[Any]:
    with scene.tx() as tx:
        return list(tx.session.scalars(select(Event.payload).where(Event.topic == topic)))


def test_a_visit_is_fully_synced_only_with_its_bytes(scene: Scene) -> None:
    scene.work()
    assert manifest(scene)["fully_synced"] is True
    scene.photo(picture("#112233"))
    data = picture("#445566")
    waiting = scene.photo(data, arrived=False)
    told = {"media_id": waiting["id"], "sha256": sha256(data), "visit_id": scene.visit_id}
    address = scene.create(len(data), **told).headers["Location"]
    assert scene.patch(address, 0, data[:500]).status_code == 204
    seen = manifest(scene)
    assert (seen["fully_synced"], seen["expected"], seen["present"]) == (False, 2, 1)
    (late,) = [file for file in seen["files"] if file["state"] == "awaiting"]
    assert (late["received"], late["size"], late["device"]) == (500, len(data), "Phone")
    (line,) = scene.client("dispatcher").get("/api/v1/media/outstanding").json["items"]
    assert (line["device"], line["awaiting"], line["expected"]) == ("Phone", 1, 2)
    assert scene.client("engineer").get("/api/v1/media/outstanding").json["items"] == []
    assert scene.patch(address, 500, data[500:]).status_code == 204, "nobody was fenced by being looked at"
    assert manifest(scene)["fully_synced"] is True
    assert scene.client("dispatcher").get("/api/v1/media/outstanding").json["items"] == []


def test_a_held_sign_off_keeps_a_visit_from_being_fully_synced(scene: Scene) -> None:
    scene.work()
    document = scene.report()["document"]
    lost, kept = scene.envelope(document), scene.envelope(document)
    assert scene.sign(kept).json["state"] == "held"
    seen = manifest(scene)
    assert seen["fully_synced"] is False
    assert [(held["seq"], held["expected_seq"]) for held in seen["held_signatures"]] == [(2, 1)]
    assert scene.sign(lost).status_code == 201
    assert manifest(scene)["fully_synced"] is True


def test_a_file_that_does_not_come_for_a_day_is_told_once(scene: Scene) -> None:
    scene.work()
    waiting = scene.photo(arrived=False)
    with scene.tx() as tx:
        task = tx.session.scalars(select(Task).where(Task.name == watch.OVERDUE)).one()
        assert timedelta(hours=24) <= task.run_after - tx.now <= timedelta(hours=25)
        assert watch.tell_overdue(tx) == 0, "it is young"
        tx.session.execute(update(Media).values(created_at=tx.now - timedelta(hours=24)))
        assert watch.tell_overdue(tx) == 1
        assert watch.tell_overdue(tx) == 0
    (event,) = events(scene, "media.overdue")
    assert (event["id"], event["device_id"]) == (waiting["id"], str(scene.device.id))
    assert manifest(scene)["files"][0]["flags"] == ["overdue"]


def test_the_night_finds_what_was_planted(scene: Scene) -> None:
    scene.work()
    healthy, lost, broken = (scene.photo(picture(colour)) for colour in ("#111111", "#222222", "#333333"))
    scene.run_tasks()
    store = places.blobs()
    assert isinstance(store, DiskBlobStore)
    keys = {name: BlobKey(scene.org_id, row["sha256"]) for name, row in (("lost", lost), ("broken", broken))}
    store.delete(keys["lost"])
    path = store.path(keys["broken"])
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    young, old = store.put(scene.org_id, [b"nobody's, young"]), store.put(scene.org_id, [b"nobody's, old"])
    month = 31 * 24 * 3600
    os.utime(store.path(old), (path.stat().st_mtime - month,) * 2)
    with scene.tx() as tx:
        found = reconcile.reconcile(tx)
    assert (found.missing, found.damaged) == ([lost["sha256"]], [broken["sha256"]])
    assert (found.unnamed, found.removed) == ([young.sha256], [old.sha256])
    assert store.size(old) is None
    assert store.size(BlobKey(scene.org_id, healthy["sha256"]))
    flags = {row["id"]: scene.media(row["id"]).flags for row in (healthy, lost, broken)}
    assert flags == {healthy["id"]: [], lost["id"]: ["bytes_missing"], broken["id"]: ["bytes_damaged"]}
    (event,) = events(scene, "media.damaged")
    assert (event["missing"], event["damaged"]) == (1, 1)
    with scene.tx() as tx:
        entry = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "media.reconciled")).one()
        assert entry.data["removed_examples"] == [old.sha256]


def test_reading_back_goes_on_where_the_night_before_ended(scene: Scene) -> None:
    scene.work()
    for colour in ("#111111", "#222222", "#333333"):
        scene.photo(picture(colour))
    after, nights = "", 0
    hashed = 0
    with scene.tx() as tx:
        while nights == 0 or after:
            found = reconcile.reconcile(tx, after=after, budget=1)
            after, nights, hashed = found.next, nights + 1, hashed + found.hashed
    sizes = [len(picture(colour)) for colour in ("#111111", "#222222", "#333333")]
    assert (hashed, nights) == (sum(sizes), 3)


def test_every_night_plans_the_next(scene: Scene) -> None:
    scene.photo()
    with scene.tx() as tx:
        tx.session.execute(update(Task).where(Task.name == reconcile.NIGHTLY).values(run_after=tx.now))
        tx.session.execute(text("UPDATE tasks SET key = 'last night' WHERE name = 'media.reconcile'"))
    assert reconcile.NIGHTLY in scene.run_tasks()
    with scene.tx() as tx:
        states = dict(
            tx.session.execute(select(Task.state, Task.run_after).where(Task.name == reconcile.NIGHTLY)).all()  # type: ignore[arg-type]
        )
        assert set(states) == {"done", "queued"}
        assert states["queued"].hour == reconcile.HOUR


def test_a_quota_refuses_bytes_and_keeps_what_is_known(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    first = picture("#111111")
    scene.photo(first)
    monkeypatch.setattr(upload_rows, "settings", lambda: replace(settings(), quota=len(first) + 10))
    waiting = scene.photo(picture("#222222"), arrived=False)
    answer = scene.put(UUID(waiting["id"]), picture("#222222"))
    assert (answer.status_code, answer.json["type"]) == (507, "/problems/storage-full")
    assert scene.media(waiting["id"]).state == "awaiting"
    assert scene.create(11).status_code == 507
    assert scene.create(10).status_code == 201
