"""What Callout promises beyond tus: nothing doubled, no eternal lock, complete means durable."""

from __future__ import annotations

import hashlib
import random
import threading

import pytest

from app.kernel.ids import new_id
from app.kernel.problems import Problem
from media.store import BlobKey, Claim
from media.uploads import Answer
from tests.media.uploads.conftest import Server, body, identity, told

DATA = bytes(random.Random(7).randbytes(300_000))
SHA256 = hashlib.sha256(DATA).hexdigest()


def status_of(call: object) -> int:
    try:
        answer = call()  # type: ignore[operator]
    except Problem as problem:
        return problem.kind.status
    assert isinstance(answer, Answer)
    return answer.status


def test_the_same_create_again_is_the_same_upload(server: Server) -> None:
    meta = told(media_id=str(new_id()), sha256=SHA256)
    places = {server.create(len(DATA), meta=meta).headers["Location"] for _ in range(5)}
    assert len(places) == 1
    upload = identity(server.create(len(DATA), DATA[:1000], meta=meta))
    again = server.create(len(DATA), DATA[:1000], meta=meta)
    assert again.headers["Upload-Offset"] == "1000", "bytes that are there already are not appended again"
    server.patch(upload, 1000, DATA[1000:])
    assert server.create(len(DATA), meta=meta).headers["Upload-Complete"] == "?1"
    assert server.rows.completed == [upload]
    assert list(server.staging.blobs.keys()) == [BlobKey(server.uploads.org_id, SHA256)]


def test_the_same_id_with_other_content_is_refused(server: Server) -> None:
    media_id = str(new_id())
    server.create(5, meta=told(media_id=media_id, sha256=SHA256))
    assert status_of(lambda: server.create(5, meta=told(media_id=media_id, sha256="0" * 64))) == 409
    assert status_of(lambda: server.create(6, meta=told(media_id=media_id, sha256=SHA256))) == 409


def test_two_fields_may_hold_the_same_photo(server: Server) -> None:
    for _ in range(2):
        answer = server.create(len(DATA), DATA, meta=told(media_id=str(new_id()), sha256=SHA256))
        assert answer.headers["Upload-Complete"] == "?1"
    assert len(server.rows.completed) == 2
    assert len(list(server.staging.blobs.keys())) == 1


def test_offsets_never_decrease_over_forty_cuts_and_the_file_is_whole(server: Server) -> None:
    upload = server.new(len(DATA), meta=told(sha256=SHA256))
    chance, highest = random.Random(3), 0
    for _ in range(40):
        offset = int(server.head(upload).headers["Upload-Offset"])
        assert offset >= highest
        highest = offset
        sent = DATA[offset : offset + chance.randrange(0, 9000)]
        with pytest.raises(Problem):
            server.patch(upload, offset, body(sent, length=len(DATA) - offset))
        assert int(server.head(upload).headers["Upload-Offset"]) == offset + len(sent)
    offset = int(server.head(upload).headers["Upload-Offset"])
    assert server.patch(upload, offset, DATA[offset:]).headers["Upload-Complete"] == "?1"
    assert server.stored(SHA256) == DATA


def test_a_writer_that_hangs_is_taken_over_at_once_and_adds_nothing_later(server: Server) -> None:
    upload = server.new(len(DATA), meta=told(sha256=SHA256))
    stuck, wake = threading.Event(), threading.Event()
    outcome: list[int] = []

    def half_open(position: int) -> None:
        if position == 65_536:
            stuck.set()
            assert wake.wait(10)

    def zombie() -> None:
        outcome.append(status_of(lambda: server.patch(upload, 0, body(DATA, before=half_open))))

    thread = threading.Thread(target=zombie)
    thread.start()
    assert stuck.wait(10)
    offset = int(server.head(upload).headers["Upload-Offset"])
    assert offset == 65_536
    assert server.patch(upload, offset, DATA[offset : offset + 10]).status == 204
    wake.set()
    thread.join(10)
    assert outcome == [409]
    assert int(server.head(upload).headers["Upload-Offset"]) == offset + 10
    assert server.patch(upload, offset + 10, DATA[offset + 10 :]).headers["Upload-Complete"] == "?1"
    assert server.stored(SHA256) == DATA


def test_wrong_content_starts_again_and_makes_no_blob(server: Server) -> None:
    upload = server.new(5, meta=told(sha256=SHA256))
    assert status_of(lambda: server.patch(upload, 0, b"wrong")) == 460
    assert server.head(upload).headers["Upload-Offset"] == "0"
    assert server.rows.completed == []
    assert list(server.staging.blobs.keys()) == []


class Crash(BaseException):
    """The process died here."""


@pytest.mark.parametrize("step", ["publish", "complete", "discard"])
@pytest.mark.parametrize("after", [False, True])
def test_dying_at_any_step_of_finishing_is_healed_by_the_next_head(
    server: Server, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    upload = server.new(len(DATA), meta=told(sha256=SHA256))
    owner = server.rows if step == "complete" else server.staging
    real = getattr(owner, step)

    def dies(*arguments: object) -> None:
        if after:
            real(*arguments)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, dies)
        with pytest.raises(Crash):
            server.patch(upload, 0, DATA)
    state = server.head(upload).headers
    assert (state["Upload-Offset"], state["Upload-Complete"]) == (str(len(DATA)), "?1")
    assert server.rows.completed == [upload]
    assert server.stored(SHA256) == DATA


def test_two_finishers_at_once_agree(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = server.new(len(DATA), meta=told(sha256=SHA256))
    publish = server.staging.publish
    raced: list[Answer] = []

    def overtaken(claim: Claim, key: BlobKey) -> None:
        monkeypatch.setattr(server.staging, "publish", publish)
        raced.append(server.head(upload))
        publish(claim, key)

    monkeypatch.setattr(server.staging, "publish", overtaken)
    assert server.patch(upload, 0, DATA).headers["Upload-Complete"] == "?1"
    assert raced[0].headers["Upload-Complete"] == "?1"
    assert server.rows.completed == [upload]


def test_a_full_disk_is_507_and_keeps_the_upload(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from media.store import staging

    upload = server.new(len(DATA))
    server.patch(upload, 0, DATA[:1000])
    real = staging.write_at

    def full(descriptor: int, data: bytes, position: int) -> None:
        if len(data) > 16:
            raise OSError(28, "No space left on device")
        real(descriptor, data, position)

    with monkeypatch.context() as patched:
        patched.setattr(staging, "write_at", full)
        assert status_of(lambda: server.patch(upload, 1000, DATA[1000:])) == 507
    assert server.head(upload).headers["Upload-Offset"] == "1000"
    assert server.patch(upload, 1000, DATA[1000:]).headers["Upload-Complete"] == "?1"
