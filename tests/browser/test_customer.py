"""A customer with nothing but links, in either language: follows, moves, writes, signs, confirms, and checks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import draw
from tests.browser.house import House
from tests.browser.making import DIGITS, give, new_job, rows, visit_of
from tests.browser.steps import PASSWORD, accessibility_faults, arrive, call, office, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
WHO = "engineer3"
SEEN = {
    "en-GB": {
        "show": "Show my visit", "planned": "Planned", "move": "Choose another time", "between": "between",
        "moved": "Moved to",
        "write": "Write to the office", "leave": "Leave the message", "refresh": "Refresh", "way": "On the way to you",
        "code": "Send me a code", "sign": "Sign", "kept": "Thank you. Your signature is kept.",
        "done": "The work is done", "report": r"Report .+ \(PDF\)", "right": "Everything is right",
        "confirmed": "You confirmed the work", "proof": "Check that it is genuine", "language": "en",
    },
    "zh-CN": {
        "show": "查看", "planned": "已排期", "move": "更改时间", "between": "至",
        "moved": "改到",
        "write": "给服务商留言", "leave": "提交留言", "refresh": "刷新", "way": "正在赶来",
        "code": "发送验证码", "sign": "确认签字", "kept": "谢谢，您的签字已保存。", "done": "工作已完成",
        "report": "服务报告 .+（PDF）", "right": "一切正常", "confirmed": "您已确认",
        "proof": "验证报告真伪", "language": "zh",
    },
}  # fmt: skip
Words = dict[str, str]


@pytest.fixture(scope="module")
def staffed(house: House) -> House:
    """Reports are sealed in the background."""
    house.staff("worker", "relay")
    return house


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_customer_follows_moves_signs_and_verifies(window: Opens, staffed: House, locale: str) -> None:
    house, words = staffed, SEEN[locale]
    job = new_job(house, requires_signature=True)
    page = window(**SMALL, locale=locale)
    follows(page, words, house, job)
    moves(page, words, house, job)
    writes_and_is_answered(page, words, window(), job)
    visit_id = visit_of(house, job)["id"]
    give(house, visit_id, WHO)
    steps(house, visit_id, "accepted", "en_route")
    sees(page, words, "way")
    steps(house, visit_id, "on_site", "working")
    track = page.url
    signs(page, words, house, visit_id)
    steps(house, visit_id, "completed")
    page.goto(track)
    sees(page, words, "done")
    verifies_and_confirms(page, words, house, visit_id)


def well_made(page: Page) -> None:
    """Whoever reads it can read it and press it."""
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []


def follows(page: Page, words: Words, house: House, job: dict[str, Any]) -> None:
    code = call(house, f"/jobs/{job['id']}/track-link", office(house))["code"]
    page.goto(f"/track/{code}")
    expect(page.locator("input[name=digits]")).to_be_visible()
    well_made(page)
    page.locator("input[name=digits]").fill(DIGITS)
    page.get_by_role("button", name=words["show"]).click()
    expect(page.get_by_role("heading", name=words["planned"])).to_be_visible()
    well_made(page)


def moves(page: Page, words: Words, house: House, job: dict[str, Any]) -> None:
    before = visit_of(house, job)["window_start"]
    page.get_by_role("button", name=words["move"]).click()
    slots = page.get_by_role("group", name=words["move"]).get_by_role("button", name=words["between"])
    expect(slots.first).to_be_visible()
    well_made(page)
    chosen = slots.last.inner_text()
    slots.last.click()
    expect(page.locator("p").get_by_text(chosen)).to_be_visible()
    assert visit_of(house, job)["window_start"] != before
    expect(page.get_by_role("listitem").filter(has_text=words["moved"])).to_contain_text(chosen)


def writes_and_is_answered(page: Page, words: Words, desk: Page, job: dict[str, Any]) -> None:
    """The desk hears of it wherever it is, and keeps it in the queue until somebody has answered."""
    arrive(desk, "dispatcher", "/dispatch")
    expect(desk.locator(".link.live")).to_be_visible()
    page.get_by_label(words["write"]).fill("Where can I park? 哪里可以停车？")
    page.get_by_role("button", name=words["leave"]).click()
    expect(page.locator(".letter.customer")).to_contain_text("哪里可以停车？")
    expect(desk.locator(".toasts")).to_contain_text(f"{job['number']}: the customer wrote.")
    desk.get_by_role("button", name=re.compile("customers? waits? for you")).click()
    desk.locator(".visit-card", has_text=job["number"]).click()
    expect(desk.locator(".timeline")).to_contain_text("哪里可以停车？")
    expect(desk.locator(".timeline li", has_text="Time changed")).to_contain_text("the customer")
    desk.get_by_role("button", name="Address of the customer’s page").click()
    expect(desk.locator("a.address")).to_have_attribute("href", page.url)
    desk.get_by_label("Answer the customer").fill("In the yard.")
    desk.locator("form", has=desk.get_by_label("Answer the customer")).get_by_role("button", name="Send").click()
    expect(desk.locator(".timeline")).to_contain_text("In the yard.")
    expect(desk.locator(".visit-card", has_text="哪里可以停车？")).to_have_count(0)
    page.get_by_role("button", name=words["refresh"]).click()
    expect(page.locator(".letter.office")).to_contain_text("In the yard.")
    well_made(page)


def steps(house: House, visit_id: str, *states: str) -> None:
    """What the engineer does meanwhile."""
    signed_in = {"email": f"{WHO}@demo.callout", "password": PASSWORD}
    token = str(call(house, "/auth/token", body=signed_in)["access_token"])
    for to in states:
        told = {"to": to, "device_at": datetime.now(UTC).isoformat()}
        call(house, f"/visits/{visit_id}/transitions", token, told)


def sees(page: Page, words: Words, heading: str) -> None:
    refresh = page.get_by_role("button", name=words["refresh"])
    expect(refresh).to_be_visible()
    refresh.click()
    expect(page.get_by_role("heading", name=words[heading])).to_be_visible()
    well_made(page)


def signs(page: Page, words: Words, house: House, visit_id: str) -> None:
    about = {"channel": "sms", "address": "+86 138 0013 4711", "signer_name": "Wang Fang"}
    about["language"] = words["language"]
    page.goto(call(house, f"/visits/{visit_id}/sign-link", office(house), about)["url"])
    expect(page.locator(".report")).to_be_visible()
    well_made(page)
    draw(page)
    page.get_by_role("button", name=words["code"]).click()
    shown = page.locator("form .notice.good")
    expect(shown).to_be_visible()
    page.locator("input[name=code]").fill("".join(re.findall(r"\d", shown.inner_text())))
    page.get_by_role("button", name=words["sign"], exact=True).click()
    expect(page.get_by_role("heading", name=words["kept"])).to_be_visible()
    well_made(page)


def verifies_and_confirms(page: Page, words: Words, house: House, visit_id: str) -> None:
    sealed = "SELECT number FROM reports WHERE visit_id = :id AND superseded_at IS NULL AND signature_id IS NOT NULL"
    assert wait_until(lambda: bool(rows(house, sealed, id=visit_id)), 120, 0.2), house.log("worker")
    page.reload()
    expect(page.get_by_role("button", name=re.compile(words["report"]))).to_be_visible()
    well_made(page)
    page.get_by_role("button", name=words["right"]).click()
    expect(page.get_by_role("heading", name=words["confirmed"])).to_be_visible()
    assert rows(house, "SELECT status FROM visits WHERE id = :id", id=visit_id) == [("confirmed",)]
    page.get_by_role("link", name=words["proof"]).click()
    page.goto(f"{page.url.partition('?')[0]}?lang={words['language']}")
    expect(page.locator(".verdict.good")).to_contain_text("Wang Fang")
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
