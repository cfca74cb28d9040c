"""Sign-offs over HTTP: what was shown is what was signed, kept whatever happens to the visit, never forged."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.kernel.ids import new_id
from app.people.models import Device
from app.work.models import Conflict, VisitEvidence
from media import canonical, keys
from media.commands import ledger
from media.models import LedgerEntry, Media, Signature
from media.reports import Seal
from tests import factories
from tests.media.scene import Scene, picture, sha256
from tests.media.signatures.conftest import Phone, handwriting


def receipt_of(scene: Scene, token: str) -> dict[str, Any]:
    """The receipt's claims, checked against the organisation's certificate."""
    from cryptography import x509

    with scene.tx() as tx:
        seal: Seal = keys.active(tx)
    public = x509.load_pem_x509_certificate(seal.certificate).public_key()
    opened = jwt.PyJWS().decode_complete(token, public, algorithms=["ES256"])  # type: ignore[arg-type]
    assert opened["header"]["kid"] == seal.fingerprint
    return json.loads(opened["payload"])  # type: ignore[no-any-return]


def conflicts(scene: Scene, kind: str) -> list[Conflict]:
    with scene.tx() as tx:
        return list(tx.session.scalars(select(Conflict).where(Conflict.kind == kind)))


def test_the_report_is_what_was_done(scene: Scene) -> None:
    scene.work()
    photo = scene.photo(caption="Before")
    answer = scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/notes", json={"body": "Replaced the fan."})
    assert answer.status_code == 201, answer.json
    hidden = {"body": "Grumpy customer", "internal": True}
    assert scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/notes", json=hidden).status_code == 201
    shown = scene.report()
    document = shown["document"]
    assert shown["canonical"].encode() == canonical.dumps(document)
    assert shown["sha256"] == sha256(shown["canonical"].encode())
    assert document["work_done"] == "Replaced the fan."
    assert document["photos"] == [
        {"id": photo["id"], "sha256": photo["sha256"], "bytes": photo["size"], "caption": "Before"}
    ]
    assert document["times"]["arrived_at"]
    assert document["times"]["finished_at"] is None
    assert shown["signed"] is None
    chinese = scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/report?language=zh").json
    assert chinese["document"]["language"] == "zh"
    assert scene.client("engineer").get(f"/api/v1/visits/{scene.visit_id}/report").status_code == 404


def test_a_signature_is_kept_with_a_countersigned_receipt() -> None:
    scene = Scene(requires_signature=True)
    scene.work()
    scene.photo()
    shown = scene.report()
    body = scene.envelope(shown["document"])
    answer = scene.sign(body)
    assert answer.status_code == 201, answer.json
    kept = answer.json
    assert (kept["state"], kept["outcome"], kept["content_diverged"], kept["divergence"]) == (
        "recorded",
        "signed",
        False,
        [],
    )
    assert kept["doc_sha256"] == shown["sha256"]
    assert "strokes" not in kept
    receipt = receipt_of(scene, kept["receipt"])
    assert receipt["signoff_id"] == kept["id"]
    assert receipt["doc_sha256"] == shown["sha256"]
    assert receipt["ledger"]["seq"] == kept["ledger_seq"]
    with scene.tx() as tx:
        line = tx.session.scalars(select(LedgerEntry).where(LedgerEntry.seq == kept["ledger_seq"])).one()
        assert line.hash.hex() == receipt["ledger"]["hash"]
        stored = tx.session.scalars(select(Signature.strokes)).one()
        assert b"points" not in stored, "strokes are encrypted at rest"
        evidence = tx.session.scalars(select(VisitEvidence).where(VisitEvidence.kind == "signature")).one()
        assert str(evidence.ref_id) == kept["id"]
    scene.walk("completed")
    again = scene.report()["signed"]
    assert (again["signoff_id"], again["changed"]) == (kept["id"], [])
    assert [row["id"] for row in scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/signatures").json["items"]] == [
        kept["id"]
    ]


def test_the_same_again_gives_the_same_receipt(scene: Scene) -> None:
    body = scene.envelope(scene.report()["document"])
    first, again = scene.sign(body), scene.sign(body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["receipt"] == first.json["receipt"]
    with scene.tx() as tx:
        assert len(tx.session.scalars(select(LedgerEntry)).all()) == 1


def test_another_content_under_the_same_id_is_refused(scene: Scene) -> None:
    document = scene.report()["document"]
    signoff_id = str(new_id())
    assert scene.sign(scene.envelope(document, signoff_id=signoff_id)).status_code == 201
    other = scene.sign(scene.envelope(document, signoff_id=signoff_id, signer={"name": "Mallory", "role": "boss"}))
    assert (other.status_code, other.json["type"]) == (409, "/problems/duplicate")


def altered(document: dict[str, Any], **changes: Any) -> str:
    return canonical.dumps({**document, **changes}).decode()


def test_every_forgery_is_refused_and_changes_nothing(scene: Scene) -> None:
    scene.photo()
    document = scene.report()["document"]
    good = scene.envelope(document)
    claims = jwt.PyJWS().decode_complete(good["envelope"], options={"verify_signature": False})["payload"]
    header, _, signature = good["envelope"].split(".")

    def reassembled(**changes: Any) -> str:
        payload = canonical.dumps({**json.loads(claims), **changes})
        return ".".join((header, jwt.utils.base64url_encode(payload).decode(), signature))

    clock = {"wall": "2020-01-01T00:00:00Z", "monotonic_ms": 1, "server": None}
    photo = [{**document["photos"][0], "sha256": "0" * 64}]
    forged = [
        *(
            {**good, "envelope": reassembled(**changes)}
            for changes in (
                {"doc_sha256": "0" * 64}, {"photos": []}, {"signer": {"name": "Mallory", "role": "x"}}, {"seq": 7},
                {"clock": clock}, {"device_id": str(new_id())}, {"visit_rev": 9}, {"prev": "0" * 64},
            )
        ),
        {**good, "document": altered(document, remarks="and a free boiler")},
        {**good, "document": altered(document, photos=photo)},
        {**good, "document": good["document"].replace("{", "{ ", 1)},
        {**good, "document": "{}"},
        {**good, "document": {"schema": 1}},
        {**good, "strokes": None},
        {**good, "strokes": handwriting(3)},
        {**good, "strokes": [{"points": [{"x": 1, "y": 1, "time": 1}]}]},
        {**good, "envelope": "a.b.c"},
        {**good, "envelope": "é"},
        {**scene.envelope(document, strokes_sha256="0" * 64)},
        {**scene.envelope(document, photos=[])},
        {**good, "envelope": Phone().sign(json.loads(claims))},
    ]  # fmt: skip
    for body in forged:
        answer = scene.sign(body)
        assert answer.status_code == 422, (body, answer.json)
    with scene.tx() as tx:
        assert tx.session.scalars(select(Signature.id)).all() == []
        assert tx.session.scalars(select(LedgerEntry.seq)).all() == []


def test_two_visits_never_cross(scene: Scene) -> None:
    other = scene.new_visit()
    mine, theirs = scene.report()["document"], scene.report(other)["document"]
    body = scene.envelope(mine)
    assert scene.sign(body, other).status_code == 422
    assert scene.sign({**body, "document": canonical.dumps(theirs).decode()}).status_code == 422
    crossed = scene.envelope(theirs, visit_id=str(scene.visit_id))
    assert scene.sign(crossed).status_code == 422
    assert scene.sign(body).status_code == 201


def test_a_device_without_key_or_of_somebody_else(scene: Scene) -> None:
    document = scene.report()["document"]
    body = scene.envelope(document)
    colleague = factories.sign_in(factories.user("dispatcher", scene.org_id))
    assert scene.sign(body, client=colleague).status_code == 422
    with scene.tx() as tx:
        tx.session.execute(update(Device).where(Device.id == scene.device.id).values(public_key=None))
    answer = scene.sign(body)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/state-conflict")


def test_a_refusal_to_sign_completes_a_visit() -> None:
    scene = Scene(requires_signature=True)
    scene.work()
    answer = scene.sign(scene.refusal(scene.report()["document"]))
    assert answer.status_code == 201, answer.json
    assert (answer.json["outcome"], answer.json["reason"]) == ("refused", "The price is wrong")
    scene.walk("completed")


def test_a_gap_is_held_and_asked_for_and_then_all_is_recorded(scene: Scene) -> None:
    document = scene.report()["document"]
    first, second, third = (scene.envelope(document) for _ in range(3))
    held = scene.sign(third)
    assert (held.status_code, held.json["state"], held.json["expected_seq"]) == (201, "held", 1)
    assert held.json["receipt"] is None
    assert scene.sign(second).json["expected_seq"] == 1
    assert scene.sign(first).json["state"] == "recorded"
    listed = scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/signatures").json["items"]
    assert {row["seq"]: (row["state"], row["ledger_seq"], row["flags"]) for row in listed} == {
        1: ("recorded", 1, []), 2: ("recorded", 2, []), 3: ("recorded", 3, []),
    }  # fmt: skip
    assert conflicts(scene, "chain_broken") == []


def test_a_sign_off_whose_predecessor_is_lost_can_be_released_by_name(scene: Scene) -> None:
    scene.work()
    document = scene.report()["document"]
    scene.envelope(document)  # the one that is lost with the phone's storage
    held = scene.sign(scene.envelope(document)).json
    scene.walk("completed")
    scene.run_tasks()
    pdf = f"/api/v1/visits/{scene.visit_id}/report.pdf"
    assert scene.engineer.get(pdf, headers={"Prefer": "wait=0"}).status_code == 409, "no report without the sign-off"
    address = f"/api/v1/visits/{scene.visit_id}/signatures/{held['id']}/release"
    assert scene.engineer.post(address, json={"reason": "lost"}).status_code == 403
    manager = scene.client("manager")
    assert manager.post(address, json={"reason": ""}).status_code == 422
    released = manager.post(address, json={"reason": "The phone fell into the lift shaft"})
    assert released.status_code == 200, released.json
    assert (released.json["state"], released.json["flags"]) == ("recorded", ["gap_accepted"])
    assert manager.post(address, json={"reason": "again"}).status_code == 409
    assert scene.sign(scene.envelope(document)).json["state"] == "recorded", "the chain goes on from there"
    scene.run_tasks()
    assert scene.engineer.get(pdf, headers={"Prefer": "wait=0"}).status_code == 200


def test_a_forked_chain_is_kept_and_shown(scene: Scene) -> None:
    document = scene.report()["document"]
    scene.sign(scene.envelope(document))
    copied = scene.sign(scene.envelope(document, seq=1, prev=None))
    assert (copied.status_code, copied.json["state"], copied.json["flags"]) == (201, "recorded", ["chain_broken"])
    wrong = scene.sign(scene.envelope(document, seq=2, prev="0" * 64))
    assert wrong.json["flags"] == ["chain_broken"]
    assert len(conflicts(scene, "chain_broken")) == 2


def test_the_visit_moves_on_and_the_signature_stands(scene: Scene) -> None:
    scene.work()
    body = scene.envelope(scene.report()["document"])
    scene.photo()
    answer = scene.sign(body)
    assert answer.status_code == 201
    assert answer.json["content_diverged"]
    assert [item["pointer"].split("/")[1] for item in answer.json["divergence"]] == ["photos"]
    (conflict,) = conflicts(scene, "content_diverged")
    assert str(conflict.row_id) == answer.json["id"]
    assert conflict.visit_id == scene.visit_id


def test_a_later_change_is_shown_and_does_not_touch_what_was_signed(scene: Scene) -> None:
    scene.work()
    shown = scene.report()
    kept = scene.sign(scene.envelope(shown["document"])).json
    scene.photo()
    later = scene.report()
    assert later["signed"]["doc_sha256"] == shown["sha256"] == kept["doc_sha256"]
    assert [item["pointer"].split("/")[1] for item in later["signed"]["changed"]] == ["photos"]
    assert later["sha256"] != shown["sha256"]


def test_signed_photos_of_which_nothing_was_heard_are_awaited(scene: Scene) -> None:
    data, photo_id = picture(), str(new_id())
    document = scene.report()["document"]
    document["photos"] = [{"id": photo_id, "sha256": sha256(data), "bytes": len(data)}]
    answer = scene.sign(scene.envelope(document))
    assert answer.status_code == 201, answer.json
    assert answer.json["awaiting_media"] == [photo_id]
    assert not answer.json["content_diverged"]
    media = scene.media(photo_id)
    assert (media.state, media.sha256, media.visit_id, media.device_id) == (
        "awaiting",
        sha256(data),
        scene.visit_id,
        scene.device.id,
    )
    assert scene.put(media.id, data).status_code == 200
    scene.run_tasks()
    assert scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/signatures").json["items"][0]["awaiting_media"] == []


def test_a_photo_that_was_exchanged_is_noticed(scene: Scene) -> None:
    photo = scene.photo()
    document = scene.report()["document"]
    document["photos"][0]["sha256"] = "0" * 64
    answer = scene.sign(scene.envelope(document))
    assert answer.status_code == 201
    assert [item["pointer"] for item in answer.json["divergence"]] == [f"/photos/{photo['id']}/sha256"]


def test_the_ledger_cannot_be_changed_and_tells_when_it_was(scene: Scene) -> None:
    document = scene.report()["document"]
    for _ in range(3):
        assert scene.sign(scene.envelope(document)).status_code == 201
    for statement in (
        "UPDATE signoff_ledger SET entry = '{}'", "DELETE FROM signoff_ledger", "DELETE FROM signatures",
        "UPDATE signatures SET signer_name = 'Mallory'", "UPDATE signatures SET document = ''",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), scene.tx() as tx:
            tx.session.execute(text(statement))
    with scene.tx() as tx:
        assert ledger.broken_at(tx) is None
        tx.session.execute(
            text(
                "INSERT INTO signoff_ledger (seq, kind, subject_id, entry, hash) VALUES (99, 'sealed', :id, '{}', 'x')"
            ),
            {"id": new_id()},
        )
        assert tx.session.scalars(select(LedgerEntry.seq).order_by(LedgerEntry.seq)).all() == [1, 2, 3, 4]
        assert ledger.broken_at(tx) is None


def test_strokes_may_be_forgotten_but_nothing_else(scene: Scene) -> None:
    scene.sign(scene.envelope(scene.report()["document"]))
    with scene.tx() as tx:
        tx.session.execute(text("UPDATE signatures SET strokes = NULL"))
    with pytest.raises(DBAPIError), scene.tx() as tx:
        tx.session.execute(text("UPDATE signatures SET strokes = '\\x00'"))


def test_media_count(scene: Scene) -> None:
    """Nothing of a refused sign-off stays: no photo is announced by it."""
    document = scene.report()["document"]
    document["photos"] = [{"id": str(new_id()), "sha256": "0" * 64, "bytes": 5}]
    body = scene.envelope(document)
    assert scene.sign({**body, "strokes": handwriting(3)}).status_code == 422
    with scene.tx() as tx:
        assert tx.session.scalars(select(Media.id)).all() == []
