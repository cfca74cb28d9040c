"""The engineer's phone in a real Chromium: what is done now and then, and whether everybody can read and press it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import cut_off, new_visits, next_action, open_app
from tests.browser.house import House
from tests.browser.making import given, rows
from tests.browser.steps import accessibility_faults, pale_text, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
EYE = """
globalThis.seen = 'nothing';
globalThis.BarcodeDetector = class { async detect(video) {
  return video.readyState >= 2 && seen !== 'nothing' ? [{ rawValue: seen }] : [];
} };
"""
NO_CAMERA = "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no')); }"


def test_a_visit_is_declined_with_a_reason_and_another_given_up(phone: Page, house: House) -> None:
    open_app(phone, "engineer2")
    new_visits(phone).first.click()
    visit_id = phone.url.rpartition("/")[2]
    phone.get_by_role("button", name="Decline").click()
    phone.get_by_role("button", name="I cannot be there in time").click()
    phone.get_by_role("button", name="Send").dblclick()  # it is one step all the same
    expect(phone.locator(".state-line")).to_contain_text("Everything is sent")
    event = "SELECT reason FROM visit_events WHERE visit_id = :id AND to_status = 'rejected'"
    # The line says so before the new mutation is counted, too: what counts is that it arrives.
    assert wait_until(lambda: rows(house, event, id=visit_id) == [("I cannot be there in time",)], 30, 0.1)


def test_signing_out_says_what_would_wait_here_and_it_is_still_there_afterwards(phone: Page) -> None:
    open_app(phone, "engineer3")
    cut_off(phone)
    expect(phone.locator(".state-line.warn")).to_contain_text("No connection")  # before anything was tried in vain
    new_visits(phone).first.click()
    next_action(phone).click()
    expect(phone.locator(".state.accepted").first).to_be_visible()
    phone.goto("/field/me")
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.locator(".sheet")).to_contain_text("Not sent yet: 1 unsent")
    phone.get_by_role("button", name="Stay signed in").click()
    expect(phone.locator(".state-line")).to_contain_text("1 unsent")
    phone.get_by_role("button", name="Sign out").click()
    phone.locator(".sheet").get_by_role("button", name="Sign out").click()
    for _ in range(2):  # without a network there is no sign-in page, and no error page of the browser either
        expect(phone.get_by_text("You are signed out.")).to_be_visible()
        phone.reload()
    phone.context.set_offline(False)
    expect(phone.get_by_label("E-mail")).to_be_visible()
    open_app(phone, "engineer3")
    expect(phone.locator(".state-line")).to_contain_text("Everything is sent")
    expect(phone.locator(".state.accepted").first).to_be_visible()


def at_work(page: Page, visit_id: str) -> None:
    """As far as the work itself, with nothing in the way."""
    page.goto(f"/field/visits/{visit_id}")
    for state in ("accepted", "en_route", "on_site", "working"):
        next_action(page).first.click()
        expect(page.locator(f".state.{state}").first).to_be_visible()


def test_a_part_is_scanned_and_the_day_is_seen_on_a_map_without_a_network(window: Opens, house: House) -> None:
    page, mine = window(**SMALL, permissions=["camera"]), given(house, "engineer1")
    page.add_init_script(EYE)
    open_app(page, "engineer1")
    cut_off(page)
    page.locator("summary", has_text="Map of the day").click()
    expect(page.locator(".map a").last).to_be_visible()
    _usable(page)
    where = page.locator(".map a").last.get_attribute("href")
    page.locator(".map a").last.click()
    expect(page).to_have_url(f"{house.url}{where}")
    at_work(page, mine["id"])
    ((number, name),) = rows(house, "SELECT number, name FROM parts ORDER BY number LIMIT 1")
    page.get_by_role("button", name="Take from the van").click()
    sheet = page.locator(".sheet")
    sheet.get_by_role("button", name="Scan").click()
    expect(sheet.locator("video")).to_be_visible()
    page.evaluate("seen = 'no such number'")
    expect(sheet).to_contain_text("No part fits “no such number”.")
    _usable(page)
    page.evaluate("number => { seen = number }", number)
    sheet.get_by_role("button", name="Scan").click()
    expect(sheet.locator("strong", has_text=name)).to_be_visible()
    for _ in range(60):  # more than the van holds is told, and not refused
        if sheet.locator(".warned").count():
            break
        sheet.get_by_role("button", name="More").click()
    expect(sheet.locator(".warned")).to_be_visible()
    amount = sheet.get_by_role("textbox", name="How many")
    amount.fill("some")
    expect(sheet.get_by_role("button", name="Take", exact=True)).to_be_disabled()
    amount.fill("0,25")
    expect(sheet.locator(".warned")).to_have_count(0)
    _usable(page)
    sheet.get_by_role("button", name="Take", exact=True).click()
    page.evaluate(NO_CAMERA)
    page.get_by_role("button", name="Take from the van").click()
    sheet.get_by_role("button", name="Scan").click()
    expect(sheet).to_contain_text("The camera cannot be used.")
    page.context.set_offline(False)
    took = "SELECT p.number, u.quantity FROM part_uses u JOIN parts p ON p.id = u.part_id WHERE u.visit_id = :id"
    assert wait_until(lambda: rows(house, took, id=mine["id"]) == [(number, Decimal("0.25"))], 60, 0.2)


def test_work_that_cannot_be_done_is_followed_up_and_who_does_not_sign_is_noted(window: Opens, house: House) -> None:
    page = window(**SMALL, locale="zh-CN")
    given_up = given(house, "engineer5")
    unsigned = given(house, "engineer5", requires_signature=True)
    open_app(page, "engineer5")
    cut_off(page)
    at_work(page, given_up["id"])
    page.get_by_role("button", name="无法完成").click()
    sheet = page.locator(".sheet")
    expect(sheet.locator("button[type=submit]")).to_be_disabled()
    sheet.locator(".choices button").first.click()
    _usable(page)
    sheet.locator("button[type=submit]").click()
    expect(page.locator(".state.cannot_complete").first).to_be_visible()
    at_work(page, unsigned["id"])
    next_action(page).click()
    expect(page.locator(".report")).to_be_visible()
    page.get_by_role("button", name="客户不签字").click()
    _usable(page)
    sheet.locator(".choices button").first.click()
    sheet.get_by_role("button", name="记录").click()
    next_action(page).click()
    expect(page.locator(".state.completed").first).to_be_visible()
    page.context.set_offline(False)
    outcome = "SELECT outcome FROM signatures WHERE visit_id = :id"
    assert wait_until(lambda: rows(house, outcome, id=unsigned["id"]) == [("refused",)], 60, 0.2)
    of_job = "SELECT status, follow_up_of FROM visits WHERE job_id = :id ORDER BY created_at"
    found = [(status, str(after or "")) for status, after in rows(house, of_job, id=given_up["job_id"])]
    assert found == [("cannot_complete", ""), ("draft", given_up["id"])]


@pytest.mark.parametrize(
    ("locale", "scheme"),
    [
        ("en-GB", "light"),
        ("zh-CN", "dark"),
        pytest.param("en-GB", "dark", marks=pytest.mark.long),
        pytest.param("zh-CN", "light", marks=pytest.mark.long),
    ],
)
def test_everybody_can_read_and_press_it_on_a_small_phone(window: Opens, locale: str, scheme: str) -> None:
    page = window(**SMALL, locale=locale, color_scheme=scheme)
    open_app(page, "engineer4")
    for place in ("", "me", "conflicts"):
        page.goto(f"/field/{place}")
        expect(page.locator("nav")).to_be_visible()
        _usable(page)
    page.goto("/field/")
    page.locator(".visit").first.click()
    expect(page.locator("h1")).to_be_visible()
    _usable(page)


def _usable(page: Page) -> None:
    assert accessibility_faults(page) == []
    assert pale_text(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []
