"""tus over HTTP, as a stock client speaks it, with the database underneath."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from app.kernel.ids import new_id
from tests import factories
from tests.media.scene import PATCHING, TUS, UPLOADS, Scene, metadata, picture, sha256


def test_options_tell_strangers_what_is_spoken() -> None:
    answer = factories.app().test_client().options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert "concatenation" in answer.headers["Tus-Extension"]
    assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_file_arrives_in_pieces(scene: Scene, slash: str) -> None:
    data = picture()
    headers = {
        **TUS,
        "Upload-Length": str(len(data)),
        "Upload-Metadata": metadata(filename="a.jpg", filetype="image/jpeg"),
    }
    created = scene.engineer.post(UPLOADS + slash, headers=headers)
    assert created.status_code == 201
    assert created.headers["Tus-Resumable"] == "1.0.0"
    address = created.headers["Location"]
    assert scene.head(address).headers["Upload-Offset"] == "0"
    half = len(data) // 2
    assert scene.patch(address, 0, data[:half]).headers["Upload-Offset"] == str(half)
    state = scene.head(address)
    assert (state.status_code, state.headers["Upload-Offset"], state.headers["Cache-Control"]) == (
        200,
        str(half),
        "no-store",
    )
    last = scene.patch(address, half, data[half:])
    assert (last.status_code, last.headers["Upload-Complete"]) == (204, "?1")
    served = scene.engineer.get(address)
    assert (served.status_code, served.data) == (200, data)
    media = scene.media(address.rpartition("/")[2])
    assert (media.state, media.sha256, media.size, media.kind) == ("complete", sha256(data), len(data), "photo")


def test_creation_with_upload_and_override(scene: Scene) -> None:
    data = picture()
    created = scene.create(len(data), data[:100])
    assert created.headers["Upload-Offset"] == "100"
    headers = {**PATCHING, "Upload-Offset": "100", "X-HTTP-Method-Override": "PATCH"}
    last = scene.engineer.post(created.headers["Location"], headers=headers, data=data[100:])
    assert (last.status_code, last.headers["Upload-Complete"]) == (204, "?1")
    refused = scene.engineer.post(created.headers["Location"], headers=TUS)
    assert refused.status_code == 405


def test_the_same_announcement_is_the_same_upload(scene: Scene) -> None:
    data, media_id = picture(), new_id()
    meta = {"media_id": media_id, "sha256": sha256(data), "visit_id": scene.visit_id, "filetype": "image/jpeg"}
    first = scene.create(len(data), **meta)
    scene.patch(first.headers["Location"], 0, data[:50])
    again = scene.create(len(data), **meta)
    assert again.status_code == 201, again.json
    assert again.headers["Location"] == first.headers["Location"]
    assert scene.create(len(data), **{**meta, "sha256": "0" * 64}).status_code == 409
    assert scene.create(len(data) + 1, **meta).status_code == 409
    scene.patch(first.headers["Location"], 50, data[50:])
    done = scene.create(len(data), **meta)
    assert (done.headers["Location"], done.headers["Upload-Complete"]) == (first.headers["Location"], "?1")
    assert scene.create(len(data), media_id=media_id, visit_id=scene.visit_id).status_code == 409, "no hash, no proof"


def test_a_photo_is_evidence_from_its_announcement_on() -> None:
    scene = Scene(required_photos=1)
    scene.work()
    step = {"to": "completed"}
    refused = scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/transitions", json=step)
    assert refused.status_code == 409
    data = picture()
    announced = scene.create(
        len(data), media_id=new_id(), sha256=sha256(data), visit_id=scene.visit_id, filetype="image/jpeg"
    )
    assert announced.status_code == 201
    done = scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/transitions", json=step)
    assert done.status_code == 200, done.json


def test_a_wrong_file_starts_again(scene: Scene) -> None:
    data = picture()
    created = scene.create(len(data), sha256=sha256(data))
    address = created.headers["Location"]
    wrong = scene.patch(address, 0, b"x" * len(data))
    assert wrong.status_code == 460
    assert wrong.json["type"] == "/problems/upload-checksum-mismatch"
    assert scene.head(address).headers["Upload-Offset"] == "0"
    assert scene.patch(address, 0, data).headers["Upload-Complete"] == "?1"


def test_a_piece_with_a_wrong_checksum_counts_for_nothing(scene: Scene) -> None:
    address = scene.create(10).headers["Location"]
    promised = "sha1 " + base64.b64encode(hashlib.sha1(b"hello").digest()).decode()
    assert scene.patch(address, 0, b"hallo", **{"Upload-Checksum": promised}).status_code == 460
    assert scene.head(address).headers["Upload-Offset"] == "0"
    assert scene.patch(address, 0, b"hello", **{"Upload-Checksum": promised}).status_code == 204


def test_parts_are_put_together(scene: Scene) -> None:
    data = picture(size=(900, 700))
    cut = len(data) // 3
    addresses = []
    for piece in (data[:cut], data[cut:]):
        headers = {**TUS, "Upload-Length": str(len(piece)), "Upload-Concat": "partial"}
        address = scene.engineer.post(UPLOADS, headers=headers).headers["Location"]
        scene.patch(address, 0, piece)
        addresses.append(address)
    assert scene.engineer.get(addresses[0]).status_code == 409
    final = {**TUS, "Upload-Concat": "final;" + " ".join(addresses), "Upload-Metadata": metadata(filetype="image/jpeg")}
    whole = scene.engineer.post(UPLOADS, headers=final)
    assert whole.headers["Upload-Complete"] == "?1"
    assert scene.engineer.get(whole.headers["Location"]).data == data


def test_ending_an_upload_forgets_a_loose_file_but_not_one_of_a_visit(scene: Scene) -> None:
    loose = scene.create(10).headers["Location"]
    assert scene.engineer.delete(loose, headers=TUS).status_code == 204
    assert scene.head(loose).status_code == 404
    assert scene.engineer.get(f"/api/v1/media/{loose.rpartition('/')[2]}").status_code == 404
    media_id = new_id()
    bound = scene.create(10, media_id=media_id, visit_id=scene.visit_id).headers["Location"]
    assert scene.engineer.delete(bound, headers=TUS).status_code == 204
    assert scene.media(media_id).state == "awaiting"
    again = scene.create(10, media_id=media_id, visit_id=scene.visit_id)
    assert again.status_code == 201, again.json
    assert again.headers["Location"] != bound


def test_an_upload_belongs_to_its_owner(scene: Scene) -> None:
    address = scene.create(10).headers["Location"]
    for stranger in (scene.client("admin"), factories.client("engineer")):
        assert stranger.head(address, headers=TUS).status_code == 404
        assert stranger.get(address).status_code == 404
    media_id = new_id()
    scene.create(10, media_id=media_id)
    stolen = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata(media_id=media_id)}
    assert scene.client("engineer").post(UPLOADS, headers=stolen).status_code in (404, 409)


def test_a_visit_of_somebody_else_takes_no_files(scene: Scene) -> None:
    other = factories.visit(scene.org_id, factories.engineer(scene.org_id).id)
    assert scene.create(10, visit_id=other.id).status_code == 404
    assert scene.create(10, visit_id=new_id()).status_code == 404
    assert scene.create(10, visit_id=scene.visit_id, filetype="text/html").status_code == 415


def test_refusals_name_the_version(scene: Scene) -> None:
    answer = scene.engineer.post(UPLOADS, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "1"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert scene.create(3 * 1024**3).status_code == 413
    assert scene.head(f"{UPLOADS}/{new_id()}").status_code == 404


def test_bytes_past_the_end_are_refused_before_they_are_read(scene: Scene) -> None:
    address = scene.create(5).headers["Location"]
    assert scene.patch(address, 0, b"123456").status_code == 413
    assert scene.patch(address, 3, b"1").status_code == 409
    assert scene.head(address).headers["Upload-Offset"] == "0"


def test_idle_uploads_expire_and_leave_nothing(scene: Scene, media_folder: Path) -> None:
    address = scene.create(10).headers["Location"]
    kept = scene.create(10).headers["Location"]
    scene.patch(address, 0, b"12345")
    with scene.tx() as tx:
        upload = {"id": UUID(address.rpartition("/")[2])}
        tx.session.execute(text("UPDATE uploads SET expires_at = now() - interval '1 hour' WHERE id = :id"), upload)
        tx.session.execute(text("UPDATE tasks SET run_after = now() - interval '1 s' WHERE name = 'media.expire'"))
    assert scene.head(address).status_code == 410
    assert "media.expire" in scene.run_tasks()
    assert scene.head(address).status_code == 404
    assert scene.head(kept).status_code == 200
    assert not list((media_folder / "uploads").glob(f"{UUID(address.rpartition('/')[2]).hex}*"))
