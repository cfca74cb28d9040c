"""A customer signs by a link, on a small phone: reads, gets a code, draws; and anybody can check it afterwards."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.field import draw
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, office, scrolls_sideways

SMALL = {**PHONE, "viewport": {"width": 360, "height": 640}}
SIGNER = "Wang Fang"


@pytest.fixture
def visit(house: House, request: pytest.FixtureRequest) -> str:
    """The id of a visit that somebody is to do, and nobody has signed; another one for each test."""
    token = office(house)
    taken: set[str] = request.module.__dict__.setdefault("_taken", set())
    for found in call(house, "/visits?status=dispatched&limit=50", token)["items"]:
        if found["id"] not in taken:
            taken.add(found["id"])
            return str(found["id"])
    raise AssertionError("The demo day has too few dispatched visits.")


def link(house: House, visit_id: str, language: str = "en") -> str:
    """A fresh link, made by the dispatcher."""
    body = {"channel": "sms", "address": "+1 415 5550123", "signer_name": SIGNER, "language": language}
    return str(call(house, f"/visits/{visit_id}/sign-link", office(house), body)["url"])


def get_code(page: Page, button: str = "Send me a code") -> None:
    """Ask for the code and enter it, as the demo shows it."""
    page.get_by_role("button", name=button).click()
    page.locator("input[name=code]").fill(shown_code(page))


def shown_code(page: Page) -> str:
    """The code that a demo shows, having nobody to send it."""
    shown = page.locator("form .notice.good")
    expect(shown).to_be_visible()
    return "".join(letter for letter in shown.inner_text() if letter.isdigit())


def signatures(house: House, visit_id: str) -> list[dict[str, Any]]:
    """What the office sees of a visit's sign-offs."""
    return list(call(house, f"/visits/{visit_id}/signatures", office(house))["items"])


def sealed(house: House, visit_id: str) -> bytes:
    """The sealed report, as the office fetches it; it is made in the background."""
    request = urllib.request.Request(f"{house.url}/api/v1/visits/{visit_id}/report.pdf")
    request.headers = {"Authorization": f"Bearer {office(house)}", "Prefer": "wait=10"}
    for _ in range(12):
        with urllib.request.urlopen(request, timeout=60) as answer:
            if answer.status == 200:
                return bytes(answer.read())
    raise AssertionError(house.log("relay") + house.log("worker"))


def test_a_customer_signs_by_link_and_everybody_can_check_it(window: Opens, house: House, visit: str) -> None:
    house.staff("worker", "relay")
    phone, address = window(**SMALL), link(house, visit)
    phone.goto(address)
    expect(phone.locator(".report")).to_be_visible()
    expect(phone.get_by_label("Your name")).to_have_value(SIGNER)
    assert accessibility_faults(phone) == []
    assert not scrolls_sideways(phone)
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(phone.get_by_text("Please sign in the field.")).to_be_visible()
    draw(phone)
    get_code(phone)
    assert accessibility_faults(phone) == []

    note = {"body": "Changed the filter as well."}
    call(house, f"/visits/{visit}/notes", office(house), note)
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(phone.get_by_text("The report was changed since you last saw it")).to_be_in_viewport()
    expect(phone.locator(".report")).to_contain_text("Changed the filter as well.")
    assert signatures(house, visit) == []
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(phone.get_by_text("Please sign in the field.")).to_be_visible()
    draw(phone)
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(phone.get_by_role("heading", name="Thank you. Your signature is kept.")).to_be_visible()
    mark = phone.locator("code").inner_text()

    (kept,) = signatures(house, visit)
    assert (kept["signer_name"], kept["method"], kept["outcome"]) == (SIGNER, "remote_link", "signed")
    assert (kept["state"], kept["doc_sha256"]) == ("recorded", mark)
    phone.reload()
    expect(phone.get_by_text("This link has served")).to_be_visible()
    phone.goto("/verify")
    report: FilePayload = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": sealed(house, visit)}
    phone.locator("input[type=file]").set_input_files(report)
    phone.locator("form[method=post] button").click()
    expect(phone.locator(".verdict.good")).to_contain_text(SIGNER)
    expect(phone.locator(".verdict.good")).to_contain_text("one-time code")


def test_refusing_in_chinese_is_kept_with_its_reason(window: Opens, house: House, visit: str) -> None:
    phone = window(**SMALL, locale="zh-CN")
    phone.goto(link(house, visit, "zh"))
    expect(phone).to_have_title("签署服务报告 · Callout")
    draw(phone)
    phone.get_by_role("button", name="我不签字").click()
    expect(phone.get_by_label("原因")).to_be_focused()
    phone.keyboard.type("价格不对")
    get_code(phone, "发送验证码")
    assert accessibility_faults(phone) == []
    assert not scrolls_sideways(phone)
    phone.get_by_role("button", name="发送", exact=True).click()
    expect(phone.get_by_role("heading", name="您的拒签及原因已保存。")).to_be_visible()
    (kept,) = signatures(house, visit)
    assert (kept["outcome"], kept["reason"]) == ("refused", "价格不对")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(30):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No key leads to {wanted}.")


def test_by_keyboard_alone(desk: Page, house: House, visit: str) -> None:
    desk.goto(link(house, visit))
    tab_to(desk, desk.get_by_role("application"))
    expect(desk.get_by_text("the arrow keys draw")).to_be_in_viewport()
    for key in ("Space", *["ArrowRight"] * 8, "Space", *["ArrowDown"] * 3, "Space", *["ArrowLeft"] * 8):
        desk.keyboard.press(key)
    tab_to(desk, desk.get_by_role("button", name="Send me a code"))
    desk.keyboard.press("Enter")
    code = shown_code(desk)
    tab_to(desk, desk.locator("input[name=code]"))
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Your signature is kept")).to_be_visible()
    assert [kept["outcome"] for kept in signatures(house, visit)] == ["signed"]


def test_what_is_wrong_with_a_link_or_a_code_is_said_in_words(phone: Page, house: House, visit: str) -> None:
    phone.goto("/sign/nothing")
    expect(phone.get_by_text("This is not a link for signing")).to_be_visible()
    former, newer = link(house, visit), link(house, visit)
    phone.goto(former)
    expect(phone.get_by_text("A newer link took the place of this one")).to_be_visible()
    phone.goto(newer)
    draw(phone)
    get_code(phone)
    code = phone.locator("input[name=code]")
    code.fill(f"{(int(code.input_value()) + 1) % 10**6:06}")
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(phone.get_by_text("This is not the code. 4 tries are left.")).to_be_visible()
    expect(code).to_be_focused()
    phone.get_by_role("button", name="Send me another code").click()
    expect(phone.get_by_role("alert")).to_contain_text("Try again in")
    assert signatures(house, visit) == []
