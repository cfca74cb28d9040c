"""A repair of the present day leaves alone what was told to whoever goes as planned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.work.models import Visit
from tests import factories
from tests.dispatch.watching.scene import ZONE, Today, soon


def repaired(day: Today) -> dict[str, Any]:
    """A plan of today in which only what has begun stands."""
    return day.plan(date=soon(0).astimezone(ZoneInfo(ZONE)).date().isoformat(), lock="started")


def said(moment: datetime) -> str:
    """As on the wire, to be compared as text."""
    return moment.isoformat(timespec="seconds")


def retimed(plan: dict[str, Any], visit: Visit) -> bool:
    """Whether the plan would tell another hour, or another engineer."""
    return str(visit.id) in {change["visit_id"] for change in plan["difference"]}


def told(day: Today, lon: float, *starts: datetime) -> tuple[Any, list[Visit]]:
    """An engineer who lives at 0, and their visits at `lon`, half an hour each, told for exactly these hours: none may
    begin sooner."""
    phone = day.on_duty(0.0)
    visits = [day.told(phone, lon, 60 * n) for n in range(1, len(starts) + 1)]
    with factories.within(day.org_id) as tx:
        for visit, start in zip(visits, starts, strict=True):
            row = tx.get(Visit, visit.id)
            row.planned_start, row.planned_end = start, start + timedelta(minutes=30)
            row.window_start, row.window_end = start, start + timedelta(hours=3)
    return phone, visits


def test_who_is_on_the_way_and_not_late_is_not_taken_to_set_out_now() -> None:
    """Ten minutes ahead of half an hour's drive and more: counted from now on, all behind would be told anew."""
    day = Today()
    phone, (first, next_) = told(day, 0.3, soon(10), soon(41))
    before = repaired(day)
    assert retimed(before, first), "nobody has set out yet"
    day.step(phone, first, "accepted", "en_route")
    plan = repaired(day)
    assert not retimed(plan, first)
    assert not retimed(plan, next_)
    (route,) = plan["routes"]
    assert route["strains"] == []


def test_a_few_minutes_are_no_reason_to_tell_another_hour() -> None:
    """Work that overlaps by three minutes stays where it was told, by ten minutes it does not."""
    day = Today()
    begins = soon(15)
    _, (first, close, apart) = told(day, 0.0, *(begins + timedelta(minutes=minutes) for minutes in (0, 27, 50)))
    plan = repaired(day)
    assert not retimed(plan, first)
    assert not retimed(plan, close)
    assert retimed(plan, apart)
    shown = {step["visit_id"]: (step["start"], step["end"]) for step in plan["routes"][0]["steps"]}
    half, hour = (begins + timedelta(minutes=minutes) for minutes in (27, 57))
    assert shown[str(close.id)] == (half.isoformat(), hour.isoformat())


@pytest.mark.parametrize(
    ("planned", "window", "begins"),
    [(20, {}, 20), (240, {}, 15), (240, {"window_start": 180.0, "window_end": 300.0}, 180)],
)
def test_nothing_is_done_before_what_somebody_is_on_the_way_to(
    planned: float, window: dict[str, float], begins: float
) -> None:
    """Nor when it was planned for much later: then everything else comes after it."""
    day = Today()
    phone = day.on_duty(0.0)
    first, driven_to = day.told(phone, 0.0, 30), day.told(phone, 0.1, planned, **window)
    day.step(phone, driven_to, "accepted", "en_route")
    (candidate,) = day.ask(visit_id=str(day.visit(0.0, window=None).id)).get_json()["candidates"]
    assert candidate["start"] >= said(soon(begins + 25))
    shown = day.office.get(f"/api/v1/engineers/{phone.engineer_id}/day").get_json()["visits"]
    assert [one["visit_id"] for one in shown] == [str(driven_to.id), str(first.id)]
    assert shown[1]["start"] >= shown[0]["end"]
    assert said(soon(begins - 10)) < shown[0]["start"] < said(soon(begins + 40))
    (route,) = repaired(day)["routes"]
    assert route["steps"][0]["visit_id"] == str(driven_to.id)
    assert route["strains"] == []


def test_what_is_over_or_has_begun_is_no_strain_of_what_stands() -> None:
    day = Today()
    phone = day.on_duty(0.0)
    over, begun = day.told(phone, 0.01, -60), day.told(phone, 0.02, -20)
    day.told(phone, 0.03, 40)
    day.step(phone, over, "accepted", "en_route", "on_site", "working", "completed")
    day.step(phone, begun, "accepted", "en_route", "on_site", "working")
    late = day.told(day.on_duty(0.5), 0.6, -5)
    date = soon(0).astimezone(ZoneInfo(ZONE)).date().isoformat()
    routes = {route["engineer_id"]: route for route in day.plan(date=date, lock="dispatched")["routes"]}
    assert routes.pop(str(phone.engineer_id))["strains"] == []
    (other,) = routes.values()
    assert [(one["rule"], one["numbers"]["visit"]) for one in other["strains"]] == [("window_miss", str(late.id))]
    assert [step["late_s"] for step in other["steps"]] == [0], "no deadline, however late it stands"
