"""Signing in, staying signed in, second factor, devices, brakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from app.kernel import config as kernel_config
from app.kernel.clock import now
from app.kernel.tokens import Claims
from app.people import credentials
from app.people.identity import Identity
from app.people.models import RefreshToken, User
from tests import factories

PASSWORD = "correct horse"


@pytest.fixture
def stranger() -> FlaskClient:
    """A client of nobody, from an address of its own, so that brakes of other tests do not matter."""
    client = factories.app().test_client()
    client.environ_base["REMOTE_ADDR"] = str(uuid4())
    return client


@pytest.fixture
def erin() -> User:
    return factories.user("engineer", password_hash=credentials.hash_password(PASSWORD))


SignIn = Callable[..., Any]


@pytest.fixture
def sign_in(stranger: FlaskClient, erin: User) -> SignIn:
    def call(**changes: Any) -> Any:
        return stranger.post("/api/v1/auth/token", json={"email": erin.email, "password": PASSWORD, **changes})

    return call


def get_me(client: FlaskClient, token: str) -> Any:
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_signing_in_gives_tokens_and_the_profile(sign_in: SignIn, stranger: FlaskClient, erin: User) -> None:
    answer = sign_in(email=erin.email.upper())
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["expires_in"] == 900
    assert body["user"]["id"] == str(erin.id)
    assert "password_hash" not in str(body)
    me = get_me(stranger, body["access_token"]).get_json()
    assert me == body["user"]
    assert me["engineer_id"]
    assert me["rights"]["visits.transition"] == "own"
    assert "users.write" not in me["rights"]
    assert me["organisation"]["id"] == str(erin.org_id)


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"email": "nobody@example.org"}])
def test_a_wrong_password_and_an_unknown_address_look_the_same(sign_in: SignIn, change: dict[str, str]) -> None:
    answer = sign_in(**change)
    assert answer.status_code == 401
    assert answer.get_json()["detail"] == "The e-mail address and the password do not fit together."


def test_an_unknown_address_costs_a_hash_too(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    real = credentials.password_matches

    def matches(stored: str | None, password: str) -> bool:
        asked.append(stored)
        return real(stored, password)

    monkeypatch.setattr(credentials, "password_matches", matches)
    sign_in(email="nobody@example.org")
    assert asked == [None]
    assert credentials._nobodys_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_blocked_account_cannot_sign_in(stranger: FlaskClient) -> None:
    blocked = factories.user("agent", password_hash=credentials.hash_password(PASSWORD), active=False)
    answer = stranger.post("/api/v1/auth/token", json={"email": blocked.email, "password": PASSWORD})
    assert answer.status_code == 401


def test_an_account_without_password_cannot_sign_in(stranger: FlaskClient) -> None:
    somebody = factories.user("agent")
    answer = stranger.post("/api/v1/auth/token", json={"email": somebody.email, "password": "anything"})
    assert answer.status_code == 401


def test_demo_addresses_are_refused_in_production(stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    email = f"x{uuid4().hex}@demo.callout"
    factories.user("admin", email=email, password_hash=credentials.hash_password(PASSWORD))
    given = {"email": email, "password": PASSWORD}
    assert stranger.post("/api/v1/auth/token", json=given).status_code == 200
    monkeypatch.setenv("CALLOUT_MODE", "production")
    kernel_config.config.cache_clear()
    try:
        assert stranger.post("/api/v1/auth/token", json=given).status_code == 401
    finally:
        monkeypatch.undo()
        kernel_config.config.cache_clear()


def test_guessing_is_braked_and_success_is_not(sign_in: SignIn) -> None:
    for _ in range(12):
        assert sign_in().status_code == 200
    for _ in range(10):
        assert sign_in(password="wrong").status_code == 401
    stopped = sign_in()
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0


def test_the_sign_in_look_up_gives_ids_only(erin: User) -> None:
    with factories.within(factories.organisation().id) as tx:
        row = tx.session.execute(text("SELECT * FROM sign_in_lookup(:e)"), {"e": erin.email}).mappings().one()
        assert dict(row) == {"org_id": erin.org_id, "user_id": erin.id}


def refresh(client: FlaskClient, token: str, **more: Any) -> Any:
    return client.post("/api/v1/auth/refresh", json={"refresh_token": token, **more})


def test_refresh_rotates(sign_in: SignIn, stranger: FlaskClient) -> None:
    first = sign_in().get_json()["refresh_token"]
    second = refresh(stranger, first).get_json()
    assert second["refresh_token"] != first
    assert get_me(stranger, second["access_token"]).status_code == 200


def test_a_lost_reply_locks_nobody_out(sign_in: SignIn, stranger: FlaskClient) -> None:
    first = sign_in().get_json()["refresh_token"]
    lost = refresh(stranger, first).get_json()["refresh_token"]
    again = refresh(stranger, first).get_json()["refresh_token"]
    assert again == lost
    assert refresh(stranger, again).status_code == 200


def test_an_older_token_ends_the_session(sign_in: SignIn, stranger: FlaskClient) -> None:
    first = sign_in().get_json()["refresh_token"]
    second = refresh(stranger, first).get_json()["refresh_token"]
    third = refresh(stranger, second).get_json()["refresh_token"]
    assert refresh(stranger, first).status_code == 401
    assert refresh(stranger, third).status_code == 401


def test_a_phone_that_is_newer_than_a_restored_database_stays_signed_in(
    sign_in: SignIn, stranger: FlaskClient, erin: User
) -> None:
    second = refresh(stranger, sign_in().get_json()["refresh_token"]).get_json()["refresh_token"]
    third = refresh(stranger, second).get_json()["refresh_token"]
    with factories.within(erin.org_id) as tx:
        tx.session.query(RefreshToken).update({"generation": 1})
    assert refresh(stranger, third).status_code == 200


@pytest.mark.parametrize("token", ["", "cr_", "cr_AAAA", "nonsense", "cr_" + "A" * 91, "é" * 20])
def test_what_is_no_refresh_token_is_refused(stranger: FlaskClient, token: str) -> None:
    assert refresh(stranger, token).status_code in (401, 422)


def test_a_forged_token_is_refused_and_ends_nothing(sign_in: SignIn, stranger: FlaskClient) -> None:
    good = sign_in().get_json()["refresh_token"]
    given = credentials.read_refresh_token(good)
    assert given
    forged = credentials.refresh_token(given.org_id, given.id, given.generation, b"another seed")
    assert refresh(stranger, forged).status_code == 401
    assert refresh(stranger, good).status_code == 200


def test_an_expired_session_is_over(sign_in: SignIn, stranger: FlaskClient, erin: User) -> None:
    token = sign_in().get_json()["refresh_token"]
    with factories.within(erin.org_id) as tx:
        tx.session.query(RefreshToken).update({"expires_at": now()})
    assert refresh(stranger, token).status_code == 401


def test_signing_out_ends_the_session_of_this_device_only(sign_in: SignIn, stranger: FlaskClient) -> None:
    one = sign_in(device={"id": str(uuid4()), "name": "Phone"}).get_json()
    other = sign_in(device={"id": str(uuid4()), "name": "Tablet"}).get_json()
    headers = {"Authorization": f"Bearer {one['access_token']}"}
    assert stranger.post("/api/v1/auth/logout", headers=headers).status_code == 204
    assert refresh(stranger, one["refresh_token"]).status_code == 401
    assert refresh(stranger, other["refresh_token"]).status_code == 200


def test_a_refresh_token_belongs_to_its_device(sign_in: SignIn, stranger: FlaskClient) -> None:
    device_id = str(uuid4())
    token = sign_in(device={"id": device_id}).get_json()["refresh_token"]
    assert refresh(stranger, token, device_id=str(uuid4())).status_code == 401
    assert refresh(stranger, token, device_id=device_id).status_code == 200


def test_a_device_is_one_persons(sign_in: SignIn, stranger: FlaskClient, erin: User) -> None:
    device = {"id": str(uuid4()), "name": "Phone", "platform": "android", "app_version": "1.0"}
    assert sign_in(device=device).get_json()["user"]["device_id"] == device["id"]
    assert sign_in(device={**device, "app_version": "1.1"}).status_code == 200
    other = factories.user("engineer", erin.org_id, password_hash=credentials.hash_password(PASSWORD))
    given = {"email": other.email, "password": PASSWORD, "device": device}
    assert stranger.post("/api/v1/auth/token", json=given).status_code == 409


def test_a_revoked_device_is_dead_at_once(sign_in: SignIn, stranger: FlaskClient, erin: User) -> None:
    device = {"id": str(uuid4()), "name": "Phone"}
    tokens = sign_in(device=device).get_json()
    manager = factories.client("manager", erin.org_id)
    assert manager.delete(f"/api/v1/devices/{device['id']}").status_code == 204
    dead = get_me(stranger, tokens["access_token"])
    assert (dead.status_code, dead.get_json()["type"]) == (401, "/problems/device-revoked")
    # Its credentials still serve the last contact, at which it is told to erase itself.
    fresh = refresh(stranger, tokens["refresh_token"])
    assert fresh.status_code == 200
    assert get_me(stranger, fresh.get_json()["access_token"]).get_json()["type"] == "/problems/device-revoked"
    assert sign_in(device=device).get_json()["type"] == "/problems/device-revoked"
    listed = manager.get("/api/v1/devices?revoked=true").get_json()["items"]
    assert [row["id"] for row in listed] == [device["id"]]


def test_engineers_see_and_revoke_their_own_devices_only(erin: User) -> None:
    own = factories.device(erin)
    other = factories.device(factories.user("engineer", erin.org_id))
    client = factories.sign_in(erin)
    assert [row["id"] for row in client.get("/api/v1/devices").get_json()["items"]] == [str(own.id)]
    assert client.delete(f"/api/v1/devices/{other.id}").status_code == 404
    assert client.delete(f"/api/v1/devices/{own.id}").status_code == 204


def test_second_factor_from_enrolment_to_giving_it_up(sign_in: SignIn, erin: User) -> None:
    client = factories.sign_in(erin)
    enrolled = client.post("/api/v1/auth/totp").get_json()
    assert enrolled["uri"].startswith("otpauth://totp/Callout:")
    assert sign_in().status_code == 200, "counts only once it is confirmed"
    totp = pyotp.TOTP(enrolled["secret"])
    assert client.post("/api/v1/auth/totp/confirm", json={"code": "000000"}).status_code == 422
    code = totp.at(now())
    assert client.post("/api/v1/auth/totp/confirm", json={"code": code}).status_code == 204
    assert sign_in().get_json()["type"] == "/problems/totp-required"
    assert sign_in(totp=code).status_code == 401, "no code works twice"
    assert sign_in(totp="çççççç").status_code == 401
    assert sign_in(totp=totp.at(now() + timedelta(seconds=30))).status_code == 200
    assert client.post("/api/v1/auth/totp").status_code == 409
    assert client.post("/api/v1/auth/totp/disable", json={"password": "wrong"}).status_code == 401
    assert client.post("/api/v1/auth/totp/disable", json={"password": PASSWORD}).status_code == 204
    assert sign_in().status_code == 200


def test_an_admin_takes_away_a_lost_second_factor(sign_in: SignIn, erin: User) -> None:
    with factories.within(erin.org_id) as tx:
        tx.session.query(User).filter_by(id=erin.id).update(
            {"totp_secret": pyotp.random_base32(), "totp_confirmed_at": now()}
        )
    assert sign_in().status_code == 401
    admin = factories.client("admin", erin.org_id)
    assert admin.delete(f"/api/v1/users/{erin.id}/totp").status_code == 204
    assert sign_in().status_code == 200


def test_changing_the_password_ends_every_session(sign_in: SignIn, stranger: FlaskClient, erin: User) -> None:
    token = sign_in().get_json()["refresh_token"]
    client = factories.sign_in(erin)
    assert client.post("/api/v1/auth/password", json={"current": "no", "new": "battery staple"}).status_code == 401
    body = {"current": PASSWORD, "new": "battery staple"}
    assert client.post("/api/v1/auth/password", json=body).status_code == 204
    assert refresh(stranger, token).status_code == 401
    assert sign_in().status_code == 401
    assert sign_in(password="battery staple").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"email": 1, "password": "x"},
        {"email": "a@b.c"},
        {"email": "a@b.c", "password": "x", "device": {"id": "x"}},
        {"email": "a" * 300, "password": "x"},
        {"email": "a@b.c", "password": "x", "more": 1},
    ],
)
def test_a_bad_sign_in_is_a_clear_error(stranger: FlaskClient, body: Any) -> None:
    answer = stranger.post("/api/v1/auth/token", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_blocking_somebody_works_at_once(erin: User) -> None:
    client = factories.sign_in(erin)
    assert client.get("/api/v1/me").status_code == 200
    admin = factories.client("admin", erin.org_id)
    user = admin.get(f"/api/v1/users/{erin.id}")
    changed = admin.patch(
        f"/api/v1/users/{erin.id}", json={"active": False}, headers={"If-Match": user.headers["ETag"]}
    )
    assert changed.status_code == 200
    assert client.get("/api/v1/me").status_code == 401


def test_the_actor_takes_one_statement(erin: User) -> None:
    device = factories.device(erin)
    with factories.within(erin.org_id) as tx:
        statements: list[str] = []
        listen = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(tx.session.connection(), "before_cursor_execute", listen)
        actor = Identity().actor(tx.session, Claims(erin.org_id, erin.id, device.id))
        event.remove(tx.session.connection(), "before_cursor_execute", listen)
    assert actor
    assert (actor.device_id, actor.role, isinstance(actor.engineer_id, UUID)) == (device.id, "engineer", True)
    assert len(statements) == 1
