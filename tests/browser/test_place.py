"""The phone's own place: proposals that nothing follows by itself, what the office sees, and who looked."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.field import new_visits, next_action, open_app
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, office, scrolls_sideways

A_KILOMETRE = 0.009  # degrees of latitude


def put(page: Page, site: list[float], north_km: float, accuracy: float) -> None:
    """The phone is so far north of a site, as exactly as that."""
    place: Any = {"longitude": site[0], "latitude": site[1] + north_km * A_KILOMETRE, "accuracy": accuracy}
    page.context.set_geolocation(place)


def test_arriving_and_leaving_are_proposed_and_never_taken(window: Opens, house: House) -> None:
    page = window(**PHONE, permissions=["geolocation"])
    open_app(page, "engineer6")
    page.goto("/field/me")
    page.get_by_label("Let the phone propose").check()
    page.get_by_label("Let the office see").check()
    page.goto("/field/")
    new_visits(page).first.click()
    visit = call(house, f"/visits/{page.url.rpartition('/')[2]}", office(house))
    job = call(house, f"/jobs/{visit['job_id']}", office(house))
    site = call(house, f"/sites/{job['site_id']}", office(house))["location"]["coordinates"]
    put(page, site, 5, 10)
    next_action(page).click()
    expect(next_action(page)).to_have_text("Set off")
    expect(page.locator(".watched")).to_have_count(0)
    next_action(page).click()
    expect(page.locator("[data-hint=elsewhere]")).to_contain_text("5 km")
    expect(page.locator(".watched")).to_contain_text("The office sees where you are")
    next_action(page).click()
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("How does that come?")
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    sheet.get_by_role("button", name="Close").click()

    put(page, site, 0.02, 900)
    expect(page.locator("[data-hint]")).to_have_count(0)
    put(page, site, 0.02, 12)
    expect(page.locator("[data-hint=arrived]")).to_be_visible()
    expect(page.locator(".state.en_route").first).to_be_visible()
    next_action(page).click()
    expect(page.locator(".state.on_site").first).to_be_visible()
    put(page, site, 2, 12)
    expect(page.locator("[data-hint=left]")).to_contain_text("2 km")
    expect(page.locator(".state.on_site").first).to_be_visible()

    page.goto("/field/me")
    page.get_by_label("Let the office see").uncheck()
    page.goto("/field/")
    expect(page.locator(".visit").first).to_be_visible()
    expect(page.locator(".watched")).to_have_count(0)


def test_whoever_is_there_all_the_same_says_how_that_comes(window: Opens, house: House) -> None:
    page = window(**PHONE, locale="zh-CN", permissions=["geolocation"])
    open_app(page, "engineer7")
    page.goto("/field/me")
    page.get_by_label("由手机提示").check()
    page.goto("/field/")
    new_visits(page).first.click()
    visit_id = page.url.rpartition("/")[2]
    put(page, [0, 0], 0, 10)
    for words in ("接受", "出发"):
        expect(next_action(page)).to_have_text(words)
        next_action(page).click()
    expect(page.locator("[data-hint=elsewhere]")).to_be_visible()
    expect(page.locator(".watched")).to_have_count(0)  # the place stays on the phone
    next_action(page).click()
    page.get_by_role("button", name="地图位置有误").click()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="我确实已到达").click()
    expect(page.locator(".state.on_site").first).to_be_visible()
    expect(page.locator(".state-line")).to_contain_text("已全部发送")
    engineer = call(house, f"/visits/{visit_id}", office(house))["engineer_id"]
    call(house, f"/engineers/{engineer}/track?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", office(house))
    page.goto("/field/me")
    page.get_by_role("button", name="显示查看者").click()
    expect(page.get_by_role("listitem").filter(has_text="查看了您的轨迹").first).to_contain_text("调度员")
    assert accessibility_faults(page) == []
