"""The board at hours of the day that are not those of the test: where it opens, and what is said of work left over."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.house import House
from tests.browser.steps import PASSWORD, accessibility_faults, arrive, await_truth, call
from tests.browser.workshop import Workshop, moment

NOW_AT = """() => {
  const [board, now] = ['.scroller', '.hours .now'].map((one) => document.querySelector(one).getBoundingClientRect());
  const names = document.querySelector('.board-row .name').getBoundingClientRect();
  return (now.left - names.right) / (board.right - names.right);
}"""
"""At which part of the hours in sight now stands."""


@pytest.fixture(scope="module")
def workshop(empty_house: House) -> Workshop:
    """Two visits of its day that have not begun: one of three hours from eleven, one of an hour from two."""
    made = Workshop(empty_house).open()
    given(made, "An hour of work", "Li Lin", 14)
    made.kind = made.post("/job-types", code="large", name="Large repair", duration_s=10_800, requires_signature=False)
    given(made, "Three hours of work", "Wang West", 11)
    return made


def given(workshop: Workshop, summary: str, name: str, hour: int) -> None:
    """A visit of the day that an engineer holds from an hour on."""
    visit = workshop.job(summary, name, workshop.tomorrow, (8, 17))
    order = {
        "engineer_id": workshop.engineers[name], "start": moment(workshop.tomorrow, hour), "force": True,
        "reason": "That is the plan",
    }  # fmt: skip
    call(workshop.house, f"/visits/{visit['id']}/assign", workshop.token, order)


@pytest.fixture
def house(empty_house: House) -> House:
    """Nothing of the demo day."""
    return empty_house


def come(page: Page, workshop: Workshop, hour: int) -> None:
    """The board of the workshop's day, while the browser's clock shows that hour of it."""
    page.clock.set_fixed_time(moment(workshop.tomorrow, hour))
    arrive(page, "dispatcher", "/dispatch/board")
    expect(page.get_by_role("group", name="Li Lin", exact=True)).to_be_visible()


def test_the_board_opens_at_now_and_comes_back_to_it(window: Opens, workshop: Workshop) -> None:
    desk = window(viewport={"width": 1024, "height": 768})  # too narrow for all hours of the day
    come(desk, workshop, 12)
    await_truth(desk, f"Math.abs(({NOW_AT})() - 1 / 3) < 0.05")
    for _ in range(3):
        desk.get_by_role("button", name="Closer").click()
    await_truth(desk, f"Math.abs(({NOW_AT})() - 1 / 3) < 0.05")
    desk.locator(".scroller").evaluate("it => it.scrollLeft = 0")
    await_truth(desk, f"Math.abs(({NOW_AT})() - 1 / 3) > 0.1")
    desk.get_by_role("button", name="Now", exact=True).click()
    await_truth(desk, f"Math.abs(({NOW_AT})() - 1 / 3) < 0.05")


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en-GB", ("At risk (1)", "One visit needs another day", "Needs another day", "Should have begun")),
     ("zh-CN", ("有风险（1）", "1 次上门需改天", "需改天", "应已开始"))],
    ids=["en", "zh"],
)  # fmt: skip
def test_what_cannot_be_done_any_more_is_told_apart_from_what_is_late(
    window: Opens, workshop: Workshop, locale: str, words: tuple[str, str, str, str]
) -> None:
    risk, undone, sign, late = words
    desk = window(locale=locale)
    come(desk, workshop, 15)
    desk.get_by_role("button", name=undone).click()
    cards = desk.locator(".queue .visit-card")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text(["Three hours of work"])
    expect(cards.first).to_contain_text(sign)
    desk.get_by_role("button", name=risk).click()
    expect(cards).to_contain_text(["An hour of work"])
    expect(cards.first).to_contain_text(late)
    expect(desk.locator(".trip", has_text="Three hours of work")).to_have_attribute("title", re.compile(sign))
    assert accessibility_faults(desk) == []


def test_the_arrows_walk_over_the_bars_and_enter_opens_one(desk: Page, workshop: Workshop) -> None:
    come(desk, workshop, 9)
    first, second = (desk.locator(".trip", has_text=summary) for summary in ("An hour of work", "Three hours of work"))
    expect(second).to_be_visible()
    desk.keyboard.press("b")
    expect(first).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    assert [one.get_attribute("tabindex") for one in (first, second)] == ["-1", "0"]
    desk.keyboard.press("Home")  # a row begins with the name
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog").get_by_text("Skills")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.locator(".person-name:focus")).to_have_count(1)
    second.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".panel h2")).to_have_text("Three hours of work")


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en-GB", ("Change the promised time", "From", "Until", "Promise this time")),
     ("zh-CN", ("更改承诺时间", "从", "到", "承诺此时间"))],
    ids=["en", "zh"],
)  # fmt: skip
def test_a_promise_that_nobody_can_keep_is_changed_beside_who_could_go(
    window: Opens, workshop: Workshop, locale: str, words: tuple[str, str, str, str]
) -> None:
    change, since, until, save = words
    visit = workshop.job(f"Promise me {locale}", "Li Lin", workshop.tomorrow, (2, 3))
    desk = window(locale=locale)
    arrive(desk, "dispatcher", f"/dispatch/board?day={workshop.tomorrow}&visit={visit['id']}&tab=who")
    form = desk.locator("details", has=desk.get_by_text(change, exact=True))
    expect(form).to_have_attribute("open", "")  # nobody can go: the way out lies open
    form.get_by_label(since, exact=True).fill("13:00")
    form.get_by_label(until, exact=True).fill("15:00")
    form.get_by_role("button", name=save).click()
    expect(desk.locator(".toasts")).to_contain_text(visit["job_number"])
    expect(desk.locator(".candidate").first).to_be_visible()
    kept = call(workshop.house, f"/visits/{visit['id']}", workshop.token)
    assert datetime.fromisoformat(kept["window_end"]) == datetime.fromisoformat(moment(workshop.tomorrow, 15))
    assert accessibility_faults(desk) == []


def test_a_name_opens_the_card_of_an_engineer_and_the_map_goes_there(desk: Page, workshop: Workshop) -> None:
    arrive(desk, "dispatcher", f"/dispatch/board?day={workshop.tomorrow}")
    name = desk.get_by_role("group", name="Li Lin", exact=True).locator(".person-name")
    name.click()
    card = desk.get_by_role("dialog", name="Li Lin")
    for fact in ("Phone", "Skills", "Works on", "Territories", "Position"):
        expect(card).to_contain_text(fact)
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(name).to_be_focused()
    desk.keyboard.press("/")
    desk.get_by_role("combobox", name="Search everything").fill("Li Lin")
    expect(desk.get_by_role("option", name=re.compile("Engineers Li Lin"))).to_be_visible()
    desk.keyboard.press("Enter")
    card.get_by_role("button", name="On the map").click()
    expect(desk.locator(".map").get_by_role("group", name="Li Lin")).to_be_visible()


def test_who_called_is_chosen_among_the_people_of_a_known_customer(desk: Page, workshop: Workshop) -> None:
    account = call(workshop.house, f"/sites/{workshop.sites['Li Lin']}", workshop.token)["account_id"]
    people = {name: workshop.post("/contacts", account_id=account, name=name) for name in ("Ann Lin", "Bo Lin")}
    arrive(desk, "dispatcher", f"/dispatch/board?day={workshop.tomorrow}")
    desk.get_by_role("button", name="New job").click()
    desk.get_by_label("Who calls, or where?").fill("Yard of Li")
    desk.locator(".spots input").first.check()
    who = desk.get_by_label("Who called")
    expect(who).to_have_value(people["Ann Lin"])  # the first is proposed
    who.select_option(label="Bo Lin")
    desk.get_by_label("What kind of work").select_option(label="Repair")
    desk.get_by_label("What is wrong").fill("Called by Bo")
    desk.get_by_role("button", name="Create and choose who goes").click()
    expect(desk.locator(".panel h2")).to_have_text("Called by Bo")
    jobs = call(workshop.house, "/jobs?sort=-created_at&limit=5", workshop.token)["items"]
    assert [job["contact_id"] for job in jobs if job["summary"] == "Called by Bo"] == [people["Bo Lin"]]


def test_a_call_hears_what_is_open_at_the_site_and_adds_whoever_calls(desk: Page, workshop: Workshop) -> None:
    site = workshop.sites["East Evans"]
    boiler = workshop.post("/assets", site_id=site, name="Boiler", serial="B-17")
    there = workshop.job("Boiler drips", "East Evans", workshop.tomorrow, (8, 12))
    arrive(desk, "dispatcher", f"/dispatch/board?day={workshop.tomorrow}")

    def call_in(summary: str) -> None:
        desk.get_by_role("button", name="New job").click()
        desk.get_by_label("Who calls, or where?").fill("Yard of East")
        desk.locator(".spots input").first.check()
        desk.get_by_label("What is wrong").fill(summary)

    call_in("Drips again")
    assert accessibility_faults(desk) == []
    desk.get_by_role("button", name=f"Open it instead: {there['job_number']}").click()
    expect(desk.locator(".panel h2")).to_have_text("Boiler drips")
    call_in("Boiler is cold")
    desk.get_by_label("Who called").select_option(label="Somebody else: write them down")
    desk.get_by_label("Caller").fill("Cy Lin")
    desk.get_by_label("Phone").fill("+86 138 0013 4712")
    desk.get_by_label("What it is about").select_option(label="Boiler · B-17")
    desk.get_by_label("What kind of work").select_option(label="Repair")
    desk.get_by_role("button", name="Create and choose who goes").click()
    expect(desk.locator(".panel h2")).to_have_text("Boiler is cold")
    made = call(workshop.house, f"/jobs?site_id={site}&sort=-created_at&limit=1", workshop.token)["items"][0]
    caller = call(workshop.house, f"/contacts/{made['contact_id']}", workshop.token)
    account = call(workshop.house, f"/sites/{site}", workshop.token)["account_id"]
    assert made["asset_id"] == boiler
    assert (caller["name"], caller["phone"], caller["account_id"]) == ("Cy Lin", "+86 138 0013 4712", account)


def test_two_who_decide_at_once_are_asked_which_decision_stands(window: Opens, workshop: Workshop) -> None:
    """The second has not heard of the first, who gives the visit to Li Lin and then to East Evans."""
    workshop.post("/users", email="second@demo.callout", name="Omar", role="dispatcher", password=PASSWORD)
    visit = workshop.job("Two want me", "Li Lin", workshop.tomorrow, (8, 17))
    address = f"/dispatch/board?day={workshop.tomorrow}&visit={visit['id']}&tab=who"
    first, second = window(), window()
    second.route("**/api/v1/events", lambda route: route.abort())
    for page, who in ((first, "dispatcher"), (second, "second")):
        arrive(page, who, address)

    def give(page: Page, name: str) -> None:
        one = page.locator(".candidate", has=page.get_by_text(name, exact=True))
        one.get_by_role("button", name=re.compile("^Assign")).click()

    asked = second.get_by_role("dialog", name="Somebody else decided meanwhile")
    for chosen, answer, stands in (
        ("Li Lin", "Leave it so", "Li Lin"),
        ("East Evans", "Decide otherwise all the same", "Wang West"),
    ):
        expect(second.locator(".candidate", has_text="Wang West")).to_be_visible()
        give(first, chosen)
        expect(first.locator(".panel header")).to_contain_text(chosen)
        give(second, "Wang West")
        expect(asked).to_contain_text(f"Dina gave {visit['job_number']} to {chosen} a moment ago")
        assert accessibility_faults(second) == []
        asked.get_by_role("button", name=answer).click()
        expect(asked).to_have_count(0)
        expect(second.locator(".panel header")).to_contain_text(stands)
        now = call(workshop.house, f"/visits/{visit['id']}", workshop.token)
        assert now["engineer_id"] == workshop.engineers[stands]
