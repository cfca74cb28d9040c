"""An envelope is believed only when every byte of it is what the registered key signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from app.kernel import clock
from app.kernel.http.rendering import dumps
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from media import canonical
from media.signatures import open_envelope, public_key
from media.signatures.envelope import TYPE
from tests.media.signatures.conftest import Phone


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def header(algorithm: str) -> str:
    return b64(json.dumps({"alg": algorithm, "typ": TYPE}).encode())


def opened(phone: Phone, token: str) -> Any:
    return open_envelope(token, public_key(phone.jwk))


def refused(phone: Phone, token: str) -> Problem:
    with pytest.raises(Problem) as caught:
        opened(phone, token)
    assert caught.value.kind.status == 422
    return caught.value


def test_a_good_envelope(phone: Phone) -> None:
    claims = phone.claims()
    envelope = opened(phone, phone.sign(claims))
    assert envelope.claims == claims
    assert (str(envelope.signoff_id), str(envelope.visit_id)) == (claims["signoff_id"], claims["visit_id"])
    assert envelope.sha256 == canonical.sha256(envelope.token.encode())
    assert not envelope.refused


def test_refusing_to_sign_is_an_outcome_with_a_reason(phone: Phone) -> None:
    claims = phone.claims(outcome="refused", reason="The leak is still there.", strokes_sha256=None)
    assert opened(phone, phone.sign(claims)).refused


def test_the_servers_time_is_taken_as_the_server_writes_it(phone: Phone) -> None:
    for moment in (clock.now(), clock.now().replace(microsecond=100_000), clock.now().replace(microsecond=0)):
        told = json.loads(dumps({"server_time": moment}))["server_time"]
        claims = phone.claims()
        claims["clock"]["server"] = told
        assert opened(phone, phone.sign(claims)).claims["clock"]["server"] == told


# Every attack changes the payload of a signed envelope and keeps its signature.
ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "price, as in the document's hash": lambda c: c.update(doc_sha256="0" * 64),
    "photo": lambda c: c["photos"][0].update(sha256="0" * 64),
    "photo dropped": lambda c: c["photos"].clear(),
    "signer": lambda c: c["signer"].update(name="Somebody Else"),
    "consent": lambda c: c["consent"].update(text="I owe you everything."),
    "clock": lambda c: c["clock"].update(wall="2026-03-02T08:00:00Z"),
    "device": lambda c: c.update(device_id=str(new_id())),
    "sequence": lambda c: c.update(seq=2),
    "previous": lambda c: c.update(prev="0" * 64),
    "visit": lambda c: c.update(visit_id=str(new_id())),
    "strokes": lambda c: c.update(strokes_sha256="0" * 64),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_change_breaks_the_signature(phone: Phone, attack: str) -> None:
    claims = phone.claims()
    head, _, signature = phone.sign(claims).split(".")
    ATTACKS[attack](claims)
    refused(phone, f"{head}.{b64(canonical.dumps(claims))}.{signature}")


def test_every_single_bit_counts(phone: Phone) -> None:
    token = bytearray(phone.sign(phone.claims()).encode())
    for position in range(0, len(token), 7):
        broken = bytes([*token[:position], token[position] ^ 1, *token[position + 1 :]])
        refused(phone, broken.decode())


def test_the_key_of_another_device_does_not_do(phone: Phone) -> None:
    refused(phone, Phone().sign(phone.claims()))


@pytest.mark.parametrize(
    "forge",
    [
        lambda claims: f"{header('none')}.{b64(canonical.dumps(claims))}.",
        lambda claims: f"{header('HS256')}.{b64(canonical.dumps(claims))}.AAAA",
        lambda claims: "a.b.c",
        lambda claims: "",
        lambda claims: "." * 5,
        lambda claims: "é.é.é",
        lambda claims: "A" * 300_000,
    ],
)
def test_forgeries_without_the_key(phone: Phone, forge: Callable[[dict[str, Any]], str]) -> None:
    refused(phone, forge(phone.claims()))


@pytest.mark.parametrize("extra", [{"typ": "JWT"}, {"jwk": {}}, {"x5u": "http://127.0.0.1/"}, {"crit": ["x"], "x": 1}])
def test_headers_that_bring_their_own_rules(phone: Phone, extra: dict[str, Any]) -> None:
    refused(phone, phone.sign(phone.claims(), **extra))


@pytest.mark.parametrize(
    "spell",
    [
        lambda c: json.dumps(c, ensure_ascii=False, separators=(",", ":")).encode(),
        lambda c: canonical.dumps(c) + b"\n",
        lambda c: canonical.dumps(c).replace(b'"seq":1', b'"seq":1.0'),
        lambda c: canonical.dumps(c).replace(b'"seq":1', b'"seq":2,"seq":1'),
        lambda c: canonical.dumps(c)[:-1],
        lambda c: b"\xff\xfe",
        lambda c: b"[" * 100_000,
        lambda c: b'{"a":NaN}',
        lambda c: b'"\\ud800"',
    ],
)
def test_a_payload_has_one_spelling(phone: Phone, spell: Callable[[dict[str, Any]], bytes]) -> None:
    refused(phone, phone.sign_bytes(spell(phone.claims())))


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "callout.signoff/2"},
        {"seq": 0},
        {"seq": "1"},
        {"prev": "A" * 64},
        {"signoff_id": "7"},
        {"signoff_id": "01890a5d-ac96-774b-bcce-b302099a8057\n"},
        {"extra": 1},
        {"outcome": "refused"},
        {"reason": "but signed"},
        {"strokes_sha256": None},
        {"signer": {"name": " ", "role": "x"}},
        {"photos": [{"id": "x"}]},
        {"clock": {"wall": "yesterday", "monotonic_ms": 1, "server": None}},
        {"method": "by_pigeon"},
        {"consent": {"text": "Another text", "sha256": "0" * 64}},
    ],
)
def test_well_signed_nonsense_is_still_nonsense(phone: Phone, changes: dict[str, Any]) -> None:
    refused(phone, phone.sign(phone.claims(**changes)))


def test_a_missing_member_is_named(phone: Phone) -> None:
    claims = phone.claims()
    del claims["clock"]["wall"]
    assert [error.pointer for error in refused(phone, phone.sign(claims)).errors] == ["/clock"]


@pytest.mark.parametrize(
    "change",
    [
        lambda jwk: jwk.update(kty="RSA"),
        lambda jwk: jwk.update(crv="P-384"),
        lambda jwk: jwk.update(x="AAAA"),
        lambda jwk: jwk.update(x=5),
        lambda jwk: jwk.pop("y"),
        lambda jwk: jwk.update(d="AAAA"),
    ],
)
def test_only_public_keys_on_p256_are_registered(phone: Phone, change: Callable[[dict[str, Any]], object]) -> None:
    change(phone.jwk)
    with pytest.raises(Problem):
        public_key(phone.jwk)


def test_a_private_key_is_refused_with_a_warning() -> None:
    jwk = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(Problem, match="never leave"):
        public_key(jwk)
