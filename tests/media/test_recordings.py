"""Sounds and films: what they really are, how long they last, and that nothing they refer to is ever opened."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from media import recordings, sandbox
from media.images import Inspection
from media.images.kinds import HEAD, kind_of
from media.probing import FORMATS
from tests.media.scene import Scene

TONE = ["-f", "lavfi", "-i", "sine=duration=1.5"]
FILM = ["-f", "lavfi", "-i", "testsrc=size=128x96:rate=5:duration=2"]
MADE = {
    "film.mp4": (*FILM, *TONE),
    "memo.m4a": (*TONE, "-f", "mp4"),
    "tone.mp3": TONE,
    "tone.wav": TONE,
    "memo.webm": (*TONE, "-c:a", "libopus", "-live", "1"),
    "film.mov": (*FILM, "-c:v", "mpeg4"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The bytes of one of MADE, encoded when first asked for."""
    folder = tmp_path_factory.mktemp("recordings")

    def file(name: str) -> bytes:
        path = folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", "-threads", "1", *MADE[name], str(path)], check=True)
        return path.read_bytes()

    return file


def listen(data: bytes, folder: Path) -> Inspection:
    kind = kind_of(data[:HEAD])
    assert kind is not None
    (folder / "in").write_bytes(data)
    with (folder / "in").open("rb") as source:
        return recordings.listen(source, kind, folder)


@pytest.mark.parametrize(
    ("name", "mime", "duration"),
    [
        ("film.mp4", "video/mp4", 2.0),
        ("memo.m4a", "audio/mp4", 1.5),
        ("tone.mp3", "audio/mpeg", 1.5),
        ("tone.wav", "audio/wav", 1.5),
        ("memo.webm", "audio/webm", None),
        ("film.mov", "video/quicktime", 2.0),
    ],
)
def test_type_and_duration(
    made: Callable[[str], bytes], tmp_path: Path, name: str, mime: str, duration: float | None
) -> None:
    found = listen(made(name), tmp_path)
    assert (found.rejected, found.mime, found.flags) == (None, mime, ())
    assert found.duration_s == (None if duration is None else pytest.approx(duration, abs=0.3))
    assert (found.width, found.height) == ((128, 96) if mime.startswith("video/") else (None, None))


def test_what_is_cut_or_nothing_is_rejected(made: Callable[[str], bytes], tmp_path: Path) -> None:
    for data in (made("film.mp4")[:2000], b"ID3\x04" + bytes(3000), b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)):
        found = listen(data, tmp_path)
        assert found.rejected, data[:8]
        assert (found.mime, found.duration_s) == (None, None)


PLAYLISTS = (
    "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nhttp://{there}/x.ts\n#EXT-X-ENDLIST\n",
    "ffconcat version 1.0\nfile http://{there}/x.mp4\n",
    "ID3#EXTM3U\n#EXTINF:1.0,\nhttp://{there}/x.ts\n",
)


def test_a_playlist_named_mp4_opens_no_socket(tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(60)
        there = f"127.0.0.1:{door.getsockname()[1]}"
        for playlist in PLAYLISTS:
            file.write_text(playlist.format(there=there))
            for mime in ("video/mp4", "video/webm", "audio/mpeg"):
                order = {"program": recordings.program(), "mime": mime}
                with file.open("rb") as source:
                    found = sandbox.run("media.probing", source, order, folder=tmp_path, ceiling=recordings.CEILING)
                assert "rejected" in found, (playlist, mime)
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()
        door.settimeout(60)
        file.write_text(PLAYLISTS[0].format(there=there))
        careless = ["ffprobe", "-v", "quiet", "-protocol_whitelist", "file,http,tcp", str(file)]
        with subprocess.Popen(careless) as program:
            door.accept()[0].close()  # that is what the lists are good for
            program.kill()


def test_a_recording_of_a_visit_is_looked_into(made: Callable[[str], bytes], scene: Scene) -> None:
    data, media_id = made("memo.m4a"), new_id()
    assert scene.put(media_id, data, "audio/mp4").status_code == 200
    scene.run_tasks()
    shown = scene.engineer.get(f"/api/v1/media/{media_id}").json
    assert (shown["state"], shown["kind"], shown["mime"]) == ("complete", "audio", "audio/mp4")
    assert shown["duration_s"] == pytest.approx(1.5, abs=0.3)
    served = scene.engineer.get(f"/api/v1/media/{media_id}/content")
    assert (served.mimetype, served.headers["Content-Disposition"].split(";")[0]) == ("audio/mp4", "inline")


def test_what_was_announced_as_a_recording_must_be_one(made: Callable[[str], bytes], scene: Scene) -> None:
    false, film = new_id(), UUID(scene.photo(made("film.mp4"))["id"])
    assert scene.put(false, b"%PDF-1.7\n%%EOF", "video/mp4").status_code == 200
    scene.run_tasks()
    for media_id, said in ((false, "application/pdf"), (film, "video/mp4")):
        shown = scene.engineer.get(f"/api/v1/media/{media_id}").json
        assert (shown["state"], said in shown["rejection"]) == ("rejected", True)


def test_without_ffprobe_the_file_says_that_nobody_looked_inside(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "program", lambda: None)
    media_id = new_id()
    scene.put(media_id, b"ID3\x04" + bytes(300), "audio/mpeg")
    scene.run_tasks()
    shown = scene.engineer.get(f"/api/v1/media/{media_id}").json
    assert (shown["state"], shown["mime"], shown["duration_s"]) == ("complete", "audio/mpeg", None)
    assert shown["flags"] == ["unprobed"]


def test_every_recording_on_the_list_can_be_probed() -> None:
    from media.images.kinds import KINDS

    recorded = {mime for mime in KINDS if mime.split("/")[0] in ("audio", "video")}
    assert recorded - set(FORMATS) == {"audio/3gpp"}, "only the first bytes of a film show, and that is video/3gpp"
