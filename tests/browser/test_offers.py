"""Work that is offered with a timer, and work that is claimed, on the engineer's phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import cut_off, next_action, open_app
from tests.browser.house import House
from tests.browser.steps import PASSWORD, accessibility_faults, call, office, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}


def admin(house: House) -> str:
    """The administrator's token."""
    return str(call(house, "/auth/token", body={"email": "admin@demo.callout", "password": PASSWORD})["access_token"])


def waiting(house: House) -> tuple[dict[str, Any], str, str]:
    """A visit that nobody holds and that is wanted tomorrow or the day after, an engineer who can go, and their name
    before the @. Whatever the hour: the shifts of the demo go on for a week."""
    start = datetime.now(UTC) + timedelta(days=1)
    window = {"window_start": start.isoformat(), "window_end": (start + timedelta(days=1)).isoformat()}
    for visit in call(house, "/visits?status=draft&limit=200", office(house))["items"]:
        call(house, f"/visits/{visit['id']}", office(house), window, visit["rev"])
        found = call(house, "/dispatch/recommendations", office(house), {"visit_id": visit["id"]})["candidates"]
        for each in found:
            engineer = call(house, f"/engineers/{each['engineer_id']}", admin(house))
            user = call(house, f"/users/{engineer['user_id']}", admin(house))
            return visit, str(engineer["id"]), str(user["email"]).partition("@")[0]
    raise AssertionError("Nobody could go to any waiting visit of the demo.")


def offered(house: House) -> tuple[dict[str, Any], str]:
    """An offer that was just made, and who was asked."""
    visit, engineer_id, who = waiting(house)
    asked = {"engineer_id": engineer_id, "seconds": 3600}
    return dict(call(house, f"/visits/{visit['id']}/offers", office(house), asked)), who


def visit_of(house: House, visit_id: str) -> dict[str, Any]:
    """How a visit stands on the server."""
    return dict(call(house, f"/visits/{visit_id}", office(house)))


def look_closely(page: Page) -> None:
    """Everybody can read and press it."""
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []


def test_an_offer_says_how_long_it_stands_and_is_answered_without_a_network(phone: Page, house: House) -> None:
    made, who = offered(house)
    open_app(phone, who)
    line = phone.locator("section", has=phone.get_by_role("heading", name="Offered to you"))
    expect(line).to_contain_text("Answer within")
    line.locator(".visit").first.click()
    expect(phone.get_by_text("This work is offered to you.")).to_be_visible()
    look_closely(phone)
    cut_off(phone)
    next_action(phone).filter(has_text="Accept").click()
    expect(phone.locator(".state.accepted").first).to_be_visible()
    expect(phone.get_by_text("Answer within")).to_have_count(0)
    phone.context.set_offline(False)
    assert wait_until(lambda: visit_of(house, made["visit_id"])["status"] == "accepted", 60, 0.2)
    assert visit_of(house, made["visit_id"])["offer_expires_at"] is None


def test_an_offer_is_declined_beside_where_it_is_accepted(window: Opens, house: House) -> None:
    made, who = offered(house)
    page = window(**SMALL, locale="zh-CN")
    open_app(page, who)
    page.locator("section", has=page.get_by_role("heading", name="征求您意见的任务")).locator(".visit").first.click()
    look_closely(page)
    page.locator(".next").get_by_role("button", name="拒绝").click()
    page.get_by_role("button", name="来不及赶到").click()
    page.get_by_role("button", name="发送").click()
    assert wait_until(lambda: visit_of(house, made["visit_id"])["engineer_id"] is None, 60, 0.2)


def test_open_work_is_claimed_with_a_connection_only_and_by_one(window: Opens, house: House) -> None:
    visit, engineer_id, who = waiting(house)
    job = call(house, f"/jobs/{visit['job_id']}", office(house))
    kind = call(house, f"/job-types/{job['job_type_id']}", admin(house))
    call(house, f"/job-types/{kind['id']}", admin(house), {"dispatch_method": "pool"}, kind["rev"])
    page = window(**SMALL)
    open_app(page, who)
    page.get_by_role("link", name="Open work to claim").click()
    claim = page.locator(f"[id='open-{visit['id']}']").get_by_role("button", name="Claim it")
    expect(claim).to_be_enabled()
    look_closely(page)
    cut_off(page)
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Claiming needs a connection")).to_be_visible()
    expect(claim).to_be_disabled()
    page.context.set_offline(False)
    page.get_by_role("button", name="Look again").click()
    expect(claim).to_be_enabled()
    claim.click()
    expect(page.locator(".notice.good")).to_contain_text("It is yours.")
    assert visit_of(house, visit["id"])["engineer_id"] == engineer_id
    expect(claim).to_have_count(0)
    page.goto(f"/field/visits/{visit['id']}")
    expect(next_action(page)).to_have_text("Accept")
