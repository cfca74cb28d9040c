"""Files over HTTP: sent in one request, listed, inspected, served in ranges, linked."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from app.kernel import clock
from app.kernel.ids import new_id
from app.work.models import VisitEvidence
from media.links import Link
from tests import factories
from tests.media.scene import Scene, picture, sha256


def test_put_stores_and_the_same_again_changes_nothing(scene: Scene) -> None:
    data, media_id = picture(), new_id()
    first = scene.put(media_id, data)
    assert (first.status_code, first.json["state"], first.json["sha256"]) == (200, "complete", sha256(data))
    again = scene.put(media_id, data)
    assert (again.status_code, again.json["rev"]) == (200, first.json["rev"])
    other = scene.put(media_id, picture("#aa0000"))
    assert other.status_code == 409
    assert scene.engineer.get(f"/api/v1/media/{media_id}/content").data == data


def test_put_with_content_digest(scene: Scene) -> None:
    data = picture()
    wrong = "sha-256=:" + base64.b64encode(hashlib.sha256(b"other").digest()).decode() + ":"
    right = "sha-256=:" + base64.b64encode(hashlib.sha256(data).digest()).decode() + ":"
    media_id = new_id()
    address = f"/api/v1/media/{media_id}/content"
    assert scene.engineer.put(address, data=data, headers={"Content-Digest": "sha-256=:abc:"}).status_code == 400
    assert scene.engineer.put(address, data=data, headers={"Content-Digest": wrong}).status_code == 460
    assert scene.media(media_id).state == "awaiting"
    # The promise of another hash stands: only those bytes may come under this id.
    assert scene.engineer.put(address, data=data, headers={"Content-Digest": right}).status_code == 409
    fresh = f"/api/v1/media/{new_id()}/content"
    assert scene.engineer.put(fresh, data=data, headers={"Content-Digest": right}).status_code == 200


def test_put_completes_what_was_announced_and_replaces_a_begun_upload(scene: Scene) -> None:
    data, media_id = picture(), new_id()
    meta = {"media_id": media_id, "sha256": sha256(data), "visit_id": scene.visit_id}
    address = scene.create(len(data), **meta).headers["Location"]
    scene.patch(address, 0, data[:40])
    assert scene.put(media_id, data).status_code == 200
    assert scene.head(address).headers["Upload-Complete"] == "?1"


def test_an_announced_hash_must_come(scene: Scene) -> None:
    announced = scene.photo(picture("#00aa00"), arrived=False)
    answer = scene.put(announced["id"], picture("#aa0000"))
    assert answer.status_code == 409
    plain = scene.engineer.put(f"/api/v1/media/{announced['id']}/content", data=picture("#aa0000"))
    assert plain.status_code == 460, "as long as what was announced, but not it"
    assert scene.media(announced["id"]).state == "awaiting"


def test_announcing_twice(scene: Scene) -> None:
    body = {"id": str(new_id()), "visit_id": str(scene.visit_id), "sha256": "ab" * 32, "size": 7, "kind": "photo"}
    first = scene.engineer.post("/api/v1/media", json=body)
    assert (first.status_code, first.json["state"]) == (201, "awaiting")
    assert scene.engineer.post("/api/v1/media", json=body).json["rev"] == first.json["rev"]
    assert scene.engineer.post("/api/v1/media", json={**body, "sha256": "cd" * 32}).status_code == 409
    assert scene.engineer.post("/api/v1/media", json={**body, "visit_id": str(new_id())}).status_code == 409
    assert scene.engineer.post("/api/v1/media", json={**body, "id": str(new_id()), "size": -1}).status_code == 422


def test_the_list_of_a_visit_shows_what_is_awaited(scene: Scene) -> None:
    here, missing = scene.photo(picture("#111111")), scene.photo(picture("#222222"), arrived=False)
    listed = scene.engineer.get(f"/api/v1/media?visit_id={scene.visit_id}").json["items"]
    assert {row["id"]: row["state"] for row in listed} == {here["id"]: "complete", missing["id"]: "awaiting"}
    waiting = scene.engineer.get(f"/api/v1/media?visit_id={scene.visit_id}&state=awaiting").json["items"]
    assert [(row["id"], row["device_id"]) for row in waiting] == [(missing["id"], str(scene.device.id))]
    answer = scene.engineer.get(f"/api/v1/media/{missing['id']}/content")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/media-not-ready")


def test_inspection_finds_type_size_and_small_pictures(scene: Scene) -> None:
    media_id = scene.photo(picture(size=(2000, 1000)))["id"]
    early = scene.engineer.get(f"/api/v1/media/{media_id}/thumbnail")
    assert early.status_code == 409
    assert scene.run_tasks().count("media.inspect") == 1
    shown = scene.engineer.get(f"/api/v1/media/{media_id}").json
    assert (shown["mime"], shown["width"], shown["height"], shown["thumbnails"]) == (
        "image/jpeg",
        2000,
        1000,
        [320, 1600],
    )
    small = scene.engineer.get(f"/api/v1/media/{media_id}/thumbnail?size=320")
    assert (small.status_code, small.mimetype) == (200, "image/webp")
    assert small.data[:4] == b"RIFF"
    assert scene.engineer.get(f"/api/v1/media/{media_id}/thumbnail?size=500").status_code == 422
    again = scene.engineer.get(f"/api/v1/media/{media_id}/thumbnail", headers={"If-None-Match": small.headers["ETag"]})
    assert again.status_code == 304


def test_a_photo_of_which_nobody_told_the_type_is_called_one_by_its_content(scene: Scene) -> None:
    data, media_id = picture(), new_id()
    made = scene.create(len(data), data, media_id=media_id, visit_id=scene.visit_id)
    assert (made.status_code, scene.media(media_id).kind) == (201, "file")
    scene.run_tasks()
    assert scene.media(media_id).kind == "photo"
    with scene.tx() as tx:
        assert tx.session.scalars(select(VisitEvidence.ref_id)).all() == [media_id]


@pytest.mark.parametrize(
    ("data", "mime", "reason"),
    [
        (b"<script>alert(1)</script>", "image/jpeg", "accepted kind"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 200, "image/jpeg", "picture"),
        (b"%PDF-1.7\n%%EOF", "image/jpeg", "application/pdf"),
    ],
)
def test_a_false_picture_is_rejected_and_kept(scene: Scene, data: bytes, mime: str, reason: str) -> None:
    media_id = scene.photo(data)["id"]
    scene.run_tasks()
    shown = scene.engineer.get(f"/api/v1/media/{media_id}").json
    assert shown["state"] == "rejected"
    assert reason in shown["rejection"]
    served = scene.engineer.get(f"/api/v1/media/{media_id}/content")
    assert (served.data, served.mimetype) == (data, "application/octet-stream")
    assert served.headers["Content-Disposition"].startswith("attachment")


def test_content_is_served_in_ranges_and_cannot_act_as_a_page(scene: Scene) -> None:
    data = picture()
    media_id = scene.photo(data, filename='现场 "照片".jpg')["id"]
    scene.run_tasks()
    address = f"/api/v1/media/{media_id}/content"
    whole = scene.engineer.get(address)
    assert (whole.status_code, whole.data, whole.mimetype) == (200, data, "image/jpeg")
    assert whole.headers["ETag"] == f'"{sha256(data)}"'
    assert whole.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in whole.headers["Cache-Control"]
    assert whole.headers["Content-Disposition"].startswith("inline")
    assert "filename*=UTF-8''%E7%8E%B0" in whole.headers["Content-Disposition"]

    def ranged(value: str, **more: str) -> tuple[int, bytes, str | None]:
        answer = scene.engineer.get(address, headers={"Range": value, **more})
        return answer.status_code, answer.data, answer.headers.get("Content-Range")

    size = len(data)
    assert ranged("bytes=0-9") == (206, data[:10], f"bytes 0-9/{size}")
    assert ranged("bytes=10-") == (206, data[10:], f"bytes 10-{size - 1}/{size}")
    assert ranged("bytes=-5") == (206, data[-5:], f"bytes {size - 5}-{size - 1}/{size}")
    assert ranged(f"bytes=0-{size * 2}") == (206, data, f"bytes 0-{size - 1}/{size}")
    assert ranged(f"bytes=-{size}") == ranged(f"bytes=-{size + 5}") == (206, data, f"bytes 0-{size - 1}/{size}")
    status, _, told = ranged(f"bytes={size}-")
    assert (status, told) == (416, f"bytes */{size}")
    for ignored in ("bytes=5-2", "lines=0-1", "bytes=0-1,3-4", "nonsense"):
        assert ranged(ignored)[0] == 200
    assert ranged("bytes=0-9", **{"If-Range": '"another"'})[0] == 200
    assert ranged("bytes=0-9", **{"If-Range": f'"{sha256(data)}"'})[0] == 206
    assert scene.engineer.get(address, headers={"If-None-Match": f'"{sha256(data)}"'}).status_code == 304
    head = scene.engineer.head(address)
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, str(size), b"")


def test_who_sees_which_file(scene: Scene) -> None:
    media_id = scene.photo()["id"]
    loose = new_id()
    scene.put(loose, picture())
    assert scene.client("dispatcher").get(f"/api/v1/media/{media_id}").status_code == 200
    for stranger in (scene.client("engineer"), scene.client("subcontractor"), factories.client("admin")):
        for path in ("", "/content", "/thumbnail"):
            assert stranger.get(f"/api/v1/media/{media_id}{path}").status_code == 404
            assert stranger.get(f"/api/v1/media/{loose}{path}").status_code == 404
        assert stranger.post(f"/api/v1/media/{media_id}/link", json={}).status_code == 404
        taken = stranger.put(f"/api/v1/media/{media_id}/content", data=b"x").status_code
        assert taken == (404 if stranger.org_id == scene.org_id else 200), "ids of organisations never meet"
    assert scene.engineer.get(f"/api/v1/media/{loose}").status_code == 200
    assert scene.client("auditor").put(f"/api/v1/media/{loose}/content", data=b"x").status_code == 403


def path_of(url: str) -> str:
    return url[url.index("/api/") :]


def test_a_link_serves_strangers_until_it_expires(scene: Scene) -> None:
    data = picture()
    media = scene.photo(data)
    scene.run_tasks()
    made = scene.engineer.post(f"/api/v1/media/{media['id']}/link", json={"expires_in": 60})
    assert made.status_code == 201
    stranger = factories.app().test_client()
    served = stranger.get(path_of(made.json["url"]))
    assert (served.status_code, served.data) == (200, data)
    assert served.headers["Cache-Control"].startswith("private, max-age=")
    assert stranger.get(path_of(made.json["url"]), headers={"Range": "bytes=0-0"}).data == data[:1]
    small = scene.engineer.post(f"/api/v1/media/{media['id']}/link", json={"size": 320}).json["url"]
    assert stranger.get(path_of(small)).mimetype == "image/webp"
    past = Link(scene.org_id, UUID(media["id"]), clock.now() - timedelta(seconds=1)).token()
    expired = stranger.get(f"/api/v1/media/linked/{past}")
    assert (expired.status_code, expired.json["type"]) == (410, "/problems/link-expired")
    assert scene.engineer.post(f"/api/v1/media/{media['id']}/link", json={"expires_in": 301}).status_code == 422


def test_a_forged_link_opens_nothing(scene: Scene) -> None:
    media_id = scene.photo()["id"]
    token = path_of(scene.engineer.post(f"/api/v1/media/{media_id}/link", json={}).json["url"]).rpartition("/")[2]
    stranger = factories.app().test_client()
    signed = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(signed)):
        forged = bytearray(signed)
        forged[place] ^= 1
        text = base64.urlsafe_b64encode(bytes(forged)).rstrip(b"=").decode()
        assert stranger.get(f"/api/v1/media/linked/{text}").status_code == 404, place
    for nonsense in ("x", "%00", "é", token + "AAAA", token[:-4], "=" * 10):
        assert stranger.get(f"/api/v1/media/linked/{nonsense}").status_code == 404


def test_two_fields_may_hold_the_same_photo(scene: Scene) -> None:
    data = picture()
    first, second = scene.photo(data), scene.photo(data)
    assert first["id"] != second["id"]
    assert first["sha256"] == second["sha256"]


def test_doubts_about_time_and_place(scene: Scene) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:03:01 06:40:00", 0x9011: "+00:00"}
    exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0), 3: "E", 4: (121.0, 28.0, 0.0)}
    data = picture(exif=exif.tobytes())
    near = {"captured_at": "2026-03-01T06:41:00Z", "location": {"type": "Point", "coordinates": [121.4667, 31.2333]}}
    far = {"captured_at": "2026-03-01T09:41:00Z", "location": {"type": "Point", "coordinates": [121.6, 31.2333]}}
    good, doubtful = scene.photo(data, **near)["id"], scene.photo(data, **far)["id"]
    scene.run_tasks()
    assert scene.media(good).capture["taken_at"] == "2026-03-01T06:40:00Z"
    assert scene.media(good).flags == []
    assert scene.media(doubtful).flags == ["capture_place_differs", "capture_time_differs"]
