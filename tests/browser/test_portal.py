"""The customer's page, opened from a link on a small phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, office, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}


@pytest.fixture(scope="module")
def customer(house: House) -> tuple[str, str]:
    """The path of a link, and the digits that open it: of a job of tomorrow, so that it can still be called off."""
    visit, digits = with_a_phone(house, "draft")
    start = datetime.now(UTC) + timedelta(days=1)
    window = {"window_start": start.isoformat(), "window_end": (start + timedelta(hours=2)).isoformat()}
    call(house, f"/visits/{visit['id']}", office(house), window, visit["rev"])
    return path_of(house, visit), digits


def with_a_phone(house: House, status: str) -> tuple[dict[str, Any], str]:
    """A visit in this status whose customer has a phone, and the last digits of its number."""
    token = office(house)
    for visit in call(house, f"/visits?status={status}&limit=200", token)["items"]:
        job = call(house, f"/jobs/{visit['job_id']}", token)
        contact = call(house, f"/contacts/{job['contact_id']}", token) if job["contact_id"] else {}
        digits = "".join(letter for letter in contact.get("phone") or "" if letter.isdigit())[-4:]
        if digits:
            return visit, digits
    raise AssertionError(f"No {status} visit of the demo day has a contact with a phone.")


def path_of(house: House, visit: dict[str, Any]) -> str:
    """Where the customer follows the job of a visit."""
    link = call(house, f"/jobs/{visit['job_id']}/track-link", office(house))
    return f"/track/{link['code']}"


def enter(page: Page, customer: tuple[str, str]) -> None:
    """Open the link and give the digits."""
    path, digits = customer
    page.goto(path)
    page.locator("input[name=digits]").fill(digits)
    page.locator("button[type=submit]").click()
    expect(page.locator("[role=status] h2").first).to_be_visible()


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
    assert small_targets(page) == []


def test_wrong_digits_show_nothing(phone: Page, customer: tuple[str, str]) -> None:
    phone.goto(customer[0])
    wrong = "0000" if customer[1] != "0000" else "1111"
    phone.get_by_label("last four digits").fill(wrong)
    phone.get_by_role("button", name="Show my visit").click()
    expect(phone.get_by_text("do not belong together")).to_be_visible()
    expect(phone.locator("[role=status] h2")).to_have_count(0)


def test_another_time_is_chosen_among_those_that_are_free(phone: Page, customer: tuple[str, str]) -> None:
    enter(phone, customer)
    phone.get_by_role("button", name="Choose another time").click()
    free = phone.get_by_role("group", name="Choose another time").get_by_role("button", name="between")
    expect(free.first).to_be_visible()
    assert accessibility_faults(phone) == []
    words = free.first.inner_text()
    moves: list[str] = []
    phone.on("request", lambda request: request.url.endswith("/reschedule") and moves.append(request.url))
    free.first.dblclick()  # a finger that taps twice moves it once
    expect(phone.locator("p").get_by_text(words)).to_be_visible()
    assert len(moves) == 1


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_what_a_customer_writes_is_on_the_jobs_trail(
    window: Opens, house: House, customer: tuple[str, str], locale: str
) -> None:
    page = window(**SMALL, locale=locale)
    enter(page, customer)
    words = f"Please ring twice. 请按两次门铃。 ({locale})"
    page.locator("textarea").fill(words)
    page.get_by_role("button", name="Leave the message" if locale == "en-GB" else "提交留言").click()
    expect(page.locator(".letter").filter(has_text=words)).to_be_visible()
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("")
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []
    trail = call(house, "/job-events?limit=200", office(house))["items"]
    assert [one["event"] for one in trail if one["reason"] == words] == ["customer_wrote"]


def test_a_customer_calls_the_visit_off_and_says_why(phone: Page, customer: tuple[str, str]) -> None:
    enter(phone, customer)
    phone.get_by_role("button", name="Cancel the visit").click()
    phone.get_by_label("Why do you cancel?").fill("We are away.")
    phone.route("**/answers", lambda route: route.abort())
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("The server cannot be reached.")).to_be_visible()
    expect(phone.get_by_label("Why do you cancel?")).to_have_value("We are away.")
    phone.unroute("**/answers")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(phone.get_by_role("button", name="Cancel the visit")).to_have_count(0)


def test_nobody_comes_once_the_work_is_done(phone: Page, house: House) -> None:
    visit, digits = with_a_phone(house, "completed")
    enter(phone, (path_of(house, visit), digits))
    expect(phone.get_by_role("heading", name="The work is done")).to_be_visible()
    expect(phone.get_by_text("was with you")).to_be_visible()
    expect(phone.get_by_role("listitem").first).to_be_visible()
    expect(phone.get_by_text("comes to you")).to_have_count(0)
