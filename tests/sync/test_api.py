"""The native protocol over HTTP, on the real rooms."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from app.kernel.ids import new_id
from app.people.models import Device
from sync import drainer
from tests import factories
from tests.factories import Client, within
from tests.work.day import Day

NOW = "2026-03-02T08:15:00Z"


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def device(day: Day) -> Device:
    return factories.device(day.engineer.user)


@pytest.fixture
def phone(day: Day, device: Device) -> Client:
    return factories.sign_in(day.engineer.user, device)


def hello(device_id: UUID, **more: Any) -> dict[str, Any]:
    stamp = datetime.now(UTC).isoformat()
    body = {"device_id": str(device_id), "app_version": "1.2.0", "schema_version": 1, "device_time": stamp}
    return {**body, "pending": {"count": 0, "oldest_at": None}, **more}


X, Y = "jlM7b6C_e0YluzBmfAH7YH75-LioD-9bMAYocDGHsqM", "c-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ"


def stored(device: Device) -> Device:
    with within(device.org_id) as tx:
        tx.session.expire_all()
        return tx.get(Device, device.id)


def note(day: Day, seq: int, **more: Any) -> dict[str, Any]:
    data = {"visit_id": str(day.visit_id), "body": "from the cellar"}
    about = {"collection": "notes", "row_id": str(new_id()), "type": "create", "device_at": NOW}
    return {"id": str(new_id()), "seq": seq, **about, "data": data, **more}


def pull(client: Client, **query: Any) -> Any:
    answer = client.get("/api/v1/sync/pull", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_a_handshake_tells_the_time_and_remembers_the_device(phone: Client, device: Device) -> None:
    late = datetime.now(UTC) - timedelta(minutes=10)
    key = {"kty": "EC", "crv": "P-256", "x": X, "y": Y}
    pending = {"count": 3, "oldest_at": NOW}
    body = hello(device.id, device_time=late.isoformat(), pending=pending, public_key={**key, "use": "sig"})
    answer = phone.post("/api/v1/sync/handshake", json=body)
    assert answer.status_code == 200
    told = answer.get_json()
    assert set(told) == {"server_time", "clock_offset_ms", "collections", "min_app_version", "erase", "scope"}
    assert 590_000 < told["clock_offset_ms"] < 660_000
    assert {"visits", "jobs", "sites", "media", "signatures"} <= set(told["collections"])
    assert told["erase"] is False
    seen = stored(device)
    assert (seen.app_version, seen.pending_count, seen.public_key) == ("1.2.0", 3, key)
    assert seen.clock_offset_ms == told["clock_offset_ms"]


@pytest.mark.parametrize("change", [{"y": X}, {"x": "eA", "y": "eQ"}, {"x": "*" * 43}, {"crv": "P-384"}, {"y": ""}])
def test_a_key_that_is_no_point_of_the_curve_is_refused(phone: Client, device: Device, change: dict[str, str]) -> None:
    key = {"kty": "EC", "crv": "P-256", "x": X, "y": Y, **change}
    answer = phone.post("/api/v1/sync/handshake", json=hello(device.id, public_key=key))
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith("/public_key")
    assert (stored(device).public_key, stored(device).last_seen_at) == (None, None)


def test_a_revoked_device_is_told_to_erase_and_may_only_push(day: Day, phone: Client, device: Device) -> None:
    cursor = pull(phone)["cursor"]
    assert day.manager.delete(f"/api/v1/devices/{device.id}").status_code == 204
    answer = phone.post("/api/v1/sync/handshake", json=hello(device.id))
    assert (answer.status_code, answer.get_json()["erase"]) == (200, True)
    assert stored(device).erased_at is not None
    body = {"device_id": str(device.id), "mutations": [note(day, 1)]}
    (result,) = phone.post("/api/v1/sync/push", json=body).get_json()["results"]
    assert (result["status"], "row" in result) == ("conflict", False)
    for path in (f"/pull?cursor={cursor}", "/pull", f"/checksum?cursor={cursor}", "/stream"):
        refused = phone.get(f"/api/v1/sync{path}")
        assert (refused.status_code, refused.get_json()["type"]) == (401, "/problems/device-revoked")


def test_pushed_work_is_read_back_at_once_and_the_checksum_proves_the_copy(
    day: Day, phone: Client, device: Device
) -> None:
    copy: dict[str, dict[str, int]] = {}
    mutation = note(day, 1)
    pages = [pull(phone)]
    phone.post("/api/v1/sync/push", json={"device_id": str(device.id), "mutations": [mutation]})
    pages.append(pull(phone, cursor=pages[-1]["cursor"]))
    assert pages[1]["changes"]["notes"]["upserts"][0]["id"] == mutation["row_id"]
    for page in pages:
        assert page["more"] is False
        for name, changes in page["changes"].items():
            copy.setdefault(name, {}).update({row["id"]: row["rev"] for row in changes["upserts"]})
    answer = phone.get("/api/v1/sync/checksum", query_string={"cursor": pages[-1]["cursor"]})
    assert answer.status_code == 200, answer.get_json()
    for name, told in answer.get_json()["collections"].items():
        rows = copy.get(name, {})
        lines = "".join(f"{row_id}:{rows[row_id]}\n" for row_id in sorted(rows))
        assert told == {"count": len(rows), "hash": hashlib.sha256(lines.encode()).hexdigest()}, name
    behind = phone.get("/api/v1/sync/checksum", query_string={"cursor": pages[0]["cursor"]})
    assert (behind.status_code, behind.get_json()["type"]) == (409, "/problems/not-at-head")


def test_both_ways_are_compressed(day: Day, phone: Client, device: Device) -> None:
    body = gzip.compress(orjson.dumps({"device_id": str(device.id), "mutations": [note(day, 1), note(day, 2)]}))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    pushed = phone.post("/api/v1/sync/push", data=body, headers=headers)
    assert pushed.headers["Content-Encoding"] == "gzip"
    assert orjson.loads(gzip.decompress(pushed.data))["acked_seq"] == 2
    pulled = phone.get("/api/v1/sync/pull", headers={"Accept-Encoding": "gzip"})
    assert pulled.headers["Content-Encoding"] == "gzip"
    assert len(orjson.loads(gzip.decompress(pulled.data))["changes"]["notes"]["upserts"]) == 2


def test_only_the_collections_asked_for(phone: Client) -> None:
    assert set(pull(phone, collections="visits,jobs")["changes"]) == {"visits", "jobs"}
    refused = phone.get("/api/v1/sync/pull?collections=visits,secrets")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "?collections")


@pytest.mark.parametrize("query", ["cursor=x", "cursor=1.5", "limit=0", "limit=10001", "limit=x", "nothing=1"])
def test_a_bad_query_is_refused(phone: Client, query: str) -> None:
    assert phone.get(f"/api/v1/sync/pull?{query}").status_code == 422


@pytest.mark.parametrize("cursor", [-1, 0, 2**53, 10**30])
def test_a_number_that_is_no_cursor_gets_a_replacement(phone: Client, cursor: int) -> None:
    assert pull(phone, cursor=cursor)["mode"] == "replacement"


def test_what_is_no_batch_is_refused_and_changes_nothing(day: Day, phone: Client, device: Device) -> None:
    good = note(day, 1)
    bad: list[Any] = [
        {},
        {"device_id": str(device.id)},
        {"device_id": str(device.id), "mutations": {}},
        {"device_id": str(device.id), "mutations": [7]},
        {"device_id": str(device.id), "mutations": [good, good]},
        {"device_id": str(device.id), "mutations": [good | {"seq": 0}]},
        {"device_id": str(device.id), "mutations": [good | {"seq": True}]},
        {"device_id": str(device.id), "mutations": [good | {"id": "x"}]},
        {"device_id": str(new_id()), "mutations": [good]},
    ]
    for body in bad:
        assert phone.post("/api/v1/sync/push", json=body).status_code == 422, body
    for raw in (b"", b"{", b'{"device_id": NaN}', b"\xff", b"[" * 100_000):
        answer = phone.post("/api/v1/sync/push", data=raw, content_type="application/json")
        assert answer.status_code == 400, raw[:20]
    assert phone.post("/api/v1/sync/push", data=b"{}", content_type="text/plain").status_code == 415
    assert stored(device).push_seq == 0


def test_text_that_cannot_be_stored_spoils_its_own_mutation_only(day: Day, phone: Client, device: Device) -> None:
    broken = note(day, 1)
    body = {"device_id": str(device.id), "mutations": [broken, note(day, 2)]}
    raw = orjson.dumps(body).replace(b"from the cellar", b"\\ud83d half \\u0000", 1)
    answer = phone.post("/api/v1/sync/push", data=raw, content_type="application/json")
    assert [result["status"] for result in answer.get_json()["results"]] == ["rejected", "applied"]
    conflicts = pull(phone)["changes"]["conflicts"]["upserts"]
    assert [(c["kind"], c["mine"]["data"]["body"]) for c in conflicts] == [("rejected", "\ufffd half \ufffd")]


def test_the_dispatcher_sees_devices_waits_and_conflicts(day: Day, phone: Client, device: Device) -> None:
    phone.post("/api/v1/sync/handshake", json=hello(device.id, pending={"count": 2, "oldest_at": NOW}))
    held = phone.post("/api/v1/sync/push", json={"device_id": str(device.id), "mutations": [note(day, 2)]}).get_json()
    assert (held["results"][0]["status"], held["expected_seq"], held["acked_seq"]) == ("held", 1, 0)
    status = day.office.get("/api/v1/sync/status").get_json()
    (shown,) = [row for row in status["devices"] if row["id"] == str(device.id)]
    assert (shown["pending_count"], shown["app_version"], shown["waiting_since"] is not None) == (2, "1.2.0", True)
    assert status["open_conflicts"] == 0
    phone.post("/api/v1/sync/push", json={"device_id": str(device.id), "mutations": [note(day, 1)]})
    (shown,) = [r for r in day.office.get("/api/v1/sync/status").get_json()["devices"] if r["id"] == str(device.id)]
    assert (shown["waiting_since"], shown["acked_seq"]) == (None, 2)
    assert phone.get("/api/v1/sync/status").status_code == 403


def test_a_scope_that_is_too_large_for_a_phone_is_told_to_it_and_to_the_office(
    day: Day, phone: Client, device: Device
) -> None:
    drainer.drain_pending()
    (roomy,) = (phone.post("/api/v1/sync/handshake", json=hello(device.id)).get_json()["scope"],)
    assert roomy["rows"] > 3
    assert not roomy["exceeded"]
    with within(day.org_id) as tx:
        tx.session.execute(text("UPDATE organisations SET settings = '{\"max_scope_rows\": 2}'"))
    tight = phone.post("/api/v1/sync/handshake", json=hello(device.id)).get_json()["scope"]
    assert tight == {"rows": 3, "limit": 2, "exceeded": True}, "counted no further than it takes to know"
    (told,) = day.office.get("/api/v1/sync/status").get_json()["devices"]
    assert (told["scope_rows"], told["scope_exceeded"]) == (3, True)


def test_a_machine_has_no_copy_and_a_stranger_none_at_all(day: Day) -> None:
    admin = factories.client("admin", day.org_id)
    made = admin.post("/api/v1/api-keys", json={"name": "robot", "rights": ["sync.use"]}).get_json()
    machine = {"Authorization": f"Bearer {made['secret']}"}
    client = factories.app().test_client()
    assert client.get("/api/v1/sync/pull", headers=machine).status_code == 403
    assert client.get("/api/v1/sync/pull").status_code == 401


def test_the_lag_of_the_drain_is_told(day: Day) -> None:
    client = factories.app().test_client()
    drainer.drain_pending()  # other tests may have committed changes that nobody drains
    assert client.get("/readyz").get_json()["checks"]["drain"] == "ok"
    factories.site(day.org_id)
    with within(day.org_id) as tx:
        tx.session.execute(text("UPDATE sync_outbox SET at = now() - interval '95 seconds'"))
    assert client.get("/readyz").get_json()["checks"]["drain"].startswith("late: 9")
    (line,) = [row for row in client.get("/metrics").text.splitlines() if row.startswith("callout_sync_drain_lag")]
    assert 95 <= float(line.split()[1]) < 120
