"""Signing by a link: single use, a code that only the signer gets, the report as it stands, nothing less proven."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from sqlalchemy import select, text, update

from app.kernel.config import config
from app.notices import ways
from app.notices.models import Notice
from app.notices.settings import settings
from app.work.models import VisitEvidence
from media.models import Signature, SignLink
from tests import factories
from tests.media.scene import Scene, sha256
from tests.media.signatures.conftest import handwriting

MAIL = {"channel": "email", "address": "wang@example.org"}


def make(scene: Scene, **body: Any) -> dict[str, Any]:
    """A new link: its answer, with the `token`."""
    answer = scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/sign-link", json={**MAIL, **body})
    assert answer.status_code == 201, answer.json
    return {**answer.json, "token": answer.json["url"].rpartition("/")[2]}


def stranger() -> Any:
    return factories.app().test_client()


def code(token: str) -> str:
    answer = stranger().post(f"/api/v1/sign/{token}/code")
    assert answer.status_code == 202, answer.json
    return str(answer.json["shown_code"])


def body(page: dict[str, Any], entered: str, **changes: Any) -> dict[str, Any]:
    """A signature over the page that was read."""
    given = {"code": entered, "doc_sha256": page["sha256"], "name": "Wang", "role": "owner", "strokes": handwriting()}
    return {**given, **changes}


def read(token: str) -> dict[str, Any]:
    answer = stranger().get(f"/api/v1/sign/{token}")
    assert answer.status_code == 200, answer.json
    return answer.json  # type: ignore[no-any-return]


def sign(token: str, told: dict[str, Any]) -> Any:
    return stranger().post(f"/api/v1/sign/{token}", json=told)


def test_the_customer_signs_what_was_shown_once() -> None:
    scene = Scene(requires_signature=True)
    scene.work()
    scene.photo(caption="The fan")
    scene.run_tasks()
    link = make(scene, signer_name="Wang", language="zh")
    assert link["address"] == "w••@example.org"
    page = read(link["token"])
    assert (page["document"]["language"], page["changed"], page["signer_name"]) == ("zh", False, "Wang")
    assert sha256(page["canonical"].encode()) == page["sha256"]
    (picture,) = page["pictures"].values()
    assert stranger().get(picture).mimetype == "image/webp"
    told = body(page, code(link["token"]))
    answer = sign(link["token"], told)
    assert answer.status_code == 201, answer.json
    with scene.tx() as tx:
        kept = tx.session.scalars(select(Signature)).one()
        assert (kept.method, kept.state, kept.content_diverged) == ("remote_link", "recorded", False)
        assert kept.claims["link"]["channel"] == "shown", "a code that was shown claims no more"
        assert kept.claims["link"]["to"] == "w••@example.org"
        evidence = tx.session.scalars(select(VisitEvidence).where(VisitEvidence.kind == "signature")).one()
        assert evidence.ref_id == kept.id
        assert jwt.get_unverified_header(kept.envelope)["kid"] == jwt.get_unverified_header(kept.receipt or "")["kid"]
    again = sign(link["token"], told)
    assert (again.status_code, again.json["state"]) == (410, "used")
    assert stranger().get(f"/api/v1/sign/{link['token']}").status_code == 410
    (listed,) = scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/sign-links").json["items"]
    assert (listed["state"], listed["signature_id"]) == ("used", answer.json["signoff_id"])
    scene.walk("completed")
    scene.run_tasks()
    pdf = scene.engineer.get(f"/api/v1/visits/{scene.visit_id}/report.pdf")
    assert pdf.status_code == 200
    with scene.tx() as tx:
        proof = tx.session.scalar(text("SELECT code FROM reports"))
    known = stranger().get(f"/api/v1/verify/{proof}").json
    assert (known["signer"], known["method"]) == ("Wang", "remote_link")
    assert "with a one-time code" in stranger().get(f"/verify/{proof}?lang=en").text


def test_a_link_is_ended_by_the_office_and_nobody_signs_by_it() -> None:
    scene = Scene(requires_signature=True)
    scene.work()
    office = factories.client("dispatcher", scene.engineer.org_id)
    links = f"/api/v1/visits/{scene.visit_id}/sign-links"
    link = make(scene)
    page, entered = read(link["token"]), code(link["token"])
    assert factories.client("dispatcher").delete(f"{links}/{link['id']}").status_code == 404
    assert factories.client("auditor", scene.engineer.org_id).delete(f"{links}/{link['id']}").status_code == 403
    assert office.delete(f"{links}/{scene.visit_id}").status_code == 404
    for _ in range(2):  # pressed again, it stays ended
        assert office.delete(f"{links}/{link['id']}").json["state"] == "withdrawn"
    assert sign(link["token"], body(page, entered)).status_code == 410
    used = make(scene)
    page, entered = read(used["token"]), code(used["token"])
    assert sign(used["token"], body(page, entered)).status_code == 201
    assert office.delete(f"{links}/{used['id']}").status_code == 409
    assert {one["id"]: one["state"] for one in office.get(links).json["items"]} == {
        link["id"]: "withdrawn",
        used["id"]: "used",
    }


def test_a_report_that_changed_is_shown_anew_before_it_is_signed(scene: Scene) -> None:
    scene.work()
    link = make(scene)
    page, entered = read(link["token"]), code(link["token"])
    note = {"body": "Replaced the fan too."}
    assert scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/notes", json=note).status_code == 201
    answer = sign(link["token"], body(page, entered))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/report-changed")
    assert answer.json["document"]["work_done"] == "Replaced the fan too."
    with scene.tx() as tx:
        assert tx.session.scalars(select(Signature)).all() == []
    fresh = read(link["token"])
    assert (fresh["changed"], fresh["sha256"]) == (True, answer.json["sha256"])
    assert sign(link["token"], body(fresh, entered)).status_code == 201


def test_refusing_is_kept_with_its_reason(scene: Scene) -> None:
    scene.work()
    link = make(scene)
    page = read(link["token"])
    told = body(page, code(link["token"]), outcome="refused", reason="The price is wrong", strokes=None)
    assert sign(link["token"], told).json["outcome"] == "refused"
    with scene.tx() as tx:
        kept = tx.session.scalars(select(Signature)).one()
        assert (kept.outcome, kept.reason, kept.strokes) == ("refused", "The price is wrong", None)


def test_a_guessed_code_is_stopped(scene: Scene) -> None:
    scene.work()
    link = make(scene)
    page, right = read(link["token"]), code(link["token"])
    wrong = f"{(int(right) + 1) % 10**6:06}"
    left = [sign(link["token"], body(page, wrong)).json.get("tries_left") for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    blocked = sign(link["token"], body(page, right))
    assert (blocked.status_code, blocked.json["type"]) == (422, "/problems/code-wrong")
    with scene.tx() as tx:
        assert tx.session.scalars(select(Signature)).all() == []
    hasty = stranger().post(f"/api/v1/sign/{link['token']}/code")
    assert (hasty.status_code, "Retry-After" in hasty.headers) == (429, True)


def test_a_code_grows_old(scene: Scene) -> None:
    scene.work()
    link = make(scene)
    page, entered = read(link["token"]), code(link["token"])
    with scene.tx() as tx:
        tx.session.execute(text("UPDATE sign_links SET code_sent_at = code_sent_at - interval '11 minutes'"))
    assert sign(link["token"], body(page, entered)).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"strokes": None}, {"strokes": []}, {"strokes": [{"points": [{"x": 1, "y": 1, "time": 1}]}]}, {"name": " "},
        {"outcome": "refused"}, {"outcome": "refused", "strokes": None}, {"doc_sha256": "x"}, {"code": "12345x"},
        {"reason": "but"}, {"role": ""}, {"outcome": "refused", "strokes": None, "reason": " "},
    ],
)  # fmt: skip
def test_what_is_no_sign_off_changes_nothing(scene: Scene, wrong: dict[str, Any]) -> None:
    scene.work()
    link = make(scene)
    assert sign(link["token"], body(read(link["token"]), code(link["token"]), **wrong)).status_code == 422
    with scene.tx() as tx:
        assert tx.session.scalars(select(Signature)).all() == []
        assert tx.session.scalars(select(SignLink)).one().used_at is None


def test_a_new_link_ends_the_one_before_and_an_old_one_expires(scene: Scene) -> None:
    scene.work()
    first, second = make(scene), make(scene)
    gone = stranger().get(f"/api/v1/sign/{first['token']}")
    assert (gone.status_code, gone.json["state"]) == (410, "withdrawn")
    read(second["token"])
    with scene.tx() as tx:
        tx.session.execute(update(SignLink).values(expires_at=tx.now))
    assert stranger().post(f"/api/v1/sign/{second['token']}/code").json["state"] == "expired"
    assert stranger().get("/api/v1/sign/no-such-token").status_code == 404


@pytest.mark.parametrize("number", ["(0118)4960987", "+(44) 117 496 0123", "0316-2298 2233", "13800138000"])
def test_a_phone_number_is_taken_as_people_write_it(scene: Scene, number: str) -> None:
    assert make(scene, channel="sms", address=number)["address"] == f"••••{number[-4:]}"


@pytest.mark.parametrize(
    "wrong", [{"address": "nobody"}, {"address": "a@b, c@d"}, {"channel": "sms"}, {"expires_in": 1}, {"channel": "fax"}]
)
def test_a_link_needs_an_address_of_the_signer(scene: Scene, wrong: dict[str, Any]) -> None:
    path = f"/api/v1/visits/{scene.visit_id}/sign-link"
    assert scene.engineer.post(path, json={**MAIL, **wrong}).status_code == 422
    assert scene.client("engineer").post(path, json=MAIL).status_code == 404


def test_a_device_cannot_claim_to_be_a_link(scene: Scene) -> None:
    link = {
        "id": str(scene.visit_id),
        "channel": "sms",
        "to": "••••4217",
        **dict.fromkeys(("opened_at", "code_sent_at", "code_confirmed_at"), "2026-03-01T08:00:00Z"),
    }
    answer = scene.sign(scene.envelope(scene.report()["document"], method="remote_link", link=link))
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/envelope-invalid")


@contextmanager
def gateway(monkeypatch: pytest.MonkeyPatch, *, failing: int = 0) -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """A gateway of messages on the loopback; it refuses the first `failing` of them. Yields what came."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, data))
            self.send_response(503 if len(came) <= failing else 204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told = replace(settings(), messages_url=f"http://127.0.0.1:{server.server_port}/", messages_secret="whsec_c2VjcmV0")
    monkeypatch.setattr(ways, "settings", lambda: told)
    try:
        yield came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_with_a_gateway_the_code_goes_to_the_signer_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.work()
    with gateway(monkeypatch, failing=1) as came:
        link = make(scene, channel="sms", address="+86 138 0013 8000", language="zh")
        answer = stranger().post(f"/api/v1/sign/{link['token']}/code")
        assert (answer.status_code, answer.json["shown_code"], answer.json["sent_to"]) == (202, None, "••••8000")
        scene.run_tasks()
        assert len(came) == 1
        with scene.tx() as tx:
            tx.session.execute(text("UPDATE tasks SET run_after = now() WHERE name = 'notices.deliver'"))
        scene.run_tasks()
        assert len(came) == 2
        scene.run_tasks()
    assert len(came) == 2, "once the gateway has taken it, it is not sent again"
    (first, _), (headers, data) = came
    assert first["webhook-id"] == headers["webhook-id"], "the gateway knows the same message again"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + data
    expected = base64.b64encode(hmac.digest(b"secret", signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    message = json.loads(data)
    assert (message["channel"], message["to"]) == ("sms", "+86 138 0013 8000")
    entered = "".join(filter(str.isdigit, message["text"]))
    with scene.tx() as tx:
        kept = tx.session.scalars(select(Notice).where(Notice.kind == "code")).one()
        assert (kept.state, kept.attempts, kept.sealed, kept.body) == ("sent", 2, None, None)
        assert entered not in str(tx.session.execute(text("SELECT args, result FROM tasks")).all())
    assert sign(link["token"], body(read(link["token"]), entered)).status_code == 201


def test_production_without_a_gateway_makes_no_link(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "config", lambda: replace(config(), mode="production"))
    answer = scene.engineer.post(f"/api/v1/visits/{scene.visit_id}/sign-link", json=MAIL)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/no-channel")
