"""A voice note is recorded without a network, heard on the phone, and arrives as it was spoken."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import cut_off, new_visits, open_app
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, office


def test_a_voice_note_is_kept_offline_and_arrives(window: Opens, house: House) -> None:
    page = window(**PHONE, permissions=["microphone"])
    open_app(page, "engineer9")
    new_visits(page).first.click()
    visit_id = page.url.rpartition("/")[2]
    cut_off(page)
    page.get_by_role("button", name="Record a voice note").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("audio")).to_have_count(0)
    page.get_by_role("button", name="Record a voice note").click()
    expect(page.get_by_role("button", name="Stop and keep · 1 sec")).to_be_visible()
    page.get_by_role("button", name="Stop and keep").click()
    expect(page.locator("#voice")).to_contain_text("Voice note 1 · Waits to be sent")
    expect(page.locator(".state-line")).to_contain_text("1 file waiting")
    assert accessibility_faults(page) == []
    page.reload()
    expect(page.locator("audio")).to_have_count(1)
    assert playable(page)

    page.context.set_offline(False)
    expect(page.locator("#voice")).to_contain_text("Voice note 1 · Sent")
    found: list[dict[str, object]] = []

    def arrived() -> bool:
        found[:] = call(house, f"/media?visit_id={visit_id}", office(house))["items"]
        return [(one["kind"], one["state"]) for one in found] == [("audio", "complete")]

    assert wait_until(arrived, 60, 0.2), found
    heard_elsewhere(window(**PHONE), visit_id)


def heard_elsewhere(other: Page, visit_id: str) -> None:
    """Another phone fetches it when somebody wants to hear it; without a network it says why it cannot."""
    open_app(other, "engineer9")
    other.goto(f"/field/visits/{visit_id}")
    voice = other.locator("#voice")
    expect(voice).to_contain_text("Voice note 1 · Sent, recorded on another phone")
    cut_off(other)
    voice.get_by_role("button", name="Listen to it").click()
    expect(voice).to_contain_text("The server cannot be reached.")
    assert accessibility_faults(other) == []
    other.context.set_offline(False)
    voice.get_by_role("button", name="Listen to it").click()
    expect(voice.locator("audio")).to_have_count(1)
    assert playable(other)


def playable(page: Page) -> bool:
    """Whether the browser can play what is there."""
    ready = "it => it.readyState > 0 || new Promise(r => it.onloadedmetadata = () => r(true))"
    return bool(page.locator("audio").evaluate(ready))
