"""Organisation, users, API keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app.kernel.actor import system_actor
from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.kernel.models import IdempotencyKey
from app.kernel.problems import Problem
from app.people import commands, credentials
from app.people.models import ApiKey, User
from app.people.rules import merge_patch
from tests import factories
from tests.factories import Client


@pytest.fixture
def admin() -> Client:
    return factories.client("admin")


def patch(client: Client, path: str, body: dict[str, Any]) -> Any:
    seen = client.get(path)
    return client.patch(path, json=body, headers={"If-Match": seen.headers["ETag"]})


def test_an_organisation_and_its_first_admin_are_founded_by_commands() -> None:
    with transaction(system_actor(new_id())) as tx:
        row = commands.create_organisation(tx, name="Fresh", timezone="Asia/Shanghai", locale="zh-CN", currency="CNY")
        user = commands.create_user(tx, email=f"{row.id}@example.org", name="A", role="admin", password="long enough")
    answer = (
        factories.app().test_client().post("/api/v1/auth/token", json={"email": user.email, "password": "long enough"})
    )
    assert answer.status_code == 200
    assert answer.get_json()["user"]["organisation"]["timezone"] == "Asia/Shanghai"


def test_demo_addresses_are_not_made_in_production(monkeypatch: pytest.MonkeyPatch, admin: Client) -> None:
    from app.kernel.config import config

    monkeypatch.setenv("CALLOUT_MODE", "production")
    config.cache_clear()
    try:
        with factories.within(admin.org_id) as tx, pytest.raises(Problem, match="demo day"):
            commands.create_user(tx, email="x@Demo.Callout", name="X", role="admin")
    finally:
        monkeypatch.undo()
        config.cache_clear()


def test_the_organisation_is_changed_by_merge_patch(admin: Client) -> None:
    first = patch(admin, "/api/v1/organisation", {"settings": {"a": {"b": 1, "c": 2}}, "name": "New"}).get_json()
    assert (first["name"], first["settings"]) == ("New", {"a": {"b": 1, "c": 2}})
    second = patch(admin, "/api/v1/organisation", {"settings": {"a": {"b": None}}}).get_json()
    assert second["settings"] == {"a": {"c": 2}}
    assert second["rev"] == first["rev"] + 1
    stale = admin.patch("/api/v1/organisation", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert admin.patch("/api/v1/organisation", json={"name": "x"}).status_code == 428


def test_merge_patch_is_rfc_7396() -> None:
    assert merge_patch({"a": "b"}, {"a": {"b": {"c": None}}}) == {"a": {"b": {}}}
    assert merge_patch({"a": [1]}, {"a": None, "e": None}) == {}


@pytest.mark.parametrize(
    "body", [{"timezone": "Mars/Base"}, {"currency": "euro"}, {"locale": "fr"}, {"name": ""}, {"id": str(uuid4())}]
)
def test_a_bad_organisation_is_refused(admin: Client, body: dict[str, Any]) -> None:
    assert patch(admin, "/api/v1/organisation", body).status_code in (422,)


def new_user(client: Client, **changes: Any) -> Any:
    body = {"email": f"{uuid4()}@example.org", "name": "Ann", "role": "agent", "password": "long enough", **changes}
    return client.post("/api/v1/users", json=body)


def test_users_never_show_secrets(admin: Client) -> None:
    created = new_user(admin)
    assert created.status_code == 201
    shown = admin.get(created.headers["Location"]).get_json()
    assert not {"password", "password_hash", "totp_secret", "totp_step"} & set(shown)
    with factories.within(admin.org_id) as tx:
        audited = str(tx.session.execute(text("SELECT data FROM audit_entries")).all())
    assert "long enough" not in audited
    assert "argon2" not in audited


def test_an_address_is_taken_once_over_all_organisations(admin: Client) -> None:
    email = f"{uuid4()}@example.org"
    assert new_user(admin, email=email).status_code == 201
    assert new_user(factories.client("admin"), email=email.upper()).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no"},
        {"role": "system"},
        {"role": "api_key"},
        {"password": "short"},
        {"name": ""},
        {"totp_secret": "x"},
        {"timezone": "Nowhere"},
    ],
)
def test_a_bad_user_is_refused(admin: Client, change: dict[str, Any]) -> None:
    assert new_user(admin, **change).status_code == 422


def test_the_last_admin_stays(admin: Client) -> None:
    path = f"/api/v1/users/{admin.user.id}"
    for body in ({"active": False}, {"role": "agent"}):
        assert patch(admin, path, body).status_code == 409
    assert admin.delete(path).status_code == 409
    factories.user("admin", admin.org_id)
    assert patch(admin, path, {"role": "agent"}).status_code == 200


def test_a_deleted_user_frees_the_address_and_is_gone(admin: Client) -> None:
    created = new_user(admin).get_json()
    assert admin.delete(f"/api/v1/users/{created['id']}").status_code == 204
    assert admin.get(f"/api/v1/users/{created['id']}").status_code == 404
    assert new_user(admin, email=created["email"]).status_code == 201


def test_only_admins_write_users() -> None:
    manager = factories.client("manager")
    assert new_user(manager).status_code == 403
    assert manager.get("/api/v1/users").status_code == 200
    assert factories.client("engineer", manager.org_id).get("/api/v1/users").status_code == 403


def test_users_of_another_organisation_do_not_exist(admin: Client) -> None:
    other = factories.user()
    assert admin.get(f"/api/v1/users/{other.id}").status_code == 404
    assert admin.delete(f"/api/v1/users/{other.id}").status_code == 404


def test_lists_of_users_filter_and_search(admin: Client) -> None:
    for name, role in (("Ann Li", "agent"), ("Bo 100%", "engineer"), ("王伟", "dispatcher")):
        new_user(admin, name=name, role=role)

    def names(query: str) -> list[str]:
        return [row["name"] for row in admin.get(f"/api/v1/users?{query}").get_json()["items"]]

    assert names("role=agent,dispatcher&sort=name") == ["Ann Li", "王伟"]
    assert names("q=100%25") == ["Bo 100%"]
    assert names("q=王") == ["王伟"]
    assert names("active=false") == []


def key_client(admin: Client, *rights: str) -> tuple[Any, dict[str, Any]]:
    created = admin.post("/api/v1/api-keys", json={"name": "Robot", "rights": list(rights)})
    assert created.status_code == 201, created.text
    client = factories.app().test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {created.get_json()['secret']}"
    return client, created.get_json()


def test_an_api_key_has_its_rights_and_no_others(admin: Client) -> None:
    robot, key = key_client(admin, "people.read")
    assert key["secret"].startswith("ck_")
    assert robot.get("/api/v1/engineers").status_code == 200
    assert robot.get("/api/v1/users").status_code == 403
    assert robot.get("/api/v1/me").status_code == 403
    assert "secret" not in admin.get(f"/api/v1/api-keys/{key['id']}").get_json()
    with factories.within(admin.org_id) as tx:
        stored = tx.session.get(ApiKey, (admin.org_id, UUID(key["id"]))) or tx.session.query(ApiKey).one()
        assert key["secret"].encode() not in stored.hash
    assert admin.delete(f"/api/v1/api-keys/{key['id']}").status_code == 204
    assert robot.get("/api/v1/engineers").status_code == 401


def test_an_api_key_cannot_be_given_what_is_a_persons(admin: Client) -> None:
    for right in ("api_keys.write", "self.use", "nonsense"):
        answer = admin.post("/api/v1/api-keys", json={"name": "Robot", "rights": [right]})
        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/rights")
    past = {"name": "Robot", "rights": ["jobs.read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert admin.post("/api/v1/api-keys", json=past).status_code == 422


def test_a_guessed_api_key_is_refused(admin: Client) -> None:
    robot, key = key_client(admin, "people.read")
    forged, _ = credentials.new_api_key(admin.org_id, UUID(key["id"]))
    for token in (forged, "ck_", "ck_xx", "ck_" + "A" * 86):
        robot.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        assert robot.get("/api/v1/engineers").status_code == 401


def test_only_admins_make_keys() -> None:
    manager = factories.client("manager")
    assert manager.post("/api/v1/api-keys", json={"name": "Robot", "rights": ["jobs.read"]}).status_code == 403
    assert manager.get("/api/v1/api-keys").status_code == 403


def test_territories_of_a_user_are_its_scope(admin: Client) -> None:
    dispatcher = factories.user("dispatcher", admin.org_id)
    territory = admin.post("/api/v1/territories", json={"name": "North"}).get_json()
    body = {"territory_ids": [territory["id"]]}
    assert admin.put(f"/api/v1/users/{dispatcher.id}/territories", json=body).get_json() == body
    me = factories.sign_in(dispatcher).get("/api/v1/me").get_json()
    assert me["territory_ids"] == [territory["id"]]
    assert me["rights"]["visits.read"] == "territory"
    unknown = {"territory_ids": [str(uuid4())]}
    answer = admin.put(f"/api/v1/users/{dispatcher.id}/territories", json=unknown)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/territory_ids/0")


def test_a_deleted_users_token_is_worth_nothing(admin: Client) -> None:
    agent = factories.client("agent", admin.org_id)
    assert agent.get("/api/v1/me").status_code == 200
    assert admin.delete(f"/api/v1/users/{agent.user.id}").status_code == 204
    assert agent.get("/api/v1/me").status_code == 401
    with factories.within(admin.org_id) as tx:
        assert tx.session.query(User).filter_by(id=agent.user.id).one().deleted_at


def test_an_api_keys_secret_given_again_does_not_lie_in_clear(admin: Client) -> None:
    body, once = {"name": "Robot", "rights": ["places.read"]}, {"Idempotency-Key": "robot-1"}
    made = admin.post("/api/v1/api-keys", json=body, headers=once)
    again = admin.post("/api/v1/api-keys", json=body, headers=once)
    assert (made.status_code, again.get_json()) == (201, made.get_json())
    with factories.within(admin.org_id) as tx:
        (stored,) = tx.session.scalars(select(IdempotencyKey.body).where(IdempotencyKey.key == "robot-1"))
    assert stored
    assert made.get_json()["secret"].encode() not in stored


def test_two_api_keys_never_get_each_others_answers(admin: Client) -> None:
    """The same Idempotency-Key from two machines is two requests: their rights differ, so may their answers."""
    made = set()
    for _ in range(2):
        robot, _key = key_client(admin, "places.write", "places.read")
        answer = robot.post("/api/v1/accounts", json={"name": "Mill"}, headers={"Idempotency-Key": "nightly-1"})
        assert answer.status_code == 201, answer.get_json()
        assert "Idempotency-Replayed" not in answer.headers
        made.add(answer.get_json()["id"])
    assert len(made) == 2
