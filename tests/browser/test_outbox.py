"""The demo's outbox: whoever plays all parts reads there what the customer was told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, arrive, call, office, scrolls_sideways, small_targets
from tests.browser.test_portal import with_a_phone

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_one_time_code_is_read_in_the_outbox_and_nowhere_else(window: Opens, house: House, locale: str) -> None:
    visit, _ = with_a_phone(house, "completed")
    asked = {"channel": "sms", "address": "+86 138 0013 8042", "language": "en"}
    link = call(house, f"/visits/{visit['id']}/sign-link", office(house), asked)
    token = link["url"].rpartition("/")[2]
    page = window(**SMALL, locale=locale)
    code = page.request.post(f"/api/v1/sign/{token}/code").json()["shown_code"]
    arrive(page, "admin", "/outbox")
    newest = page.locator(".letters li").first
    expect(newest).to_contain_text(code)
    expect(newest).to_contain_text("only shown here" if locale == "en-GB" else "仅在此展示")
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page, 44) == []
