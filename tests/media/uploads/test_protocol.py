"""What tus 1.0 and its extensions demand."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest

from app.kernel.ids import new_id
from app.kernel.problems import Problem
from media.uploads import answers, wire
from tests.media.uploads.conftest import BASE, Server, body, identity, told

SHA1 = "sha1 " + base64.b64encode(hashlib.sha1(b"hello").digest()).decode()


class refused:
    """Expects a problem with this status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def __enter__(self) -> refused:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        assert isinstance(error, Problem), f"expected a problem, got {error!r}"
        assert error.kind.status == self.status, error
        self.problem = error
        return True


def test_options_name_all_seven_extensions() -> None:
    headers = answers.options(1000).headers
    assert headers["Tus-Version"] == "1.0.0"
    assert len(headers["Tus-Extension"].split(",")) == 7
    assert headers["Tus-Max-Size"] == "1000"
    assert "sha1" in headers["Tus-Checksum-Algorithm"].split(",")


def test_a_file_arrives_in_pieces(server: Server) -> None:
    upload = server.new(11, meta=told(filename="a.txt"))
    assert server.head(upload).headers["Upload-Offset"] == "0"
    answer = server.patch(upload, 0, b"hello ")
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "6")
    assert "Upload-Complete" not in answer.headers
    state = server.head(upload).headers
    assert (state["Upload-Offset"], state["Upload-Length"], state["Cache-Control"]) == ("6", "11", "no-store")
    assert state["Upload-Metadata"] == told(filename="a.txt")
    answer = server.patch(upload, 6, b"world")
    digest = hashlib.sha256(b"hello world")
    assert answer.headers["Upload-Complete"] == "?1"
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert server.stored(digest.hexdigest()) == b"hello world"
    assert server.head(upload).headers["Upload-Offset"] == "11"
    assert list(server.staging.ids()) == []


def test_an_empty_file_is_complete_when_created(server: Server) -> None:
    assert server.create(0).headers["Upload-Complete"] == "?1"
    assert server.stored(hashlib.sha256(b"").hexdigest()) == b""


def test_creation_with_upload(server: Server) -> None:
    answer = server.create(11, b"hello ")
    assert answer.headers["Upload-Offset"] == "6"
    assert server.patch(identity(answer), 6, b"world").headers["Upload-Complete"] == "?1"
    assert server.create(5, b"whole").headers["Upload-Complete"] == "?1"


def test_deferred_length(server: Server) -> None:
    upload = server.new(None, Upload_Defer_Length="1")
    assert server.head(upload).headers["Upload-Defer-Length"] == "1"
    assert server.patch(upload, 0, b"hello ").headers["Upload-Offset"] == "6"
    with refused(400):
        server.patch(upload, 6, b"world", Upload_Length="5")
    with refused(409):
        server.patch(upload, 5, b"world", Upload_Length="11")
    assert server.head(upload).headers["Upload-Defer-Length"] == "1", "a refused PATCH must not set the length"
    assert server.patch(upload, 6, b"world", Upload_Length="11").headers["Upload-Complete"] == "?1"
    known = server.new(11)
    with refused(409):
        server.patch(known, 0, b"hello", Upload_Length="12")


def test_deferred_length_told_with_an_empty_patch(server: Server) -> None:
    upload = server.new(None, Upload_Defer_Length="1")
    server.patch(upload, 0, b"hello")
    assert server.patch(upload, 5, b"", Upload_Length="5").headers["Upload-Complete"] == "?1"


def test_checksum(server: Server) -> None:
    upload = server.new(10)
    with refused(460):
        server.patch(upload, 0, b"hellO", Upload_Checksum=SHA1)
    assert server.head(upload).headers["Upload-Offset"] == "0"
    assert server.patch(upload, 0, b"hello", Upload_Checksum=SHA1).headers["Upload-Offset"] == "5"


def test_a_cut_patch_with_a_checksum_is_discarded_and_without_one_kept(server: Server) -> None:
    upload = server.new(10)
    with refused(400):
        server.patch(upload, 0, body(b"hel", length=5), Upload_Checksum=SHA1)
    assert server.head(upload).headers["Upload-Offset"] == "0"
    with refused(400):
        server.patch(upload, 0, body(b"hel", length=5))
    assert server.head(upload).headers["Upload-Offset"] == "3"


@pytest.mark.parametrize("header", ["", "sha1", "sha1 !!!", "md4 aGVsbG8=", "sha1 aGVsbG8=", "SHA1 " + SHA1[5:]])
def test_unreadable_checksums(server: Server, header: str) -> None:
    upload = server.new(10)
    with refused(400):
        server.patch(upload, 0, b"hello", Upload_Checksum=header)
    assert server.head(upload).headers["Upload-Offset"] == "0"


def test_termination(server: Server) -> None:
    upload = server.new(10)
    server.patch(upload, 0, b"hello")
    assert server.end(upload).status == 204
    with refused(404):
        server.head(upload)
    with refused(404):
        server.patch(upload, 5, b"hello")
    assert list(server.staging.ids()) == []


def test_a_complete_upload_cannot_be_ended(server: Server) -> None:
    upload = identity(server.create(5, b"hello"))
    with refused(409):
        server.end(upload)
    assert server.stored(hashlib.sha256(b"hello").hexdigest()) == b"hello"


def test_expiry_counts_from_the_last_use(server: Server) -> None:
    upload = server.new(10)
    server.time[0] += timedelta(days=6)
    assert server.patch(upload, 0, b"hello").headers["Upload-Expires"] == "Sat, 14 Mar 2026 08:00:00 GMT"
    server.time[0] += timedelta(days=6)
    assert server.head(upload).status == 200
    server.time[0] += timedelta(days=2)
    with refused(410):
        server.head(upload)
    with refused(410):
        server.patch(upload, 5, b"world")


def test_a_complete_upload_never_expires(server: Server) -> None:
    answer = server.create(5, b"hello")
    assert "Upload-Expires" not in answer.headers
    server.time[0] += timedelta(days=400)
    assert server.head(identity(answer)).headers["Upload-Complete"] == "?1"


def test_concatenation(server: Server) -> None:
    first, second = server.new(6, Upload_Concat="partial"), server.new(5, Upload_Concat="partial")
    assert server.head(first).headers["Upload-Concat"] == "partial"
    server.patch(second, 0, b"world")
    final = f"final;{BASE}/{first} https://callout.example{BASE}/{second}"
    with refused(409):
        server.create(None, Upload_Concat=final)
    assert "Upload-Complete" not in server.patch(first, 0, b"hello ").headers
    answer = server.create(None, Upload_Concat=final)
    whole = identity(answer)
    assert answer.headers["Upload-Complete"] == "?1"
    assert server.stored(hashlib.sha256(b"hello world").hexdigest()) == b"hello world"
    state = server.head(whole).headers
    assert (state["Upload-Length"], state["Upload-Offset"]) == ("11", "11")
    assert state["Upload-Concat"].startswith("final;")
    with refused(403):
        server.patch(whole, 11, b"")
    with refused(400):
        server.create(11, Upload_Concat=final)


@pytest.mark.parametrize("header", ["", "final", "final;", "partial;x", "whole"])
def test_unreadable_concat(server: Server, header: str) -> None:
    with refused(400):
        server.create(5, Upload_Concat=header)


def test_a_final_upload_is_made_of_own_partial_uploads_only(server: Server) -> None:
    whole = identity(server.create(5, b"hello"))
    for address, status in ((f"{BASE}/{whole}", 409), (f"{BASE}/{new_id()}", 404), ("nonsense", 404)):
        with refused(status):
            server.create(None, Upload_Concat=f"final;{address}")


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1"])
def test_another_version_is_refused_everywhere(server: Server, version: str | None) -> None:
    upload = server.new(5)
    headers = {"Content-Type": wire.CONTENT_TYPE, "Upload-Offset": "0", "Upload-Length": "5"}
    if version:
        headers["Tus-Resumable"] = version
    for call in (
        lambda: server.uploads.create(headers, body()),
        lambda: server.uploads.head(upload, headers),
        lambda: server.uploads.patch(upload, headers, body(b"hello")),
        lambda: server.uploads.end(upload, headers),
    ):
        with refused(412):
            call()
    assert server.head(upload).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("length", ["-1", "1e3", "", " 5", "0x10", "9" * 19, "５"])
def test_unreadable_lengths(server: Server, length: str) -> None:
    with refused(400):
        server.create(None, Upload_Length=length)
    assert server.rows.uploads == {}


def test_length_is_told_or_deferred_never_both_or_neither(server: Server) -> None:
    for headers in ({}, {"Upload_Length": "5", "Upload_Defer_Length": "1"}, {"Upload_Defer_Length": "2"}):
        with refused(400):
            server.create(None, **headers)


def test_sizes_are_refused_before_the_body_is_read(server: Server) -> None:
    with refused(413):
        server.create(1_000_001)
    upload = server.new(5)

    def never(position: int) -> None:
        raise AssertionError("the body was read")

    with refused(413):
        server.patch(upload, 0, body(b"toolong", before=never))


def test_a_chunked_body_cannot_run_past_the_end(server: Server) -> None:
    upload = server.new(5)
    with refused(413):
        server.patch(upload, 0, body(b"toolong", length=None))
    assert server.head(upload).headers["Upload-Offset"] == "0"


def test_patch_needs_its_type_and_its_offset(server: Server) -> None:
    upload = server.new(5)
    with refused(415):
        server.patch(upload, 0, b"hello", Content_Type="application/octet-stream")
    with refused(409) as told_offset:
        server.patch(upload, 3, b"lo")
    assert told_offset.problem.extra["offset"] == 0
    with refused(400):
        server.uploads.patch(upload, {"Tus-Resumable": "1.0.0", "Content-Type": wire.CONTENT_TYPE}, body(b"hello"))
    assert server.head(upload).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    "header", ["filename", "filename a,filename b", "a ?", "naïve eA==", ", ", "a /w==", "nul AA==", "x" * 9000]
)
def test_unreadable_metadata(server: Server, header: str) -> None:
    if header == "filename":
        assert server.create(5, meta=header).status == 201, "a key alone has an empty value"
        return
    with refused(400):
        server.create(5, meta=header)


@pytest.mark.parametrize("values", [{"media_id": "7"}, {"sha256": "ABC"}, {"sha256": "A" * 64}])
def test_promises_must_be_well_formed(server: Server, values: dict[str, str]) -> None:
    with refused(400):
        server.create(5, meta=told(**values))


def test_uploads_of_others_are_not_there(server: Server) -> None:
    upload = server.new(5)
    server.uploads.owner_id = new_id()
    with refused(404):
        server.head(upload)
    with refused(404):
        server.patch(upload, 0, b"hello")
    with refused(404):
        server.end(upload)
