"""The job drawer beyond sending somebody: offers, work that is claimed, links for signing, who changed what; and lists
that are longer than a screen.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Opens
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, arrive, call, office, scrolls_sideways, sign_in
from tests.browser.workshop import Workshop, moment, today

MANY = 105
LANGUAGES = pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
WORDS: dict[str, dict[str, str]] = {
    "en-GB": {
        "offer": "Offer it", "engineer": "Engineer", "minutes": "Minutes to answer", "ask": "Ask",
        "asked": "Li Lin is asked", "listed": "Who was asked", "waits": "asked, answer by",
        "declined": "declined: Too far",
        "open": "Let it be claimed", "is open": "Open to claim", "close": "Nobody may claim it", "job": "Job",
        "sign": "Let the customer sign by link", "to": "Phone or mail of who signs", "make": "Make the link",
        "end": "End it", "ended": "ended", "copy": "Copy", "copied": "Copied.",
    },
    "zh-CN": {
        "offer": "征询人员", "engineer": "工程师", "minutes": "答复时限（分钟）", "ask": "询问",
        "asked": "已询问 Li Lin", "listed": "已询问的人", "waits": "已询问", "declined": "已拒绝: Too far",
        "open": "开放领取", "is open": "可领取", "close": "停止领取", "job": "工单",
        "sign": "让客户通过链接签名", "to": "签名人的电话或邮箱", "make": "生成链接",
        "end": "停用", "ended": "已停用", "copy": "复制", "copied": "已复制。",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def house(empty_house: House) -> House:
    """What is answered counts at once."""
    empty_house.staff()
    return empty_house


@pytest.fixture(scope="module")
def workshop(house: House) -> Workshop:
    """Its second engineer has a phone, too."""
    made = Workshop(house).open()
    lin = {"email": "engineer2@demo.callout", "name": "Li Lin", "role": "engineer", "password": "callout-demo"}
    user, person = made.post("/users", **lin), call(house, f"/engineers/{made.engineers['Li Lin']}", made.token)
    call(house, f"/engineers/{person['id']}", made.token, {"user_id": user}, person["rev"])
    return made


def opened(page: Page, visit: dict[str, Any], day: date) -> None:
    """The job's tab of a visit beside the board."""
    sign_in(page, "dispatcher", quote(f"/dispatch/board?day={day}&visit={visit['id']}&tab=job"))
    expect(page.locator(".panel .timeline li").first).to_be_visible()


@LANGUAGES
def test_a_visit_is_offered_and_the_desk_sees_the_answer(
    window: Opens, workshop: Workshop, house: House, locale: str
) -> None:
    t, page = WORDS[locale], window(**DESK, locale=locale)
    visit = workshop.job("Offer me", "Li Lin", workshop.tomorrow, (8, 16))
    opened(page, visit, workshop.tomorrow)
    page.get_by_text(t["offer"], exact=True).click()
    form = page.get_by_role("form", name=t["offer"])
    form.get_by_label(t["engineer"]).select_option("Li Lin")
    form.get_by_label(t["minutes"]).fill("45")
    assert accessibility_faults(page) == []
    form.get_by_role("button", name=t["ask"]).click()
    expect(page.locator(".toasts")).to_contain_text(t["asked"])
    asked = page.get_by_role("region", name=t["listed"])
    expect(asked).to_contain_text(t["waits"])
    expect(form).to_have_count(0)
    assert not scrolls_sideways(page)
    no = {"to": "rejected", "reason": "Too far"}
    call(house, f"/visits/{visit['id']}/transitions", office(house, "engineer2"), no)
    expect(asked).to_contain_text(t["declined"])


@LANGUAGES
def test_a_visit_is_put_up_to_be_claimed_and_taken_back(
    window: Opens, workshop: Workshop, house: House, locale: str
) -> None:
    t, page = WORDS[locale], window(**DESK, locale=locale)
    visit = workshop.job("Claim me", "Li Lin", workshop.tomorrow, (8, 16))
    phone = office(house, "engineer2")

    def offered() -> bool:
        return visit["id"] in {one["id"] for one in call(house, "/dispatch/pool", phone)["items"]}

    opened(page, visit, workshop.tomorrow)
    card = page.locator(f".queue [data-visit='{visit['id']}']")
    page.get_by_role("button", name=t["open"]).click()
    expect(card).to_contain_text(t["is open"])
    assert offered()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name=t["close"]).click()
    expect(page.get_by_role("button", name=t["open"])).to_be_visible()
    assert not offered()
    page.get_by_role("button", name=t["open"]).click()
    expect(card).to_contain_text(t["is open"])
    call(house, f"/visits/{visit['id']}/claim", phone, {})
    expect(card).to_have_count(0)
    expect(page.locator(".panel header")).to_contain_text("Li Lin")


@LANGUAGES
def test_a_link_for_signing_is_made_copied_and_ended(
    window: Opens, workshop: Workshop, house: House, locale: str
) -> None:
    t, page = WORDS[locale], window(**DESK, locale=locale, permissions=["clipboard-read", "clipboard-write"])
    visit = workshop.job("Sign me", "Li Lin", workshop.tomorrow, (8, 16))
    given = {"engineer_id": workshop.engineers["Li Lin"], "force": True, "reason": "Asked"}
    call(house, f"/visits/{visit['id']}/assign", workshop.token, {**given, "start": moment(workshop.tomorrow, 10)})
    for step in ("accepted", "en_route", "on_site", "working"):
        call(house, f"/visits/{visit['id']}/transitions", office(house, "engineer2"), {"to": step})
    opened(page, visit, workshop.tomorrow)
    page.get_by_text(t["sign"], exact=True).click()
    form = page.get_by_role("form", name=t["sign"])
    form.get_by_label(t["to"]).fill("+86 138 0013 4711")
    form.get_by_role("button", name=t["make"]).click()
    address = page.locator(".notice a.address")
    expect(address).to_have_attribute("href", re.compile(rf"^{house.url}/sign/.+"))
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    page.locator(".notice").get_by_role("button", name=t["copy"]).click()
    expect(page.locator(".toasts")).to_contain_text(t["copied"])
    url = str(address.get_attribute("href"))
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert page.request.get(url.replace("/sign/", "/api/v1/sign/")).status == 200
    line = page.locator(".links li", has_text="••••4711").first
    line.get_by_role("button", name=t["end"]).click()
    expect(line).to_contain_text(t["ended"])
    expect(address).to_have_count(0)
    assert page.request.get(url.replace("/sign/", "/api/v1/sign/")).status == 410


def test_the_timeline_tells_who_changed_what_to_whoever_may_read_it(
    window: Opens, workshop: Workshop, house: House
) -> None:
    visit = workshop.job("Change me", "Li Lin", workshop.tomorrow, (8, 16))
    page = window(**DESK)
    opened(page, visit, workshop.tomorrow)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("What is wrong").fill("Change me, please")
    page.get_by_label("Priority", exact=True).select_option(label="High")
    page.get_by_role("button", name="Save", exact=True).click()
    edit = page.locator(".timeline li", has_text="Job changed")
    expect(edit).to_contain_text("by Dina")
    expect(edit).to_contain_text("What is wrong: Change me → Change me, please")
    expect(edit).to_contain_text("Priority: Normal → High")
    expect(page.locator(".timeline li", has_text="Job made")).to_contain_text("by Ada")
    assert accessibility_faults(page) == []
    agent = {"email": "agent@demo.callout", "name": "Ann", "role": "agent", "password": "callout-demo"}
    workshop.post("/users", **agent)
    other = window(**DESK)
    sign_in(other, "agent", quote(f"/dispatch/board?day={workshop.tomorrow}&job={visit['job_id']}"))
    expect(other.locator(".panel .timeline li").first).to_be_visible()
    expect(other.locator(".timeline")).not_to_contain_text("by Dina")
    expect(other.get_by_text("Job changed")).to_have_count(0)


def test_what_is_half_written_stays_with_its_visit_and_its_author_until_it_is_sent(
    window: Opens, workshop: Workshop
) -> None:
    first, second = (workshop.job(name, "Li Lin", workshop.tomorrow, (8, 16)) for name in ("Half", "Other"))
    page = window(**DESK)
    opened(page, first, workshop.tomorrow)
    note = page.get_by_label("Add a note")
    note.fill("Ring tw")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("What is wrong").fill("Half of it")
    page.goto(page.url.replace(first["id"], second["id"]))
    expect(note).to_have_value("")
    page.goto(page.url.replace(second["id"], first["id"]))
    expect(page.get_by_label("What is wrong")).to_have_value("Half of it")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(note).to_have_value("Ring tw")
    arrive(page, "admin", page.url)
    expect(note).to_have_value("")
    arrive(page, "dispatcher", page.url)
    note.fill("Ring twice")
    page.get_by_role("button", name="Add", exact=True).dblclick()
    expect(page.locator(".timeline")).to_contain_text("Ring twice")
    page.reload()
    expect(page.locator(".timeline > li", has_text="Ring twice")).to_have_count(1)
    expect(note).to_have_value("")


def test_the_promised_time_is_edited_with_the_job_and_holding_is_told_apart_from_cancelling(
    window: Opens, workshop: Workshop, house: House
) -> None:
    visit = workshop.job("Hold me", "Li Lin", workshop.tomorrow, (8, 16))
    page = window(**DESK)
    opened(page, visit, workshop.tomorrow)
    page.get_by_role("button", name="Edit").click()
    edit = page.locator("form", has=page.get_by_role("group", name="Promised"))
    edit.get_by_label("Until", exact=True).fill("07:00")
    edit.get_by_role("button", name="Save", exact=True).click()
    until = edit.get_by_label("Until", exact=True)
    expect(until).to_have_accessible_description("It ends before it begins.")
    until.fill("15:00")
    edit.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".panel header")).to_contain_text("08:00–15:00")
    assert call(house, f"/visits/{visit['id']}", workshop.token)["window_end"].startswith(
        datetime.fromisoformat(moment(workshop.tomorrow, 15)).astimezone(UTC).isoformat()[:16]
    )
    page.get_by_role("button", name="Cancel job").click()
    cancel = page.get_by_role("form", name="Cancel the job")
    expect(cancel).to_contain_text("every visit that has not begun is called off")
    page.get_by_role("button", name="Put on hold…").click()
    expect(cancel).to_have_count(0)
    hold = page.get_by_role("form", name="Put the job on hold")
    hold.get_by_label("Reason").fill("Waits for a valve")
    hold.get_by_label("Resume on").fill("2026-01-02")
    hold.get_by_role("button", name="Put on hold").click()
    expect(hold.get_by_label("Resume on")).to_have_accessible_description("The day to go on lies in the past.")
    hold.get_by_label("Resume on").fill("0002-12-01")  # a year that is only half typed
    hold.get_by_role("button", name="Put on hold").click()
    expect(hold.get_by_label("Resume on")).to_have_accessible_description(re.compile("Write a whole day"))
    hold.get_by_label("Resume on").fill(str(workshop.tomorrow))
    assert accessibility_faults(page) == []
    hold.get_by_role("button", name="Put on hold").click()
    expect(page.locator(".panel")).to_contain_text("Waits for a valve · until")
    page.get_by_role("button", name="Take off hold").click()
    expect(page.get_by_role("button", name="Put on hold…")).to_be_visible()


def test_every_job_is_reached_however_many_wait(desk: Page, workshop: Workshop, house: House) -> None:
    """On a day of its own, so that the others' work is not among it."""
    day = today() + timedelta(days=40)
    window = {"window_start": moment(day, 8), "window_end": moment(day, 16)}
    values = {"site_id": workshop.sites["Li Lin"], "job_type_id": workshop.kind, "summary": "One of many"}
    jobs = [workshop.post("/jobs", **values, visits=[window] * (MANY // 3)) for _ in range(3)]
    sign_in(desk, "dispatcher", quote(f"/dispatch/board?day={day}"))
    waiting = desk.get_by_role("button", name=re.compile(r"^Waiting \(\d+\)$"))
    expect(waiting).to_be_visible()
    cards = desk.locator(".queue .visit-card", has_text="One of many")
    expect(desk.locator(".queue .more")).to_contain_text("100 of ")
    to_the_end(desk, ".queue .cards")
    expect(cards).to_have_count(MANY)
    expect(desk.locator(".queue .more")).to_have_count(0)
    desk.goto(f"/dispatch/work?day={day}")
    desk.get_by_label("Filter").fill("one of many")
    desk.get_by_role("button", name="Kanban").click()
    lane = desk.get_by_role("region", name="Waiting")
    expect(lane.locator("h3")).to_have_text(f"Waiting ({MANY})")
    expect(lane.locator(".more")).to_contain_text(f"60 of {MANY} are shown.")
    to_the_end(desk, ".page .main")
    expect(lane.locator(".visit-card")).to_have_count(MANY)
    for job in jobs:
        call(house, f"/jobs/{job}/cancel", workshop.token, {"reason": "Enough"})


def to_the_end(page: Page, scroller: str) -> None:
    """Scrolls down as far as it goes."""
    page.locator(scroller).evaluate("box => box.scrollTo({ top: box.scrollHeight })")
