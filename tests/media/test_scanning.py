"""Files are shown to the scanner first: nobody has them before it answered, and nobody what it found something in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.kernel.models import Event, Task
from media import scanning
from media.settings import settings
from tests.media.fake_clamd import EICAR, Clamd, clamd
from tests.media.scene import Scene, picture


def shown_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    told = replace(settings(), clamd=address)
    monkeypatch.setattr(scanning, "settings", lambda: told)


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clamd]:
    with clamd() as fake:
        shown_to(monkeypatch, fake.address)
        yield fake


def test_a_clean_file_is_complete_when_the_scanner_has_answered(scene: Scene, scanner: Clamd) -> None:
    data = picture()
    media_id = scene.photo(data)["id"]
    address = f"/api/v1/media/{media_id}"
    assert scene.engineer.get(address).json["state"] == "scan_pending"
    for path in (f"{address}/content", f"{address}/thumbnail"):
        assert scene.engineer.get(path).status_code == 409
    assert scene.engineer.post(f"{address}/link", json={}).status_code == 409
    scene.run_tasks()
    assert scanner.seen == [data]
    assert scene.engineer.get(address).json["state"] == "complete"
    assert scene.engineer.get(f"{address}/content").data == data


def test_what_the_scanner_finds_is_kept_and_given_to_nobody(scene: Scene, scanner: Clamd, media_folder: Path) -> None:
    data = picture() + EICAR
    made = scene.create(len(data), data, visit_id=scene.visit_id, filetype="image/jpeg").headers["Location"]
    scene.run_tasks()
    media_id = UUID(made.rpartition("/")[2])
    kept = scene.media(media_id)
    assert (kept.state, kept.rejection) == ("quarantined", "The scanner found Win.Test.EICAR_HDB-1.")
    assert kept.thumbnails == {}, "nothing of it was decoded"
    assert [path.read_bytes() for path in (media_folder / "blobs").rglob("*") if path.is_file()] == [data]
    address = f"/api/v1/media/{media_id}"
    refused = scene.engineer.get(f"{address}/content")
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/media-quarantined")
    assert scene.engineer.get(made).status_code == 403
    assert scene.engineer.post(f"{address}/link", json={}).status_code == 403
    with scene.tx() as tx:
        assert tx.session.scalars(select(Event.topic).where(Event.topic == "media.quarantined")).all()
    manifest = scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/manifest").json
    assert (manifest["fully_synced"], manifest["files"][0]["state"]) == (True, "quarantined")


def test_a_scanner_that_is_away_is_asked_until_it_answers(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"127.0.0.1:{free.getsockname()[1]}"
    shown_to(monkeypatch, nobody)
    media_id = scene.photo()["id"]
    for _ in range(7):  # more often than a task that fails is tried
        assert scene.run_tasks().count("media.inspect") == 1
        assert scene.media(media_id).state == "scan_pending"
        with scene.tx() as tx:
            waiting = (Task.name == "media.inspect") & (Task.state == "queued")
            assert tx.session.scalars(select(Task.run_after).where(waiting)).one() - tx.now < timedelta(minutes=16)
            tx.session.execute(update(Task).where(waiting).values(run_after=tx.now))
    with clamd() as fake:
        shown_to(monkeypatch, fake.address)
        scene.run_tasks()
    assert scene.media(media_id).state == "complete"


@pytest.mark.parametrize("options", [{"silent": True}, {"limit": 1000}], ids=["hangs up", "reads no more"])
def test_no_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch, options: dict[str, int]) -> None:
    with clamd(**options) as fake:
        shown_to(monkeypatch, fake.address)
        with pytest.raises(scanning.ScannerAway):
            scanning.scan(bytes(65536) for _ in range(40))


def test_by_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown_to(monkeypatch, f"unix:{tmp_path}/none.ctl")
    with pytest.raises(scanning.ScannerAway):
        scanning.scan([b"x"])
