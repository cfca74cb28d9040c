"""Whatever stands in headers and bodies: a clear 4xx, never a 5xx."""

from __future__ import annotations

from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.ids import new_id
from media.api import verification
from tests import factories
from tests.media.scene import UPLOADS, Scene, metadata, sha256

# What WSGI can carry in a header: any latin-1 text without line ends.
latin = st.text(st.characters(max_codepoint=255, blacklist_characters="\r\n\0"), max_size=40)
numbers = st.one_of(
    st.integers(-5, 2**70).map(str), st.sampled_from(["", "٣", "1e3", "+1", "0x1", "1_000", " 1"]), latin
)
meta = st.one_of(
    latin,
    st.dictionaries(
        st.sampled_from(["media_id", "visit_id", "item_id", "sha256", "captured_at", "filename", "filetype", "x"]),
        st.one_of(st.text(max_size=30), st.sampled_from([str(new_id()), "a" * 64, "2026-03-01T06:40:00Z"])),
        max_size=5,
    ).map(lambda values: metadata(**{k: v.encode("utf-8", "ignore").decode() for k, v in values.items()})),
)
header = {
    "Tus-Resumable": st.sampled_from(["1.0.0", "1.0.0", "1.0.0", "0.2", ""]),
    "Upload-Length": numbers,
    "Upload-Offset": numbers,
    "Upload-Defer-Length": numbers,
    "Upload-Metadata": meta,
    "Upload-Checksum": st.one_of(latin, st.sampled_from(["sha1 AAAA", "sha256 ", "md5 x", "sha1 " + "A" * 28])),
    "Upload-Concat": st.one_of(
        latin, st.sampled_from(["partial", "final;", f"final;{UPLOADS}/{new_id()}", "final;/x y"])
    ),
    "Content-Type": st.one_of(latin, st.just("application/offset+octet-stream")),
    "X-HTTP-Method-Override": st.one_of(latin, st.sampled_from(["PATCH", "HEAD", "DELETE", "TRACE"])),
    "Digest": latin,
    "Content-Digest": st.one_of(latin, st.sampled_from(["sha-256=:" + "A" * 43 + "=:", "sha-256=::"])),
    "Range": st.one_of(latin, st.sampled_from(["bytes=-0", "bytes=99999999999999999999-", "bytes=0-,1-"])),
    "Prefer": latin,
}
headers = st.fixed_dictionaries({}, optional=header)
SETTINGS = settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(data=st.data(), sent=headers, body=st.binary(max_size=50))
def test_uploads_answer_every_header(scene: Scene, data: Any, sent: dict[str, str], body: bytes) -> None:
    address = scene.__dict__.setdefault("address", scene.create(20).headers["Location"])
    method = data.draw(st.sampled_from(["POST", "HEAD", "PATCH", "DELETE", "GET", "OPTIONS"]))
    if method == "DELETE":
        sent = {**sent, "Tus-Resumable": "x"}
    path = data.draw(st.sampled_from([UPLOADS, f"{UPLOADS}/", address]))
    answer = scene.engineer.open(path, method=method, headers=sent, data=body)
    assert answer.status_code < 500, answer.get_data()
    if answer.status_code >= 400 and method != "HEAD" and answer.status_code != 405:
        assert answer.mimetype == "application/problem+json"


@SETTINGS
@given(sent=headers, body=st.binary(max_size=50), path=st.sampled_from(["content", "thumbnail", "link"]))
def test_files_answer_every_header(scene: Scene, sent: dict[str, str], body: bytes, path: str) -> None:
    media = scene.__dict__.setdefault("kept", None) or scene.photo()
    scene.__dict__["kept"] = media
    for method in ("PUT", "GET", "POST"):
        answer = scene.engineer.open(f"/api/v1/media/{media['id']}/{path}", method=method, headers=sent, data=body)
        assert answer.status_code < 500, answer.get_data()
    assert scene.media(media["id"]).sha256 == media["sha256"], "a complete file never changes"


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)


@SETTINGS
@given(data=st.data(), value=json_values)
def test_sign_offs_answer_every_body(scene: Scene, data: Any, value: Any) -> None:
    document = scene.__dict__.setdefault("document", scene.report()["document"])
    good = {**scene.envelope(document), "document": document}
    name = data.draw(st.sampled_from(["envelope", "document", "strokes", "extra", *document]))
    broken = {**good, name: value} if name not in document else {**good, "document": {**document, name: value}}
    answer = scene.sign(broken)
    assert answer.status_code in (200, 201, 400, 409, 422), answer.json


@SETTINGS
@given(value=json_values, name=st.sampled_from(["id", "visit_id", "sha256", "size", "location", "captured_at", "kind"]))
def test_announcements_answer_every_body(scene: Scene, value: Any, name: str) -> None:
    answer = scene.engineer.post("/api/v1/media", json={"sha256": sha256(b""), "size": 0, name: value})
    assert answer.status_code in (201, 400, 403, 404, 409, 422), answer.json


@settings(SETTINGS, max_examples=10)
@given(
    body=st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: b"%PDF-1.7\n" + tail)),
    kind=st.one_of(latin, st.sampled_from(["application/pdf", "multipart/form-data; boundary=b"])),
)
def test_verification_answers_every_file(body: bytes, kind: str) -> None:
    with mock.patch.object(verification, "CHECKS", "10000 per minute"):
        answer = factories.app().test_client().post("/api/v1/verify", data=body, content_type=kind)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert answer.json["standing"] == "unknown"
