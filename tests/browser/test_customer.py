"""A customer with nothing but links: follows the work, moves it, writes, signs, confirms, and checks the report."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import draw
from tests.browser.house import House
from tests.browser.making import DIGITS, give, new_job, only_ours, rows, visit_of
from tests.browser.steps import PASSWORD, accessibility_faults, call, office, scrolls_sideways, sign_in, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
WHO = "engineer3"


def test_a_customer_follows_moves_signs_and_verifies(window: Opens, house: House) -> None:
    only_ours(house)
    house.staff("worker", "relay")
    job = new_job(house, requires_signature=True)
    page = window(**SMALL)
    follows(page, house, job)
    moves(page, house, job)
    writes_and_is_answered(page, window(), job)
    visit_id = visit_of(house, job)["id"]
    give(house, visit_id, WHO)
    steps(house, visit_id, "accepted", "en_route")
    sees(page, "On the way to you")
    steps(house, visit_id, "on_site", "working")
    track = page.url
    signs(page, house, visit_id)
    steps(house, visit_id, "completed")
    page.goto(track)
    sees(page, "The work is done")
    verifies_and_confirms(page, house, visit_id)


def in_both_languages(page: Page) -> None:
    """Whoever reads it, in whichever language, can read it and press it."""
    for language in ("zh-CN", "en"):
        page.locator("header select").first.select_option(language)
        expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
        assert accessibility_faults(page) == []
        assert not scrolls_sideways(page)
        assert small_targets(page) == []


def follows(page: Page, house: House, job: dict[str, Any]) -> None:
    code = call(house, f"/jobs/{job['id']}/track-link", office(house))["code"]
    page.goto(f"/track/{code}")
    expect(page.locator("input[name=digits]")).to_be_visible()
    in_both_languages(page)
    page.locator("input[name=digits]").fill(DIGITS)
    page.get_by_role("button", name="Show my visit").click()
    expect(page.get_by_role("heading", name="Planned")).to_be_visible()
    in_both_languages(page)


def moves(page: Page, house: House, job: dict[str, Any]) -> None:
    before = visit_of(house, job)["window_start"]
    page.get_by_role("button", name="Choose another time").click()
    slots = page.get_by_role("group", name="Choose another time").get_by_role("button", name="between")
    expect(slots.first).to_be_visible()
    in_both_languages(page)
    chosen = slots.last.inner_text()
    slots.last.click()
    expect(page.locator("p").get_by_text(chosen)).to_be_visible()
    assert visit_of(house, job)["window_start"] != before


def writes_and_is_answered(page: Page, desk: Page, job: dict[str, Any]) -> None:
    page.get_by_label("Write to the office").fill("Where can I park? 哪里可以停车？")
    page.get_by_role("button", name="Leave the message").click()
    expect(page.locator(".letter.customer")).to_contain_text("哪里可以停车？")
    sign_in(desk, "dispatcher", "/dispatch")
    desk.goto(f"/dispatch/board?job={job['id']}")
    expect(desk.locator(".timeline")).to_contain_text("哪里可以停车？")
    desk.get_by_label("Answer the customer").fill("In the yard.")
    desk.locator("form", has=desk.get_by_label("Answer the customer")).get_by_role("button", name="Send").click()
    expect(desk.locator(".timeline")).to_contain_text("In the yard.")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".letter.office")).to_contain_text("In the yard.")
    in_both_languages(page)


def steps(house: House, visit_id: str, *states: str) -> None:
    """What the engineer does meanwhile."""
    signed_in = {"email": f"{WHO}@demo.callout", "password": PASSWORD}
    token = str(call(house, "/auth/token", body=signed_in)["access_token"])
    for to in states:
        told = {"to": to, "device_at": datetime.now(UTC).isoformat()}
        call(house, f"/visits/{visit_id}/transitions", token, told)


def sees(page: Page, heading: str) -> None:
    refresh = page.get_by_role("button", name="Refresh")
    expect(refresh).to_be_visible()
    refresh.click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    in_both_languages(page)


def signs(page: Page, house: House, visit_id: str) -> None:
    about = {"channel": "sms", "address": "+86 138 0013 4711", "signer_name": "Wang Fang", "language": "en"}
    page.goto(call(house, f"/visits/{visit_id}/sign-link", office(house), about)["url"])
    expect(page.locator(".report")).to_be_visible()
    in_both_languages(page)
    draw(page)
    page.get_by_role("button", name="Send me a code").click()
    shown = page.locator("form .notice.good")
    expect(shown).to_be_visible()
    page.locator("input[name=code]").fill("".join(re.findall(r"\d", shown.inner_text())))
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Thank you. Your signature is kept.")).to_be_visible()
    in_both_languages(page)


def verifies_and_confirms(page: Page, house: House, visit_id: str) -> None:
    sealed = "SELECT number FROM reports WHERE visit_id = :id AND superseded_at IS NULL AND signature_id IS NOT NULL"
    assert wait_until(lambda: bool(rows(house, sealed, id=visit_id)), 120, 0.2), house.log("worker")
    page.reload()
    expect(page.get_by_role("button", name=re.compile(r"Report .+ \(PDF\)"))).to_be_visible()
    in_both_languages(page)
    page.get_by_role("button", name="Everything is right").click()
    expect(page.get_by_role("heading", name="You confirmed the work")).to_be_visible()
    assert rows(house, "SELECT status FROM visits WHERE id = :id", id=visit_id) == [("confirmed",)]
    page.get_by_role("link", name="Check that it is genuine").click()
    for language in ("zh", "en"):
        page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        expect(page.locator(".verdict.good")).to_contain_text("Wang Fang")
        assert accessibility_faults(page) == []
        assert not scrolls_sideways(page)
