"""What is kept no longer goes; who looked is told; a tracker's health; on call counts as duty."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.actor import system_actor
from app.kernel.db import Tx
from app.people.models import Shift
from app.positions import retention
from app.positions.models import LatestPosition, Position
from tests import factories
from tests.factories import client, within
from tests.positions.crew import SHIFT_START, fix, on_shift, send


def test_old_positions_go_and_young_ones_stay() -> None:
    engineer = on_shift()
    other = on_shift()
    for one in (engineer, other):
        assert send(one, fix(10), fix(7200)).get_json()["stored"] == 2
    admin = client("admin", engineer.org_id)
    tag = admin.get("/api/v1/organisation").headers["ETag"]
    keep = {"settings": {"position_retention_days": 30}}
    assert admin.patch("/api/v1/organisation", json=keep, headers={"If-Match": tag}).status_code == 200
    with within(engineer.org_id) as tx:
        assert retention.purge(tx) == 0
        later = Tx(tx.session, system_actor(engineer.org_id), SHIFT_START + timedelta(days=30, hours=1))
        assert retention.purge(later) == 1
        assert tx.session.scalar(select(func.count()).select_from(Position)) == 1
        assert retention.purge(Tx(tx.session, later.actor, later.now + timedelta(days=1))) == 1
        assert tx.session.scalar(select(func.count()).select_from(LatestPosition)) == 0
    with within(other.org_id) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Position)) == 2, "nobody else's"


def test_how_long_positions_are_kept() -> None:
    days = [retention.kept_for({"position_retention_days": value}).days for value in (7, 0, 5000, "9", True)]
    assert days == [7, 90, 90, 90, 90]
    assert retention.kept_for({}).days == 90


def test_the_engineer_sees_who_looked() -> None:
    engineer = on_shift()
    send(engineer, fix(10))
    office = client("dispatcher", engineer.org_id)
    span = f"from={fix(0)['at'].replace('+', '%2B')}&to={fix(60)['at'].replace('+', '%2B')}"
    for path in ("positions", "positions", f"{engineer.engineer_id}/track?{span}"):
        assert office.get(f"/api/v1/engineers/{path}").status_code == 200
        assert engineer.get(f"/api/v1/engineers/{path}").status_code == 200
    seen = engineer.get("/api/v1/me/position-readers").get_json()["items"]
    assert [(one["what"], one["role"]) for one in seen] == [("track", "dispatcher"), ("map", "dispatcher")]
    assert seen[0]["from"]
    assert office.get("/api/v1/me/position-readers").get_json()["items"] == []
    mate = on_shift(org_id=engineer.org_id)
    assert mate.get("/api/v1/me/position-readers").get_json()["items"] == []


def test_a_tracker_tells_how_it_fares() -> None:
    engineer = on_shift()
    send(engineer, fix(8 * 3600 - 600))
    health = {"permission": "denied", "battery": 12, "interval_s": 30}
    assert engineer.post("/api/v1/positions/health", json=health).status_code == 204
    assert engineer.post("/api/v1/positions/health", json={"permission": "perhaps"}).status_code == 422
    office = client("dispatcher", engineer.org_id)
    assert office.post("/api/v1/positions/health", json=health).status_code == 403
    shown = office.get("/api/v1/engineers/positions").get_json()["items"][0]
    assert (shown["stale"], shown["permission"]) == (True, "denied")


def test_on_call_counts_as_duty() -> None:
    engineer = client("engineer")
    now = clock.now()
    span = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    factories.add(engineer.org_id, Shift(engineer_id=engineer.engineer_id, on_call=True, **span))
    assert engineer.put("/api/v1/me/tracking-consent", json={"consent": True}).status_code == 200
    inside, before = ({**fix(0), "at": (now - timedelta(minutes=m)).isoformat()} for m in (5, 90))
    answer = send(engineer, inside, before).get_json()
    assert (answer["stored"], answer["outside_shift"]) == (1, 1)
