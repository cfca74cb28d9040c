"""The engineer's phone in a real Chromium: declining, signing out, and whether everybody can read and press it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import cut_off, new_visits, next_action, open_app
from tests.browser.house import House
from tests.browser.making import rows
from tests.browser.steps import accessibility_faults, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}


def test_a_visit_is_declined_with_a_reason_and_another_given_up(phone: Page, house: House) -> None:
    open_app(phone, "engineer2")
    new_visits(phone).first.click()
    visit_id = phone.url.rpartition("/")[2]
    phone.get_by_role("button", name="Decline").click()
    phone.get_by_role("button", name="I cannot be there in time").click()
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator(".state-line")).to_contain_text("Everything is sent")
    event = "SELECT reason FROM visit_events WHERE visit_id = :id AND to_status = 'rejected'"
    # The line says so before the new mutation is counted, too: what counts is that it arrives.
    assert wait_until(lambda: rows(house, event, id=visit_id) == [("I cannot be there in time",)], 30, 0.1)


def test_signing_out_says_what_would_wait_here_and_it_is_still_there_afterwards(phone: Page) -> None:
    open_app(phone, "engineer3")
    cut_off(phone)
    new_visits(phone).first.click()
    next_action(phone).click()
    expect(phone.locator(".state.accepted").first).to_be_visible()
    phone.goto("/field/me")
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.locator(".sheet")).to_contain_text("Not sent yet: 1 unsent")
    phone.get_by_role("button", name="Stay signed in").click()
    expect(phone.locator(".state-line")).to_contain_text("1 unsent")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
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
    assert not scrolls_sideways(page)
    assert small_targets(page) == []
