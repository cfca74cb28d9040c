"""Somebody hired and somebody calling: days of work, certificates, answers that are lost, and places on the map."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, sign_in
from tests.browser.workshop import ZONE, Workshop

TUESDAY, SATURDAY = 1, 5
CLICKED = re.compile(r"^-?\d+(\.\d+)?, -?\d+(\.\d+)?$")


@pytest.fixture(scope="module")
def house(empty_house: House) -> House:
    return empty_house


@pytest.fixture(scope="module")
def workshop(house: House) -> Workshop:
    return Workshop(house).open()


def test_an_engineer_works_on_the_days_that_were_ticked_and_is_made_once(desk: Page, workshop: Workshop) -> None:
    """The line breaks in the middle: pressing again goes on where it broke."""
    skill = workshop.post("/skills", code="gas", name="Gas")
    sign_in(desk, "admin", quote(f"/dispatch/setup?day={workshop.tomorrow}"))
    desk.locator("#step-people summary").click()
    form = desk.get_by_role("form", name="Engineers")
    form.get_by_label("Name").fill("Zoe")
    form.get_by_label("Gas").check()
    form.get_by_label("Certificate “Gas” good until").fill("2031-05-31")
    week = form.get_by_role("group", name="Days of work")
    for name in ("Mon", "Wed", "Thu", "Fri"):
        week.get_by_label(name).uncheck()
    week.get_by_label("Sat").check()
    lost: list[str] = []
    desk.route("**/api/v1/shifts", lambda route: break_the_second(route, lost))
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_text("The server cannot be reached.")).to_be_visible()
    expect(form.get_by_label("Name")).to_have_value("Zoe")
    assert accessibility_faults(desk) == []
    form.get_by_role("button", name="Add").click()
    expect(desk.locator(".toasts")).to_contain_text("Zoe is there.")
    expect(form.get_by_label("Name")).to_have_value("")
    zoes = [one for one in all_of(workshop, "/engineers") if one["name"] == "Zoe"]
    assert [(one["skill_id"], one["expires_on"]) for one in zoes[0]["skills"]] == [(skill, "2031-05-31")]
    starts = [one["starts_at"] for one in all_of(workshop, "/shifts") if one["engineer_id"] == zoes[0]["id"]]
    at = [datetime.fromisoformat(moment).astimezone(ZONE) for moment in starts]
    assert len(zoes) == 1
    assert Counter(moment.weekday() for moment in at) == {TUESDAY: 2, SATURDAY: 2}
    assert {moment.hour for moment in at} == {8}
    assert all(timedelta(0) <= moment.date() - workshop.tomorrow < timedelta(14) for moment in at)


def test_what_is_wrong_with_a_new_engineer_stands_at_its_field(desk: Page, workshop: Workshop) -> None:
    sign_in(desk, "admin", quote(f"/dispatch/setup?day={workshop.tomorrow}"))
    desk.locator("#step-people summary").click()
    form = desk.get_by_role("form", name="Engineers")
    home, name = form.get_by_label("Starts from"), form.get_by_label("Name")
    home.fill("here")
    form.get_by_role("button", name="Add").click()
    expect(home).to_have_accessible_description("Two numbers: latitude, longitude.")
    expect(home).to_be_focused()
    home.fill("")
    form.get_by_role("button", name="Add").click()
    expect(name).to_have_accessible_description("This may not be empty, nor longer than 200 characters.")
    expect(home).to_have_accessible_description("")


def break_the_second(route: Route, lost: list[str]) -> None:
    """The second shift is written, and its answer lost; every other one comes through."""
    lost.append(route.request.method)
    if len([method for method in lost if method == "POST"]) == 2 and route.request.method == "POST":
        route.fetch()
        route.abort("connectionreset")
    else:
        route.continue_()


def all_of(workshop: Workshop, path: str) -> list[dict[str, object]]:
    return list(call(workshop.house, f"{path}?limit=200", workshop.token)["items"])


def test_a_pasted_place_offers_the_sites_that_are_known_there(desk: Page, workshop: Workshop) -> None:
    dialog = somebody_new(desk, workshop)
    near = dialog.get_by_role("group", name="Known nearby")
    dialog.get_by_label("Latitude, longitude").fill("31.2305° N, 121.4505° E")
    expect(near.get_by_role("button")).to_have_count(1)
    dialog.get_by_label("Latitude, longitude").fill("31.2305, 121.4")  # nobody known within a few hundred metres
    expect(near).to_have_count(0)
    dialog.get_by_label("Latitude, longitude").fill("geo:31.2305,121.4505")
    known = near.get_by_role("button", name=re.compile(r"^Yard of Li Lin 7\d m$"))
    expect(known).to_be_visible()
    assert accessibility_faults(desk) == []
    known.click()
    expect(dialog.get_by_role("radio", name="Yard of Li Lin")).to_be_checked()
    dialog.get_by_label("What kind of work").select_option(label="Repair")
    dialog.get_by_label("What is wrong").fill("Known after all")
    dialog.get_by_role("button", name="Create and choose who goes").click()
    expect(desk.locator(".panel h2")).to_have_text("Known after all")
    (job,) = call(workshop.house, "/jobs?q=Known%20after%20all", workshop.token)["items"]
    assert job["site_id"] == workshop.sites["Li Lin"]


def test_a_place_is_clicked_on_the_map_and_can_be_corrected(desk: Page, workshop: Workshop) -> None:
    dialog = somebody_new(desk, workshop)
    place = dialog.get_by_label("Latitude, longitude")
    dialog.get_by_text("Choose on the map").click()
    canvas = dialog.locator(".draw[data-ready=true]")
    canvas.click(position={"x": 120, "y": 120})
    expect(place).to_have_value(CLICKED)
    first = place.input_value()
    canvas.click(position={"x": 300, "y": 200})
    expect(place).not_to_have_value(first)
    east, south = (float(second) > float(former) for second, former in zip(lon_lat(place), lon_lat(first), strict=True))
    assert (east, south) == (True, False)


def lon_lat(place: Locator | str) -> tuple[str, str]:
    lat, lon = (place if isinstance(place, str) else place.input_value()).split(", ")
    return lon, lat


def somebody_new(desk: Page, workshop: Workshop) -> Locator:
    """The form of a call from somebody whom nobody knows."""
    sign_in(desk, "dispatcher", quote(f"/dispatch/board?day={workshop.tomorrow}"))
    expect(desk.locator(".board-row").first).to_be_visible()
    desk.keyboard.press("n")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Who calls, or where?").fill("Nobody ever heard of them")
    dialog.get_by_role("button", name="Somebody new").click()
    return dialog
