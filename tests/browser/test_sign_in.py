"""The start page, as people meet it: by mouse, by keyboard, in two languages, on a phone, with a wrong password."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Opens
from tests.browser.house import House
from tests.browser.steps import PASSWORD, accessibility_faults, scrolls_sideways, sign_in


def test_a_dispatcher_signs_in_and_out_again(desk: Page, house: House) -> None:
    desk.goto("/")
    desk.get_by_role("button", name="Dispatcher").click()
    desk.wait_for_url(f"{house.url}/dispatch")
    expect(desk.get_by_role("button", name="Sign out")).to_be_visible()
    desk.get_by_role("button", name="Sign out").click()
    desk.wait_for_url(f"{house.url}/")
    expect(desk.get_by_label("Password")).to_be_visible()


def test_each_app_shows_the_way_to_whom_it_is_not_for(window: Opens, house: House) -> None:
    engineer = window()
    sign_in(engineer, "engineer1", "/dispatch")
    engineer.get_by_role("link", name="To the field app").click()
    engineer.wait_for_url(f"{house.url}/field/")
    dispatcher = window()
    sign_in(dispatcher, "dispatcher", "/field/")
    dispatcher.get_by_role("link", name="To the dispatch desk").click()
    dispatcher.wait_for_url(f"{house.url}/dispatch")


def test_an_engineer_signs_in_by_keyboard_alone(phone: Page, house: House) -> None:
    phone.goto("/")
    expect(phone.get_by_label("E-mail")).to_be_focused()
    phone.keyboard.type("engineer1@demo.callout")
    phone.keyboard.press("Tab")
    phone.keyboard.type(PASSWORD)
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{house.url}/field/")


def test_who_is_signed_in_already_chooses_where_to_go(desk: Page, house: House) -> None:
    sign_in(desk, "dispatcher")
    desk.wait_for_url(f"{house.url}/dispatch")
    desk.goto("/")
    expect(desk.get_by_text("Signed in as")).to_be_visible()
    desk.get_by_role("link", name="Dispatch desk").click()
    desk.wait_for_url(f"{house.url}/dispatch")


def test_after_signing_in_one_is_where_one_wanted_to_be(desk: Page, house: House) -> None:
    wanted = "/dispatch/visits/7?day=today"
    desk.goto(wanted)
    desk.wait_for_url(f"{house.url}/?next={quote(wanted, safe='')}")
    desk.get_by_label("E-mail").fill("dispatcher@demo.callout")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url(house.url + wanted)


def test_another_site_is_no_place_to_go_on_to(desk: Page, house: House) -> None:
    sign_in(desk, "dispatcher", quote("//evil.example/", safe=""))
    desk.wait_for_url(f"{house.url}/dispatch")


def test_what_is_wrong_is_said_in_words_and_what_was_typed_stays(desk: Page) -> None:
    desk.goto("/")
    desk.get_by_label("E-mail").fill("dispatcher@demo.callout")
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_text("Please fill this in.")).to_be_visible()
    expect(desk.get_by_label("Password")).to_be_focused()
    desk.get_by_label("Password").fill("not the password")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_have_text("The e-mail address and the password do not fit together.")
    expect(desk.get_by_label("E-mail")).to_have_value("dispatcher@demo.callout")


def test_whoever_comes_while_the_demo_is_being_made_is_signed_in_once_it_is_there(desk: Page, house: House) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        problem = {"type": "/problems/demo-being-made", "title": "The demo day is being made", "status": 503}
        headers = {"Content-Type": "application/problem+json", "Retry-After": "1"}
        return route.fulfill(status=503, headers=headers, body=json.dumps(problem))

    desk.route("**/api/v1/auth/token", answer)
    desk.goto("/")
    desk.get_by_role("button", name="Dispatcher").click()
    expect(desk.get_by_text("The demo day is being made.")).to_be_visible()
    desk.wait_for_url(f"{house.url}/dispatch")
    assert len(asked) == 2


def test_without_a_network_the_page_says_so_and_then_goes_on(desk: Page, house: House) -> None:
    desk.goto("/")
    desk.context.set_offline(True)
    desk.get_by_role("button", name="Dispatcher").click()
    expect(desk.get_by_role("alert")).to_contain_text("cannot be reached")
    desk.context.set_offline(False)
    desk.get_by_role("button", name="Sign in").click()
    desk.wait_for_url(f"{house.url}/dispatch")


def test_chinese_by_the_browsers_wish_and_by_choice_and_it_stays(window: Opens, desk: Page) -> None:
    chinese = window(locale="zh-CN")
    chinese.goto("/")
    expect(chinese.get_by_label("电子邮箱")).to_be_visible()
    desk.goto("/")
    desk.get_by_label("Language").select_option("zh-CN")
    expect(desk.get_by_role("button", name="登录")).to_be_visible()
    expect(desk).to_have_title("登录 · Callout")
    desk.reload()
    expect(desk.get_by_role("button", name="登录")).to_be_visible()
    assert desk.evaluate("document.documentElement.lang") == "zh-CN"


def test_dark_by_the_systems_wish_and_by_choice(desk: Page) -> None:
    def brightness() -> int:
        colour = desk.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

    desk.goto("/")
    assert brightness() > 600
    desk.emulate_media(color_scheme="dark")
    assert brightness() < 150
    desk.get_by_label("Appearance").select_option("light")
    assert brightness() > 600
    desk.reload()
    assert brightness() > 600


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_and_use_it(window: Opens, locale: str, scheme: str) -> None:
    page = window(**{**PHONE, "viewport": {"width": 320, "height": 640}}, locale=locale, color_scheme=scheme)
    page.goto("/")
    expect(page.locator("form")).to_be_visible()
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
