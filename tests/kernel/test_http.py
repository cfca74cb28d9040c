"""The conventions of every resource, shown on accounts: revisions, idempotency, paging, bad input, problems."""

from __future__ import annotations

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest

from app.kernel.ids import new_id
from tests import factories

PROBLEM = "application/problem+json"


def account(client: Any, **values: Any) -> dict[str, Any]:
    response = client.post("/api/v1/accounts", json={"name": "Lighthouse Ltd", **values})
    assert response.status_code == 201, response.get_json()
    return response.get_json()  # type: ignore[no-any-return]


def assert_problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    document = response.get_json(force=True)
    assert (response.status_code, response.mimetype) == (status, PROBLEM), document
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["detail"]
    return document  # type: ignore[no-any-return]


def test_a_created_row_is_found_at_its_location_with_its_etag() -> None:
    client = factories.client()
    made = client.post("/api/v1/accounts", json={"name": "Lighthouse Ltd"})
    read = client.get(made.headers["Location"])
    assert read.get_json() == made.get_json()
    assert read.headers["ETag"] == '"1"'


def test_a_client_may_choose_the_id_once() -> None:
    client, row_id = factories.client(), str(new_id())
    assert account(client, id=row_id)["id"] == row_id
    assert_problem(client.post("/api/v1/accounts", json={"id": row_id, "name": "Other"}), 409, "duplicate")


def test_the_same_id_in_another_organisation_is_no_conflict_and_tells_nothing() -> None:
    one, other, row_id = factories.client(), factories.client(), str(new_id())
    account(one, id=row_id)
    assert_problem(other.get(f"/api/v1/accounts/{row_id}"), 404, "not-found")
    assert account(other, id=row_id)["id"] == row_id


def test_patch_needs_the_revision_and_refuses_an_old_one() -> None:
    client = factories.client()
    row = account(client)
    path = f"/api/v1/accounts/{row['id']}"
    assert_problem(client.patch(path, json={"name": "New"}), 428, "revision-required")
    assert_problem(client.patch(path, json={"name": "New"}, headers={"If-Match": '"7"'}), 412, "stale-revision")
    changed = client.patch(path, json={"name": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.get_json()["name"], changed.headers["ETag"]) == (200, "New", '"2"')
    assert_problem(client.patch(path, json={"name": "Late"}, headers={"If-Match": '"1"'}), 412, "stale-revision")
    assert client.get(path).get_json()["name"] == "New"


def test_the_same_idempotency_key_gives_the_same_answer_and_one_row() -> None:
    client, key = factories.client(), {"Idempotency-Key": str(uuid4())}
    first = client.post("/api/v1/accounts", json={"name": "Once"}, headers=key)
    second = client.post("/api/v1/accounts", json={"name": "Once"}, headers=key)
    assert second.get_json() == first.get_json()
    assert second.status_code == 201
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(client.get("/api/v1/accounts").get_json()["items"]) == 1
    other = client.post("/api/v1/accounts", json={"name": "Different"}, headers=key)
    assert_problem(other, 422, "idempotency-mismatch")


def test_a_failed_request_does_not_use_up_its_key() -> None:
    client, key = factories.client(), {"Idempotency-Key": str(uuid4())}
    assert client.post("/api/v1/accounts", json={"name": ""}, headers=key).status_code == 422
    assert client.post("/api/v1/accounts", json={"name": "Good"}, headers=key).status_code == 201


def test_pages_follow_one_another_without_gap_or_repeat() -> None:
    client = factories.client()
    names = {account(client, name=f"Account {number}")["name"] for number in range(7)}
    seen, cursor = [], None
    while True:
        query = {"limit": 3, "sort": "name", **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/accounts", query_string=query).get_json()
        seen += [row["name"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(names)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"sort": "password"}, {"cursor": "nonsense"},
        {"cursor": "W10"}, {"no_such_filter": "1"}, {"updated_since": "yesterday"}, {"q": "\x00"}, {"q": ""},
    ],
)  # fmt: skip
def test_a_wrong_query_is_a_problem_that_names_the_parameter(query: dict[str, str]) -> None:
    document = assert_problem(factories.client().get("/api/v1/accounts", query_string=query), 422, "invalid")
    assert document["errors"][0]["pointer"] == f"?{next(iter(query))}"


def test_a_cursor_is_bound_to_its_order() -> None:
    client = factories.client()
    for number in range(3):
        account(client, name=f"Account {number}")
    cursor = client.get("/api/v1/accounts?limit=1&sort=name").get_json()["next_cursor"]
    assert_problem(client.get(f"/api/v1/accounts?sort=-name&cursor={cursor}"), 422, "invalid")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "slug"),
    [
        (b"", "application/json", 400, "malformed-request"),
        (b"{", "application/json", 400, "malformed-request"),
        (b'{"name": "\\ud800"}', "application/json", 400, "malformed-request"),
        (b'{"name": NaN}', "application/json", 400, "malformed-request"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b'{"name": "x"}', "text/plain", 415, "unsupported-media-type"),
        (b"[]", "application/json", 422, "invalid"),
        (b'"x"', "application/json", 422, "invalid"),
        (b'{"name": "a\\u0000b"}', "application/json", 422, "invalid"),
        (b'{"name": 7}', "application/json", 422, "invalid"),
        (b'{"name": null}', "application/json", 422, "invalid"),
        (b'{"name": "x", "nmae": "y"}', "application/json", 422, "invalid"),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', "application/json", 422, "invalid"),
        (b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}", "application/json", 422, "invalid"),
        (b'{"id": "7", "name": "x"}', "application/json", 422, "invalid"),
    ],
)
def test_a_wrong_body_is_a_clear_problem_and_changes_nothing(
    body: bytes, content_type: str, status: int, slug: str
) -> None:
    client = factories.client()
    assert_problem(client.post("/api/v1/accounts", data=body, content_type=content_type), status, slug)
    assert client.get("/api/v1/accounts").get_json()["items"] == []


def test_a_body_past_the_limit_is_413() -> None:
    response = factories.client().post("/api/v1/accounts", data=b"x" * (9 << 20), content_type="application/json")
    assert_problem(response, 413, "too-large")


def test_gzip_is_read_and_bombs_are_not() -> None:
    client, headers = factories.client(), {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    good = gzip.compress(json.dumps({"name": "Small"}).encode())
    assert client.post("/api/v1/accounts", data=good, headers=headers).status_code == 201
    bomb = gzip.compress(b" " * (64 << 20))
    assert_problem(client.post("/api/v1/accounts", data=bomb, headers=headers), 413, "too-large")
    assert_problem(client.post("/api/v1/accounts", data=good[:-9], headers=headers), 400, "malformed-request")
    assert_problem(client.post("/api/v1/accounts", data=b"no gzip", headers=headers), 400, "malformed-request")


def test_big_answers_are_gzipped_for_those_who_take_it() -> None:
    client = factories.client()
    for number in range(10):
        account(client, name=f"Account {number} " + "x" * 100)
    response = client.get("/api/v1/accounts", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(response.data))["items"]) == 10


def test_a_foreign_key_into_another_organisation_is_refused() -> None:
    one, other = factories.client(), factories.client()
    theirs = account(other)
    response = one.post("/api/v1/sites", json=site(account_id=theirs["id"]))
    document = assert_problem(response, 422, "invalid")
    assert document["errors"][0]["pointer"] == "/account_id"


def site(**values: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [121.47, 31.23]}
    return {"name": "Plant", "address": "1 Harbour Road", "location": point, **values}


@pytest.mark.parametrize(
    "location",
    [
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [0, 91]},
        {"type": "Point", "coordinates": [0]},
        {"type": "Point", "coordinates": [0, 0, 5]},
        {"type": "Point", "coordinates": ["0", "0"]},
        {"type": "Point", "coordinates": []},
        {"type": "Point"},
        {"type": "Point", "coordinates": [0, 0], "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [0, 0]]]},
        "POINT(0 0)",
        7,
    ],
)
def test_a_hostile_geometry_is_a_problem(location: Any) -> None:
    response = factories.client().post("/api/v1/sites", json=site(location=location))
    document = assert_problem(response, 422, "invalid")
    assert document["errors"][0]["pointer"].startswith("/location")


def test_unknown_paths_and_methods_are_problems() -> None:
    client = factories.client()
    assert_problem(client.get("/api/v1/nothing"), 404, "not-found")
    assert_problem(client.delete("/api/v1/accounts"), 405, "method-not-allowed")
    assert_problem(client.get("/api/v1/accounts/not-a-uuid"), 404, "not-found")
    assert_problem(client.get(f"/api/v1/accounts/{new_id()}"), 404, "not-found")


def test_an_unchanged_row_is_304() -> None:
    client = factories.client()
    path = f"/api/v1/accounts/{account(client)['id']}"
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"9"'}).status_code == 200


def test_a_deleted_row_is_gone_from_the_api() -> None:
    client = factories.client()
    path = f"/api/v1/accounts/{account(client)['id']}"
    assert client.delete(path).status_code == 204
    assert_problem(client.get(path), 404, "not-found")
    assert_problem(client.delete(path), 404, "not-found")
