"""Engineers, skills, shifts, absences, crews: constraints, homes, own rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests import factories
from tests.factories import Client

HOME = {"type": "Point", "coordinates": [121.5, 31.2]}
SHIFT = {"starts_at": "2030-01-07T08:00:00Z", "ends_at": "2030-01-07T17:00:00Z"}


@pytest.fixture
def manager() -> Client:
    return factories.client("manager")


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", json=body)


def created(client: Client, path: str, **body: Any) -> dict[str, Any]:
    answer = post(client, path, **body)
    assert answer.status_code == 201, answer.text
    return answer.get_json()  # type: ignore[no-any-return]


def patch(client: Client, path: str, **body: Any) -> Any:
    seen = client.get(f"/api/v1/{path}")
    return client.patch(f"/api/v1/{path}", json=body, headers={"If-Match": seen.headers["ETag"]})


def test_an_engineer_from_creation_to_removal(manager: Client) -> None:
    row = created(manager, "engineers", name="Erin", home=HOME, max_jobs_per_day=8, timezone="Asia/Shanghai")
    assert (row["home"], row["skills"], row["territory_ids"]) == (HOME, [], [])
    changed = patch(manager, f"engineers/{row['id']}", home=None, phone="123").get_json()
    assert (changed["home"], changed["phone"], changed["rev"]) == (None, "123", 2)
    assert manager.delete(f"/api/v1/engineers/{row['id']}").status_code == 204
    assert manager.get(f"/api/v1/engineers/{row['id']}").status_code == 404


def test_homes_are_for_those_who_may_see_where_people_are(manager: Client) -> None:
    erin = factories.client("engineer", manager.org_id)
    created(manager, "engineers", name="Other", home=HOME)

    def homes(client: Client) -> dict[str, Any]:
        return {row["id"]: row["home"] for row in client.get("/api/v1/engineers").get_json()["items"]}

    assert all(homes(factories.client("dispatcher", manager.org_id)).values())
    assert [one for one, home in homes(erin).items() if home] == [str(erin.engineer_id)]
    assert not any(homes(factories.client("agent", manager.org_id)).values())


def test_the_layer_of_homes_is_geojson(manager: Client) -> None:
    created(manager, "engineers", name="Erin", home=HOME)
    layer = manager.get("/api/v1/engineers", headers={"Accept": "application/geo+json"}).get_json(force=True)
    assert layer["features"][0]["geometry"] == HOME


def test_subcontractors_see_themselves_only(manager: Client) -> None:
    outsider = factories.client("subcontractor", manager.org_id)
    factories.engineer(manager.org_id)
    listed = outsider.get("/api/v1/engineers").get_json()["items"]
    assert [row["id"] for row in listed] == [str(outsider.engineer_id)]


def test_a_user_is_one_engineer(manager: Client) -> None:
    user = factories.user("engineer", manager.org_id)
    assert post(manager, "engineers", name="Twin", user_id=str(user.id)).status_code == 409
    assert post(manager, "engineers", name="Ghost", user_id=str(uuid4())).status_code == 422
    assert post(manager, "engineers", name="Foreign", user_id=str(factories.user().id)).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"home": {"type": "Point", "coordinates": [200, 0]}},
        {"home": {"type": "Point", "coordinates": ["NaN", 0]}},
        {"home": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}},
        {"max_jobs_per_day": -1},
        {"overtime_limit_s": 10**12},
        {"employment": "slave"},
        {"name": None},
        {"timezone": "../etc/passwd"},
    ],
)
def test_a_bad_engineer_is_refused(manager: Client, change: dict[str, Any]) -> None:
    assert post(manager, "engineers", **{"name": "Erin", **change}).status_code == 422


def test_skills_are_replaced_as_a_whole_and_raise_the_revision(manager: Client) -> None:
    gas = created(manager, "skills", code="gas", name="Gas")
    lift = created(manager, "skills", code="lift", name="Lifts")
    erin = created(manager, "engineers", name="Erin")
    path = f"/api/v1/engineers/{erin['id']}/skills"
    both = [{"skill_id": gas["id"], "level": 4, "expires_on": "2031-05-01"}, {"skill_id": lift["id"]}]
    answer = manager.put(path, json={"skills": both}).get_json()
    assert [(one["code"], one["level"], one["expires_on"]) for one in answer["skills"]] == [
        ("gas", 4, "2031-05-01"),
        ("lift", 3, None),
    ]
    assert answer["rev"] > erin["rev"]
    only = manager.put(path, json={"skills": both[:1]}).get_json()
    assert [one["code"] for one in only["skills"]] == ["gas"]
    found = manager.get(f"/api/v1/engineers?skill_id={gas['id']}").get_json()["items"]
    assert [row["id"] for row in found] == [erin["id"]]
    assert manager.delete(f"/api/v1/skills/{gas['id']}").status_code == 409
    assert manager.delete(f"/api/v1/skills/{lift['id']}").status_code == 204


def test_bad_skills_change_nothing(manager: Client) -> None:
    gas = created(manager, "skills", code="gas", name="Gas")
    erin = created(manager, "engineers", name="Erin")
    path = f"/api/v1/engineers/{erin['id']}/skills"
    good = {"skill_id": gas["id"]}
    manager.put(path, json={"skills": [good]})
    bad: list[list[dict[str, Any]]] = [
        [good, good],
        [{"skill_id": str(uuid4())}],
        [{**good, "level": 6}],
        [{**good, "level": 0}],
    ]
    for skills in bad:
        assert manager.put(path, json={"skills": skills}).status_code == 422
    assert len(manager.get(f"/api/v1/engineers/{erin['id']}").get_json()["skills"]) == 1
    assert post(manager, "skills", code="gas", name="Again").status_code == 409


def test_shifts_of_an_engineer_never_overlap(manager: Client) -> None:
    erin = str(factories.engineer(manager.org_id).id)
    first = created(manager, "shifts", engineer_id=erin, **SHIFT)
    overlapping = {"starts_at": "2030-01-07T16:00:00Z", "ends_at": "2030-01-07T20:00:00Z"}
    assert post(manager, "shifts", engineer_id=erin, **overlapping).status_code == 409
    touching = {"starts_at": "2030-01-07T17:00:00Z", "ends_at": "2030-01-07T20:00:00Z"}
    second = created(manager, "shifts", engineer_id=erin, **touching)
    assert patch(manager, f"shifts/{second['id']}", starts_at="2030-01-07T16:59:00Z").status_code == 409
    created(manager, "shifts", engineer_id=str(factories.engineer(manager.org_id).id), **SHIFT)
    assert manager.delete(f"/api/v1/shifts/{first['id']}").status_code == 204
    assert patch(manager, f"shifts/{second['id']}", starts_at="2030-01-07T16:59:00Z").status_code == 200


def test_breaks_lie_inside_their_shift(manager: Client) -> None:
    erin = str(factories.engineer(manager.org_id).id)

    def at(start: str, end: str, seconds: int = 1800) -> dict[str, Any]:
        return {"window_start": f"2030-01-07T{start}Z", "window_end": f"2030-01-07T{end}Z", "duration_s": seconds}

    for breaks in (
        [at("07:00:00", "09:00:00")],
        [at("12:00:00", "12:10:00")],
        [at("12:00:00", "13:00:00"), at("12:30:00", "14:00:00")],
        [at("13:00:00", "12:00:00")],
        [at("12:00:00", "13:00:00", 0)],
    ):
        assert post(manager, "shifts", engineer_id=erin, breaks=breaks, **SHIFT).status_code == 422, breaks
    row = created(manager, "shifts", engineer_id=erin, breaks=[at("12:00:00", "13:00:00")], **SHIFT)
    assert row["breaks"][0]["duration_s"] == 1800
    assert patch(manager, f"shifts/{row['id']}", ends_at="2030-01-07T12:30:00Z").status_code == 422
    assert patch(manager, f"shifts/{row['id']}", on_call=True).get_json()["on_call"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": "2030-01-07T08:00:00Z"},
        {"ends_at": "2030-02-07T08:00:00Z"},
        {"starts_at": "2030-01-07T08:00:00"},
        {"engineer_id": str(uuid4())},
        {"starts_at": "0001-01-01T00:00:00Z"},
    ],
)
def test_a_bad_shift_is_refused(manager: Client, change: dict[str, Any]) -> None:
    erin = str(factories.engineer(manager.org_id).id)
    assert post(manager, "shifts", **{"engineer_id": erin, **SHIFT, **change}).status_code == 422


def test_the_calendar_finds_what_overlaps(manager: Client) -> None:
    erin = str(factories.engineer(manager.org_id).id)
    created(manager, "shifts", engineer_id=erin, **SHIFT)

    def count(start: str, end: str) -> int:
        query = f"engineer_id={erin}&from=2030-01-07T{start}Z&to=2030-01-07T{end}Z"
        return len(manager.get(f"/api/v1/shifts?{query}").get_json()["items"])

    assert (count("06:00:00", "08:00:00"), count("06:00:00", "08:00:01"), count("17:00:00", "18:00:00")) == (0, 1, 0)


def test_engineers_enter_their_own_absences_only(manager: Client) -> None:
    erin = factories.client("engineer", manager.org_id)
    other = factories.engineer(manager.org_id)
    own = created(erin, "absences", engineer_id=str(erin.engineer_id), reason="vacation", **SHIFT)
    assert post(erin, "absences", engineer_id=str(other.id), **SHIFT).status_code == 403
    theirs = created(manager, "absences", engineer_id=str(other.id), **SHIFT)
    assert erin.get(f"/api/v1/absences/{theirs['id']}").status_code == 404
    assert erin.delete(f"/api/v1/absences/{theirs['id']}").status_code == 404
    assert patch(erin, f"absences/{own['id']}", engineer_id=str(other.id)).status_code == 403
    assert [row["id"] for row in erin.get("/api/v1/absences").get_json()["items"]] == [own["id"]]
    assert patch(erin, f"absences/{own['id']}", ends_at="2030-01-07T07:00:00Z").status_code == 422
    assert patch(erin, f"absences/{own['id']}", note="Sea").get_json()["note"] == "Sea"


def test_a_crew_has_one_lead_and_each_member_once(manager: Client) -> None:
    one, two = (str(factories.engineer(manager.org_id).id) for _ in range(2))
    crew = created(manager, "crews", name="Heavy", members=[{"engineer_id": one}, {"engineer_id": two, "lead": True}])
    assert [(m["engineer_id"], m["lead"]) for m in crew["members"]] == [(two, True), (one, False)]
    bad = (
        [{"engineer_id": one, "lead": True}, {"engineer_id": two, "lead": True}],
        [{"engineer_id": one}, {"engineer_id": one}],
        [{"engineer_id": str(uuid4())}],
    )
    for members in bad:
        assert patch(manager, f"crews/{crew['id']}", members=members).status_code == 422
    renamed = patch(manager, f"crews/{crew['id']}", name="Light").get_json()
    assert len(renamed["members"]) == 2
    smaller = patch(manager, f"crews/{crew['id']}", members=[{"engineer_id": two}]).get_json()
    assert [m["engineer_id"] for m in smaller["members"]] == [two]
    assert smaller["rev"] > renamed["rev"]


def test_consent_is_the_engineers_own(manager: Client) -> None:
    erin = factories.client("engineer", manager.org_id)
    assert erin.put("/api/v1/me/tracking-consent", json={"consent": True}).get_json() == {"consent": True}
    assert manager.get(f"/api/v1/engineers/{erin.engineer_id}").get_json()["consent_tracking"] is True
    assert manager.put("/api/v1/me/tracking-consent", json={"consent": True}).status_code == 403


def test_engineers_change_no_master_data(manager: Client) -> None:
    erin = factories.client("engineer", manager.org_id)
    assert post(erin, "engineers", name="X").status_code == 403
    assert post(erin, "skills", code="x", name="X").status_code == 403
    assert post(erin, "shifts", engineer_id=str(erin.engineer_id), **SHIFT).status_code == 403


def test_engineers_of_a_territory(manager: Client) -> None:
    erin = str(factories.engineer(manager.org_id).id)
    north = created(manager, "territories", name="North")["id"]
    before = manager.get(f"/api/v1/engineers/{erin}").get_json()
    assert manager.put(f"/api/v1/engineers/{erin}/territories", json={"territory_ids": [north]}).status_code == 200
    found = manager.get(f"/api/v1/engineers?territory_id={north}").get_json()["items"]
    assert [(row["id"], row["territory_ids"]) for row in found] == [(erin, [north])]
    assert found[0]["rev"] > before["rev"]
    assert manager.get(f"/api/v1/territories/{north}").get_json()["engineer_ids"] == [erin]
    assert manager.put(f"/api/v1/engineers/{erin}/territories", json={"territory_ids": []}).status_code == 200
    assert manager.get(f"/api/v1/engineers?territory_id={north}").get_json()["items"] == []
