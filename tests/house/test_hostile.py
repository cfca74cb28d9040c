"""What once was answered with 500, or not at all, gets a clear answer and changes nothing."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from app.imports.mapping import LONGEST, Map, RowError, Value, read
from app.kernel import clock
from app.kernel.ids import new_id
from app.people import guard
from tests import factories


@pytest.mark.parametrize("body", [{"triaged": False}, {"visits": [{}]}, {"visits": [], "summary": "Leak"}])
def test_what_only_a_new_job_takes_is_no_field_of_a_patch(body: dict[str, Any]) -> None:
    admin = factories.client("admin")
    path = f"/api/v1/jobs/{factories.job(admin.org_id, summary='Before').id}"
    kind = "application/merge-patch+json"
    answer = admin.patch(path, json=body, content_type=kind, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} <= {"/triaged", "/visits"}
    assert admin.get(path).json["summary"] == "Before"


@pytest.mark.parametrize("sort", ["warranty_until", "-warranty_until"])
def test_a_list_in_the_order_of_a_date_has_a_second_page(sort: str) -> None:
    admin = factories.client("admin")
    site = str(factories.site(admin.org_id).id)
    days = [f"2027-03-0{day}" for day in (1, 2, 3)]
    for day in days:
        made = admin.post("/api/v1/assets", json={"site_id": site, "name": day, "warranty_until": day})
        assert made.status_code == 201
    first = admin.get(f"/api/v1/assets?sort={sort}&limit=2").json
    second = admin.get(f"/api/v1/assets?sort={sort}&limit=2&cursor={first['next_cursor']}").json
    found = [item["name"] for item in [*first["items"], *second["items"]]]
    assert found == (days if sort[0] != "-" else days[::-1])


@pytest.mark.parametrize("value", ["a\u0000b", 7, ["x"]])
def test_a_tampered_cursor_is_refused(value: Any) -> None:
    admin = factories.client("admin")
    row_id = str(factories.site(admin.org_id).id)
    cursor = base64.urlsafe_b64encode(json.dumps(["name", value, row_id]).encode()).decode().rstrip("=")
    assert admin.get(f"/api/v1/sites?sort=name&cursor={cursor}").status_code == 422


def test_an_endless_revision_is_one_that_never_was() -> None:
    admin = factories.client("admin")
    path = f"/api/v1/sites/{factories.site(admin.org_id).id}"
    kind = "application/merge-patch+json"
    assert admin.patch(path, json={}, content_type=kind, headers={"If-Match": "9" * 5_000}).status_code == 412


def test_half_a_character_in_a_name_is_quoted_back() -> None:
    admin = factories.client("engineer")
    raw = b'{"device_id": "%s", "mutations": [], "\\ud800": 1}' % str(factories.device(admin.user).id).encode()
    answer = admin.post("/api/v1/sync/push", data=raw, content_type="application/json")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["errors"][0]["detail"] == "Unknown field."


def test_a_speed_near_nothing_does_not_refuse_a_batch() -> None:
    engineer = factories.client("engineer")
    fix = {"at": clock.now().isoformat(), "lat": 31.2, "lon": 121.4, "speed": 1e-46, "accuracy": 1e-300}
    assert engineer.post("/api/v1/positions", json={"positions": [fix]}).status_code == 200


def test_a_stolen_token_does_not_find_out_the_password() -> None:
    client = factories.client("dispatcher")
    tries = int(guard.PER_PERSON.split()[0])
    guess = {"current": "not it at all", "new": "another long one"}
    answers = [client.post("/api/v1/auth/password", json=guess).status_code for _ in range(tries + 1)]
    assert answers == [401] * tries + [429]
    assert client.post("/api/v1/auth/totp/disable", json={"password": "nor this"}).status_code == 429


def test_a_template_cannot_blow_a_cell_up() -> None:
    shape = Map("x", {"external_id": Value("{a}"), "subject": Value("{a}"), "description": Value("{b}" * 600)})
    with pytest.raises(RowError, match=f"b: longer than {LONGEST} characters together"):
        read(shape, {"a": "1", "b": "x" * 300_000}, ("import",))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_without_a_day_before_and_after_it_is_refused(day: str) -> None:
    dispatcher = factories.client("dispatcher")
    for path in ("dispatch/hours", "dispatch/legs", f"engineers/{new_id()}/day", "dispatch/plans"):
        answer = dispatcher.get(f"/api/v1/{path}?date={day}")
        assert (path, answer.status_code) == (path, 422)
    assert dispatcher.post("/api/v1/dispatch/plans", json={"date": day}).status_code == 422
