"""What would happen if; nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.people.models import Engineer, Shift
from app.work.models import Visit
from tests import factories
from tests.dispatch.world import World, nobody

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def world() -> Any:
    """Two engineers at work from now on; the first holds two visits in a row, the second with a deadline."""
    world: Any = World()
    world.first, world.second = (working(world, lon) for lon in (0.0, 0.02))
    world.one = planned(world, 1, due_at=None)
    world.two = planned(world, 1.5, due_at=NOW + timedelta(hours=2, minutes=10))
    return world


def working(world: World, lon: float) -> Engineer:
    person = world.engineer(lon, shift=None)
    hours = {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=9)}
    factories.add(world.org_id, Shift(engineer_id=person.id, **hours))
    return person


def planned(world: Any, hours: float, **job: Any) -> Visit:
    """A visit that the first engineer holds, so many hours from now."""
    visit = world.visit(0.0, window=None, **job)
    start = (NOW + timedelta(hours=hours)).isoformat()
    assert world.assign(visit, world.first, start=start).status_code == 200
    return visit  # type: ignore[no-any-return]


def consequences(world: Any, *changes: dict[str, Any]) -> Any:
    answer = world.office.post("/api/v1/dispatch/what-if", json={"changes": list(changes)})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_an_overrun_delays_what_follows_and_endangers_its_deadline(world: Any) -> None:
    told = consequences(world, {"kind": "delay", "visit_id": str(world.one.id), "seconds": 1200})
    (delay,) = told["delays"]
    assert (delay["visit_id"], delay["delay_s"], delay["late_s"]) == (str(world.two.id), 1200, 600)
    assert told["deadlines_at_risk"] == [delay]


def test_a_short_overrun_endangers_nothing(world: Any) -> None:
    told = consequences(world, {"kind": "delay", "visit_id": str(world.one.id), "seconds": 300})
    assert [d["delay_s"] for d in told["delays"]] == [300]
    assert told["deadlines_at_risk"] == []


def test_an_absence_names_the_visits_that_lose_their_place(world: Any) -> None:
    told = consequences(world, {"kind": "absence", "engineer_id": str(world.first.id)})
    assert set(told["unassigned"]) == {str(world.one.id), str(world.two.id)}


def test_an_urgent_visit_goes_where_it_costs_least_and_shows_whom_it_delays(world: Any) -> None:
    urgent = world.visit(0.0, window=None, due_at=NOW + timedelta(hours=1, minutes=40), priority=1)
    anybody = consequences(world, {"kind": "insert", "visit_id": str(urgent.id)})
    assert anybody["placed"][0]["candidate"]["engineer_id"] in {str(world.first.id), str(world.second.id)}
    forced = {"kind": "insert", "visit_id": str(urgent.id), "engineer_id": str(world.second.id)}
    assert consequences(world, forced)["placed"][0]["candidate"]["engineer_id"] == str(world.second.id)


def test_a_cancellation_frees_time_and_delays_nobody(world: Any) -> None:
    told = consequences(world, {"kind": "cancel", "visit_id": str(world.one.id)})
    assert (told["delays"], told["unassigned"]) == ([], [])


def test_nothing_is_changed(world: Any) -> None:
    before = [world.now(v).rev for v in (world.one, world.two)]
    consequences(
        world,
        {"kind": "delay", "visit_id": str(world.one.id), "seconds": 3600},
        {"kind": "absence", "engineer_id": str(world.first.id)},
    )
    assert [world.now(v).rev for v in (world.one, world.two)] == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "delay", "visit_id": str(nobody())}, 422),
        ({"kind": "delay", "visit_id": str(nobody()), "seconds": 60}, 422),
        ({"kind": "insert", "visit_id": str(nobody())}, 404),
        ({"kind": "absence"}, 422),
        ({"kind": "earthquake"}, 422),
    ],
)
def test_bad_changes_are_refused(world: Any, change: dict[str, Any], status: int) -> None:
    answer = world.office.post("/api/v1/dispatch/what-if", json={"changes": [change]})
    assert answer.status_code == status
