"""Alerts from facts and synthetic tracks, opened once, closed when over; the day as it will be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from app.kernel.ids import new_id
from app.people.models import Absence, Engineer
from app.places.models import Territory, UserTerritory
from dispatch.watching import alerting
from dispatch.watching.days import Day
from dispatch.watching.forecast import Stop, forecast
from dispatch.watching.noticing import Notice, notices
from tests import factories
from tests.dispatch.watching.scene import Today, soon


def test_a_quiet_day_raises_nothing() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    day.told(phone, 0.01, 60)
    day.moved(phone, (-3, 0.0), (-1, 0.0))
    assert day.look() == []


def test_late_departure_is_told_once_and_ends_with_the_departure() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    visit = day.told(phone, 0.1, 5)  # more than a quarter of an hour away
    assert day.look() == [("late_departure", phone.engineer_id), ("running_late", phone.engineer_id)]
    assert day.look() == []
    day.step(phone, visit, "accepted", "en_route")
    day.look()
    assert [one["kind"] for one in day.alerts(open="true")] == ["running_late"]
    assert {one["kind"] for one in day.alerts()} == {"late_departure", "running_late"}


def test_standing_on_the_way_and_going_elsewhere() -> None:
    day = Today()
    stuck, astray = day.on_duty(0.0), day.on_duty(0.0)
    for phone in (stuck, astray):
        day.step(phone, day.told(phone, 0.1, 60), "accepted", "en_route")
    day.moved(stuck, *((-m, 0.03) for m in range(1, 16)))
    day.moved(astray, (-9, 0.05), (-6, 0.03), (-3, 0.01), (-1, -0.01))
    assert day.look() == sorted([("no_movement", stuck.engineer_id), ("off_route", astray.engineer_id)])


def test_a_long_stop_at_no_known_place() -> None:
    day = Today()
    idle, home = day.on_duty(0.0), day.on_duty(0.5)
    for phone, lon in ((idle, 0.02), (home, 0.52)):
        day.told(phone, lon, 120)
    day.moved(idle, *((-m, 0.01) for m in range(1, 25)))
    day.moved(home, *((-m, 0.5) for m in range(1, 25)))
    assert day.look() == [("long_stop", idle.engineer_id)]


def test_an_early_finish_is_told() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    first = day.told(phone, 0.0, 0)
    day.told(phone, 0.01, 120)
    day.step(phone, first, "accepted", "en_route", "on_site", "working", "completed")
    assert day.look() == [("early_finish", phone.engineer_id)]


@pytest.mark.parametrize(("closes", "told"), [(90, True), (150, False)])
def test_a_promise_that_breaks_before_the_next_look_is_told_at_this_one(closes: int, told: bool) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    second = int(now.timestamp())
    visits = [str(new_id()), str(new_id())]
    overdue = Stop(visits[0], "working", second - 900, 600, begun=second - 900)
    waits = Stop(visits[1], "accepted", second, 600, closes=second + closes, promised=True)
    shift = SimpleNamespace(starts_at=now - timedelta(hours=1), lon=None, lat=None)
    day = Day(new_id(), shift, (), (overdue, waits), forecast((overdue, waits), second, 0), ())
    assert [eta.breaks for eta in day.etas] == [0, 0]
    assert [str(one.visit_id) for one in notices(day, now) if one.kind == "promise_at_risk"] == visits[1:] * told


def test_a_plan_is_proposed_when_a_promise_will_break_and_not_before() -> None:
    day = Today()
    phone, _ = day.on_duty(0.0), day.on_duty(0.02)
    first = day.told(phone, 0.0, 0)
    day.told(phone, 0.01, 60, window_start=45, window_end=90)
    day.step(phone, first, "accepted", "en_route", "on_site", "working")
    late = {"duration_s": 80 * 60}
    patch = {"headers": {"If-Match": f'"{day.now(first).rev}"'}}
    assert day.office.patch(f"/api/v1/visits/{first.id}", json=late, **patch).status_code == 200
    assert day.look() == [("running_late", phone.engineer_id)]
    assert day.alerts(kind="promise_at_risk") == []
    patch = {"headers": {"If-Match": f'"{day.now(first).rev}"'}}
    assert day.office.patch(f"/api/v1/visits/{first.id}", json={"duration_s": 9000}, **patch).status_code == 200
    assert ("promise_at_risk", phone.engineer_id) in day.look()
    plan_id = day.alerts(kind="promise_at_risk")[0]["plan_id"]
    assert plan_id
    assert day.read(plan_id)["territory_ids"] is None


def test_a_proposal_for_one_territory_is_its_own_dispatchers_business() -> None:
    day = Today()
    away = day.engineer()
    north = day.territory("North", away)
    with factories.within(day.org_id) as tx:
        alert = alerting.raise_alert(tx, Notice("absence", away.id))
        assert alerting.propose(tx, [alert]).territory_ids == [north.id]


def test_who_has_that_territory_reads_and_applies_what_is_proposed_and_nobody_elses_dispatcher_does() -> None:
    day = Today()
    ill, able = day.on_duty(0.0), day.on_duty(0.02)
    with factories.within(day.org_id) as tx:
        people = [tx.get(Engineer, phone.engineer_id) for phone in (ill, able)]
    north = day.territory("North", *people)
    own, other = (_dispatcher(day, one) for one in (north, day.territory("South")))
    visit = day.told(ill, 0.01, 120)
    factories.add(day.org_id, Absence(engineer_id=ill.engineer_id, starts_at=soon(-1), ends_at=soon(600)))
    with factories.within(day.org_id) as tx:
        plan = alerting.propose(tx, [alerting.raise_alert(tx, Notice("absence", ill.engineer_id))])
        task_id = plan.task_id
    day.work(str(task_id))
    path = f"/api/v1/dispatch/plans/{plan.id}"
    assert [one.get(path).status_code for one in (own, other)] == [200, 404]
    listed = [[one["id"] for one in who.get("/api/v1/dispatch/plans").get_json()["items"]] for who in (own, other)]
    assert listed == [[str(plan.id)], []]
    assert other.post(f"{path}/apply", json={}).status_code == 404
    assert day.now(visit).engineer_id == ill.engineer_id
    assert own.post(f"{path}/apply", json={}).status_code == 200
    assert day.now(visit).engineer_id == able.engineer_id


def test_a_proposal_says_because_of_what_and_a_plan_by_whom() -> None:
    day = Today()
    ill = day.on_duty(0.0)
    urgent = day.visit(0.01)
    with factories.within(day.org_id) as tx:
        name = tx.get(Engineer, ill.engineer_id).name
        alerts = [Notice("absence", ill.engineer_id), Notice("emergency", None, urgent.id)]
        alerting.propose(tx, [alerting.raise_alert(tx, notice) for notice in alerts])
    asked = day.office.post("/api/v1/dispatch/plans", json={}).get_json()
    own, proposed = day.office.get("/api/v1/dispatch/plans").get_json()["items"]
    number = day.office.get(f"/api/v1/visits/{urgent.id}").get_json()["job_number"]
    nobody, nothing = {"engineer_id": None, "engineer_name": None}, {"visit_id": None, "job_number": None}
    absence = {"kind": "absence", "engineer_id": str(ill.engineer_id), "engineer_name": name, **nothing}
    emergency = {"kind": "emergency", "visit_id": str(urgent.id), "job_number": number, **nobody}
    assert (proposed["created_by_name"], proposed["because"]) == (None, [absence, emergency])
    me = day.office.get("/api/v1/me").get_json()
    assert (own["id"], own["created_by"], own["because"]) == (asked["id"], me["id"], [])
    assert own["created_by_name"] == asked["created_by_name"] == me["name"]


def _dispatcher(day: Today, territory: Territory) -> factories.Client:
    """A dispatcher of this territory alone."""
    user = factories.user("dispatcher", day.org_id)
    with factories.within(day.org_id) as tx:
        tx.session.add(UserTerritory(user_id=user.id, territory_id=territory.id))
    return factories.sign_in(user)


def test_the_day_of_an_engineer_tells_when_each_visit_will_be() -> None:
    day = Today()
    phone, other = day.on_duty(0.0), day.on_duty(0.5)
    second, first = day.told(phone, 0.02, 30), day.told(phone, 0.0, -60)
    seen = phone.get(f"/api/v1/engineers/{phone.engineer_id}/day").get_json()
    assert [one["visit_id"] for one in seen["visits"]] == [str(first.id), str(second.id)]
    late = seen["visits"][0]
    assert late["late_s"] >= 3600 - 60
    assert late["promise_broken_s"] >= 1800 - 60
    assert seen["visits"][1]["travel_s"] > 0
    path = f"/api/v1/engineers/{phone.engineer_id}/day"
    assert day.office.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert day.office.get(f"{path}?date=yesterday").status_code == 422
    assert factories.client("dispatcher").get(path).status_code == 404


def test_the_hours_of_a_day_are_facts_where_there_are_any_and_expected_where_not() -> None:
    day = Today()
    phone, other = day.on_duty(0.0), day.on_duty(0.5)
    over, begun, ahead = (day.told(phone, 0.01, minutes) for minutes in (-20, 60, 120))
    day.told(other, 0.5, 60)
    day.step(phone, over, "accepted", "en_route", "on_site", "working", "completed")
    day.step(phone, begun, "accepted", "en_route", "on_site", "working")
    date = soon(0).astimezone(ZoneInfo(day.zone)).date()
    path = f"/api/v1/dispatch/hours?date={date}"
    seen = {
        one["visit_id"]: one for one in day.office.get(f"{path}&engineer_id={phone.engineer_id}").get_json()["visits"]
    }
    assert [seen[str(one.id)]["begun"] for one in (over, begun, ahead)] == [True, True, False]
    minutes = {
        visit.id: [
            round((datetime.fromisoformat(seen[str(visit.id)][name]) - soon(0)).total_seconds() / 60)
            for name in ("start", "end")
        ]
        for visit in (over, begun, ahead)
    }
    assert minutes == {over.id: [0, 0], begun.id: [0, 30], ahead.id: [120, 150]}
    assert len(day.office.get(path).get_json()["visits"]) == 4
    assert _dispatcher(day, day.territory("North")).get(path).get_json()["visits"] == []


def test_an_alert_is_closed_by_hand() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    day.told(phone, 0.1, 5)
    day.look()
    alert = day.alerts(open="true")[0]
    closed = day.office.post(f"/api/v1/alerts/{alert['id']}/close")
    assert (closed.status_code, closed.get_json()["closed_at"] is not None) == (200, True)


def test_a_tracker_that_is_silent_running_dry_or_forbidden() -> None:
    day = Today()
    silent, dry, forbidden = (day.on_duty(0.0) for _ in range(3))
    day.moved(silent, (-10, 0.0))
    day.moved(dry, (-1, 0.0))
    day.moved(forbidden, (-10, 0.0))
    assert dry.post("/api/v1/positions/health", json={"permission": "granted", "battery": 9}).status_code == 204
    assert forbidden.post("/api/v1/positions/health", json={"permission": "off"}).status_code == 204
    kinds = {"tracker_silent": silent, "battery_low": dry, "permission_lost": forbidden}
    assert day.look() == sorted((kind, phone.engineer_id) for kind, phone in kinds.items())
    day.moved(silent, (-0.1, 0.0))
    day.look()
    assert {one["kind"] for one in day.alerts(open="true")} == {"battery_low", "permission_lost"}


def test_arrival_and_departure_are_proposed_not_taken() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    visit = day.told(phone, 0.02, 30)
    day.step(phone, visit, "accepted", "en_route")
    path = f"/api/v1/engineers/{phone.engineer_id}/day"
    day.moved(phone, (-4, 0.02), (-3, 0.02), accuracy=150)
    assert phone.get(path).get_json()["visits"][0]["proposal"] is None, "coarse fixes prove nothing"
    day.moved(phone, (-2, 0.0203), (-1, 0.0201))
    seen = phone.get(path).get_json()["visits"][0]
    assert (seen["proposal"], seen["status"]) == ("on_site", "en_route")
    day.step(phone, visit, "on_site", "working")
    day.moved(phone, (-0.5, 0.024), (-0.1, 0.026))
    assert phone.get(path).get_json()["visits"][0]["proposal"] == "left"
