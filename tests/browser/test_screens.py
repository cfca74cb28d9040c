"""Every screen of a visit under way can be read and pressed at 320 pixels, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.field import answer_what_is_asked, new_visits, next_action, open_app
from tests.browser.steps import accessibility_faults, pale_text, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
WORDS = {
    "en-GB": {
        "before": "Before work begins",
        "van": "Take from the van",
        "out": "Sign out",
        "cannot": "Cannot complete",
    },
    "zh-CN": {"before": "开始工作前", "van": "从车上取用", "out": "退出登录", "cannot": "无法完成"},
}


def look(page: Page) -> None:
    """What is asked of every screen."""
    assert accessibility_faults(page) == []
    assert pale_text(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []


def look_at_sheet(page: Page, button: str) -> None:
    """Open a sheet, look, and close it again."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".sheet")).to_be_visible()
    look(page)
    page.keyboard.press("Escape")
    expect(page.locator(".sheet")).to_have_count(0)


@pytest.mark.parametrize(("locale", "who"), [("en-GB", "engineer10"), ("zh-CN", "engineer11")])
def test_a_visit_under_way_can_be_read_and_pressed(window: Opens, locale: str, who: str) -> None:
    words, page = WORDS[locale], window(**SMALL, locale=locale)
    open_app(page, who)
    new_visits(page).first.click()
    for state in ("accepted", "en_route", "on_site"):
        next_action(page).click()
        expect(page.locator(f".state.{state}").first).to_be_visible()
    look(page)
    answer_what_is_asked(page, words["before"])
    next_action(page).click()
    expect(page.locator(".state.working").first).to_be_visible()
    look(page)
    look_at_sheet(page, words["van"])
    look_at_sheet(page, words["cannot"])
    page.locator("form textarea").fill("Half a sentence")  # and not saved
    page.goto(f"{page.url}/sign")
    expect(page.locator(".report")).to_be_visible()
    expect(page.locator(".notice.warn")).to_contain_text("“Half a sentence”")
    look(page)
    page.goto("/field/me")
    look_at_sheet(page, words["out"])
