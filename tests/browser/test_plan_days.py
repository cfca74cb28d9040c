"""A plan of several days at the desk: made, read day by day, compared with what was, and applied. Why nobody can go."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, Opens
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, call, scrolls_sideways, sign_in
from tests.browser.workshop import Workshop, moment

SMALL: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}
WORDS = {
    "en-GB": ("How many days", "2 days", "before: 0", "One waiting visit belongs to another day"),
    "zh-CN": ("天数", "2 天", "之前：0", "1 次待安排的上门属于其他日期"),
}


@pytest.fixture(scope="module")
def house(empty_house: House, engine: None) -> House:
    """With everything that works behind it."""
    empty_house.staff()
    return empty_house


@pytest.fixture(scope="module")
def workshop(house: House) -> Workshop:
    """One engineer works on both coming days, one is away; a visit waits for each day, and one for next week."""
    made = Workshop(house).open()
    (name, person), _, (_, away) = made.engineers.items()
    gone = {"starts_at": moment(made.tomorrow, 0), "ends_at": moment(made.tomorrow, 23)}
    made.post("/absences", engineer_id=away, reason="sick", **gone)
    second = made.tomorrow + timedelta(days=1)
    made.post("/shifts", engineer_id=person, starts_at=moment(second, 8), ends_at=moment(second, 17))
    for summary, days in (("First day", 0), ("Second day", 1), ("Next week", 7)):
        made.job(summary, name, made.tomorrow + timedelta(days=days), (9, 12))
    return made


def shown(page: Page, workshop: Workshop, words: tuple[str, ...]) -> None:
    """The plan of two days, both days on the screen."""
    label, choice, before, elsewhere = words
    sign_in(page, "dispatcher", quote(f"/dispatch/plan?day={workshop.tomorrow}"))
    page.get_by_label(label).select_option(label=choice)
    page.locator(".side input[type=number]").last.fill("1")
    page.locator(".side button[type=submit]").click()
    days = page.locator(".plan-day")
    expect(days).to_have_count(2, timeout=180_000)
    expect(days.nth(0)).to_contain_text("First day")
    expect(days.nth(1)).to_contain_text("Second day")
    expect(page.locator(".totals")).to_contain_text(before)
    page.get_by_text(elsewhere).click()
    expect(page.get_by_role("button", name="Next week")).to_be_visible()
    assert "{" not in page.locator("main, .page").first.inner_text(), "a word without its number"
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize(("locale", "size"), [("zh-CN", DESK), ("en-GB", SMALL)], ids=["zh-1440", "en-1024"])
def test_a_plan_of_two_days_is_read_day_by_day(
    window: Opens, workshop: Workshop, locale: str, size: dict[str, Any]
) -> None:
    page = window(**size, locale=locale)
    shown(page, workshop, WORDS[locale])


def test_whoever_is_ticked_is_applied_on_all_days(window: Opens, workshop: Workshop) -> None:
    page = window(**DESK)
    shown(page, workshop, WORDS["en-GB"])
    boxes = page.locator(".plan-day").get_by_role("checkbox")
    page.get_by_role("button", name="None", exact=True).click()
    boxes.first.check()
    expect(boxes.last).to_be_checked()
    page.get_by_role("button", name="Apply what is ticked (1)").click()
    expect(page.locator(".toasts")).to_contain_text("Applied for one engineer.")
    expect(page.locator(".plan-day .tag", has_text="applied")).to_have_count(2)
    visits = call(workshop.house, "/visits?limit=50", workshop.token)["items"]
    planned = sorted(one["planned_start"] for one in visits if one["status"] == "dispatched")
    assert len(planned) == 2
    assert planned[0][:10] < planned[1][:10]


def test_a_plan_that_is_applied_although_its_answer_was_lost_is_shown_as_applied(
    window: Opens, workshop: Workshop
) -> None:
    page = window(**DESK)
    workshop.job("Lost answer", "Wang West", workshop.tomorrow, (13, 16))
    sign_in(page, "dispatcher", quote(f"/dispatch/plan?day={workshop.tomorrow}"))
    page.get_by_label("Seconds to think").fill("1")
    page.get_by_role("button", name="Make a plan").click()
    expect(page.locator(".routes > li", has_text="Lost answer")).to_be_visible(timeout=180_000)

    def lose(route: Route) -> None:
        route.fetch()  # the server takes it
        route.abort()

    page.route("**/plans/*/apply", lose)
    page.get_by_role("button", name=re.compile("^Apply")).first.click()
    applied = page.locator(".routes .tag", has_text="applied")
    expect(applied.first).to_be_visible()
    expect(page.locator(".toasts .good")).to_contain_text("Applied for")
    expect(page.locator(".toasts .bad")).to_have_count(0)
    page.goto(f"/dispatch/board?day={workshop.tomorrow}")
    expect(page.locator(".trip", has_text="Lost answer")).to_be_visible()
    page.go_back()
    page.locator(".plan-name").first.click()
    page.get_by_role("button", name="Take back what is applied").click()
    expect(applied).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Apply"))).to_be_enabled()


@pytest.mark.parametrize(
    ("locale", "size", "told"),
    [
        ("en-GB", SMALL, "2 without time left for it · 1 away"),
        ("zh-CN", DESK, "2 人没有空余时间 · 1 人请假"),
    ],
    ids=["en-1024", "zh-1440"],
)
def test_who_cannot_go_is_summed_up_and_the_absent_are_named(
    window: Opens, workshop: Workshop, locale: str, size: dict[str, Any], told: str
) -> None:
    away, day = list(workshop.engineers)[2], workshop.tomorrow
    visit = workshop.job(f"Late {locale}", away, day, (16, 17))  # nobody else is home in time
    page = window(**size, locale=locale)
    sign_in(page, "dispatcher", quote(f"/dispatch/board?day={day}&visit={visit['id']}&tab=who"))
    expect(page.locator(".who-cannot")).to_have_text(told)
    expect(page.locator(".rejected")).to_contain_text(away)
    assert accessibility_faults(page) == []


def test_slack_is_changed_where_plans_are_made_and_told_to_whoever_may_not(window: Opens, workshop: Workshop) -> None:
    """Last in this file: what is kept free is kept free in all plans after it."""
    label, path = "Kept free on days after today, %", quote(f"/dispatch/plan?day={workshop.tomorrow}")
    page = window(**DESK)
    sign_in(page, "admin", path)
    field = page.get_by_label(label)
    expect(field).to_have_value("0")
    field.fill("20")
    with page.expect_response(lambda one: one.request.method == "PUT" and one.url.endswith("/settings")) as saved:
        page.locator(".side button[type=submit]").click()
    assert saved.value.ok
    other = window(**DESK)
    sign_in(other, "dispatcher", path)
    expect(other.get_by_text("20 % of each shift after today is kept free")).to_be_visible()
    expect(other.get_by_label(label)).to_have_count(0)
