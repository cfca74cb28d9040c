"""Who sees whom, and trackers that people already have."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.kernel.ids import new_id
from app.kernel.models import AuditEntry
from app.places.models import EngineerTerritory, Territory, UserTerritory
from tests import factories
from tests.factories import Client, client, within
from tests.positions.crew import SHIFT_START, fix, on_shift, send

GEO = {"Accept": "application/geo+json"}


def span(start: float = -3_600, hours: float = 12) -> str:
    begin = SHIFT_START + timedelta(seconds=start)
    end = begin + timedelta(hours=hours)
    return f"from={begin:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}"


def track(who: Client, of: Client, query: str | None = None) -> Any:
    return who.get(f"/api/v1/engineers/{of.engineer_id}/track?{query or span()}")


def ids(who: Client) -> set[str]:
    return {row["engineer_id"] for row in who.get("/api/v1/engineers/positions").json["items"]}


def test_the_latest_of_everybody_as_json_and_as_a_layer() -> None:
    engineer = on_shift()
    manager = client("manager", engineer.org_id)
    send(engineer, fix(60), fix(120, lat=31.5, accuracy=8, battery=70))
    row = manager.get("/api/v1/engineers/positions").json["items"][0]
    assert (row["engineer_id"], row["location"]["coordinates"]) == (str(engineer.engineer_id), [121.47, 31.5])
    assert 8 * 3600 - 300 < row["age_s"] < 10 * 3600
    layer = manager.get("/api/v1/engineers/positions", headers=GEO)
    assert layer.mimetype == "application/geo+json"
    feature = layer.json["features"][0]
    assert (feature["id"], feature["geometry"]["type"]) == (str(engineer.engineer_id), "Point")


def test_a_track_with_gap_stop_and_distance_and_the_reading_is_audited() -> None:
    engineer = on_shift()
    manager = client("manager", engineer.org_id)
    moving = [fix(10 * n, lat=31 + n * 0.001) for n in range(11)]
    standing = [fix(100 + 30 * n, lat=31.01) for n in range(1, 11)]
    later = [fix(3_000 + 10 * n, lat=31.1 + n * 0.001) for n in range(11)]
    send(engineer, *reversed(later), *moving, *standing)
    answer = track(manager, engineer).json
    assert answer["geometry"]["type"] == "LineString"
    assert len(answer["geometry"]["coordinates"]) == len(answer["times"]) == 32
    assert answer["times"] == sorted(answer["times"])
    assert [(gap["seconds"], gap["index"]) for gap in answer["gaps"]] == [(2_600, 20)]
    assert [stop["seconds"] for stop in answer["stops"]] == [300]
    assert abs(answer["distance_m"] - 2_224) < 5
    with within(engineer.org_id) as tx:
        entry = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "track.read")).one()
        assert (entry.subject_id, entry.actor["user_id"]) == (engineer.engineer_id, str(manager.user.id))
        assert entry.data["fixes"] == 32


def test_an_empty_track_has_no_line() -> None:
    engineer = on_shift()
    answer = track(client("manager", engineer.org_id), engineer)
    assert (answer.status_code, answer.json["geometry"], answer.json["distance_m"]) == (200, None, 0)


def test_a_span_must_be_a_span() -> None:
    engineer = on_shift()
    manager = client("manager", engineer.org_id)
    for query in (span(hours=-1), span(hours=24 * 8), span(hours=0), "from=x&to=y", "from=2026-01-01T00:00:00Z"):
        assert track(manager, engineer, query).status_code == 422


def test_own_territory_all_and_other_organisation() -> None:
    one = on_shift()
    two = on_shift(org_id=one.org_id)
    dispatcher, stranger = client("dispatcher", one.org_id), client("manager")
    area = "SRID=4326;POLYGON((121 31,122 31,122 32,121 32,121 31))"
    territory = factories.add(one.org_id, Territory(name="West", area=area))
    assert one.engineer_id
    with within(one.org_id) as tx:
        tx.session.add(EngineerTerritory(engineer_id=one.engineer_id, territory_id=territory.id))
        tx.session.add(UserTerritory(user_id=dispatcher.user.id, territory_id=territory.id))
    for engineer in (one, two):
        send(engineer, fix(60), fix(120))
    assert ids(one) == ids(dispatcher) == {str(one.engineer_id)}
    assert ids(client("manager", one.org_id)) == {str(one.engineer_id), str(two.engineer_id)}
    assert ids(stranger) == set()
    assert [track(who, two).status_code for who in (one, dispatcher, stranger)] == [404, 404, 404]
    assert [track(who, one).status_code for who in (one, dispatcher, stranger)] == [200, 200, 404]
    assert client("agent", one.org_id).get("/api/v1/engineers/positions").status_code == 403
    assert client("subcontractor", one.org_id).get("/api/v1/engineers/positions").status_code == 403


def tracker(of: Client) -> str:
    made = of.post("/api/v1/trackers", json={"name": "Old phone"})
    assert made.status_code == 201
    token: str = made.json["token"]
    return token


def anonymous() -> Any:
    return factories.app().test_client()


def seconds(since: float) -> int:
    return int((SHIFT_START + timedelta(seconds=since)).timestamp())


def test_owntracks_with_basic_authentication_and_with_a_bearer() -> None:
    engineer = on_shift()
    message = {"_type": "location", "tst": seconds(60), "lat": 31.2, "lon": 121.4, "tid": "e1"}
    password = base64.b64encode(f"erin:{tracker(engineer)}".encode()).decode()
    basic = anonymous().post(
        "/api/v1/positions/owntracks", json=message, headers={"Authorization": f"Basic {password}"}
    )
    assert (basic.status_code, basic.json) == (200, [])
    bearer = engineer.post("/api/v1/positions/owntracks", json={**message, "tst": seconds(120)})
    assert (bearer.status_code, bearer.json) == (200, [])
    assert engineer.post("/api/v1/positions/owntracks", json={"_type": "lwt", "tst": 1}).json == []
    assert len(track(engineer, engineer).json["times"]) == 2
    assert anonymous().post("/api/v1/positions/owntracks", json=message).status_code == 401
    assert client("agent").post("/api/v1/positions/owntracks", json=message).status_code == 403
    assert engineer.post("/api/v1/positions/owntracks", json={"_type": "location"}).status_code == 422


def test_osmand_by_query_form_and_json() -> None:
    engineer = on_shift()
    path, token = "/api/v1/positions/osmand", tracker(engineer)
    query = {"id": token, "lat": "31.2", "lon": "121.4", "speed": "3", "user_defined": "x"}
    web = anonymous()
    assert web.get(path, query_string={**query, "timestamp": str(seconds(60))}).status_code == 200
    assert web.post(path, data={**query, "timestamp": str(seconds(120))}).status_code == 200
    assert web.post(f"{path}?id={token}&lat=1&lon=2&timestamp={seconds(180)}").status_code == 200
    location = {"timestamp": fix(240)["at"], "coords": {"latitude": 1, "longitude": 2}}
    assert web.post(path, json={"device_id": token, "location": location}).status_code == 200
    assert len(track(engineer, engineer).json["times"]) == 4
    assert web.get(path, query_string={**query, "id": "guess", "timestamp": "1"}).status_code == 401
    assert web.get(path, query_string={**query, "lat": "x", "timestamp": "1"}).status_code == 422
    assert web.post(path, json=[1]).status_code == 422


def test_a_deleted_tracker_is_silent_and_its_token_is_never_shown_again() -> None:
    engineer = on_shift()
    token = tracker(engineer)
    listed = engineer.get("/api/v1/trackers").json["items"]
    assert "token" not in listed[0]
    assert "token_hash" not in listed[0]
    assert engineer.delete(f"/api/v1/trackers/{listed[0]['id']}").status_code == 204
    query = {"id": token, "lat": "1", "lon": "2", "timestamp": str(seconds(60))}
    assert anonymous().get("/api/v1/positions/osmand", query_string=query).status_code == 401
    other = on_shift(org_id=engineer.org_id)
    tracker(engineer)
    assert other.get("/api/v1/trackers").json["items"] == []


def test_guessing_is_slowed_down() -> None:
    query = {"id": "guess", "lat": "1", "lon": "2", "timestamp": "1"}
    where = {"REMOTE_ADDR": f"somewhere {new_id()}"}
    answers = [anonymous().get("/api/v1/positions/osmand", query_string=query, environ_base=where) for _ in range(40)]
    assert [a.status_code for a in answers[:5]] == [401] * 5
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
