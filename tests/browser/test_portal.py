"""The customer's page, opened from a link on a small phone."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.house import House
from tests.browser.steps import PASSWORD, accessibility_faults, scrolls_sideways

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
expect.set_options(timeout=30_000)


def call(house: House, path: str, token: str = "", body: dict[str, Any] | None = None, rev: int = 0) -> Any:
    """A call of the API as the office; with `rev` it changes that revision of a row."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"{house.url}/api/v1{path}", data, {"Content-Type": "application/json"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if rev:
        request.method = "PATCH"
        request.headers.update({"If-match": f'"{rev}"', "Content-type": "application/merge-patch+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def customer(house: House) -> tuple[str, str]:
    """The path of a link, and the digits that open it: of a job of tomorrow, so that it can still be called off."""
    signed_in = {"email": "dispatcher@demo.callout", "password": PASSWORD}
    token = call(house, "/auth/token", body=signed_in)["access_token"]
    start = datetime.now(UTC) + timedelta(days=1)
    window = {"window_start": start.isoformat(), "window_end": (start + timedelta(hours=2)).isoformat()}
    for visit in call(house, "/visits?status=draft&limit=200", token)["items"]:
        job = call(house, f"/jobs/{visit['job_id']}", token)
        contact = call(house, f"/contacts/{job['contact_id']}", token) if job["contact_id"] else {}
        digits = "".join(letter for letter in contact.get("phone") or "" if letter.isdigit())[-4:]
        if digits:
            call(house, f"/visits/{visit['id']}", token, window, visit["rev"])
            link = call(house, f"/jobs/{job['id']}/track-link", token)
            return f"/track/{link['code']}", digits
    raise AssertionError("No job of the demo day that waits has a contact with a phone.")


def enter(page: Page, customer: tuple[str, str]) -> None:
    """Open the link and give the digits."""
    path, digits = customer
    page.goto(path)
    page.locator("input[name=digits]").fill(digits)
    page.locator("button[type=submit]").click()
    expect(page.locator("ol").first).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_everybody_can_read_it_on_a_small_phone(window: Opens, customer: tuple[str, str], locale: str) -> None:
    page = window(**SMALL, locale=locale)
    page.goto(customer[0])
    expect(page.locator("form")).to_be_visible()
    assert accessibility_faults(page) == []
    enter(page, customer)
    expect(page.get_by_role("heading", name="Planned" if locale == "en-GB" else "已排期")).to_be_visible()
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)


def test_wrong_digits_show_nothing(phone: Page, customer: tuple[str, str]) -> None:
    phone.goto(customer[0])
    wrong = "0000" if customer[1] != "0000" else "1111"
    phone.get_by_label("last four digits").fill(wrong)
    phone.get_by_role("button", name="Show my visit").click()
    expect(phone.get_by_text("do not belong together")).to_be_visible()
    expect(phone.locator("ol")).to_have_count(0)


def test_a_customer_calls_the_visit_off_and_says_why(phone: Page, customer: tuple[str, str]) -> None:
    enter(phone, customer)
    phone.get_by_role("button", name="Cancel the visit").click()
    phone.get_by_label("Why do you cancel?").fill("We are away.")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(phone.get_by_role("button", name="Cancel the visit")).to_have_count(0)
