"""The dispatcher at the desk: a call comes in, somebody is sent, another desk sees it, it is undone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, Opens
from tests.browser.house import House
from tests.browser.offline import OfflinePhone
from tests.browser.steps import accessibility_faults, arrive, scrolls_sideways

SMALL: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}


def working_days(page: Page, token: str) -> list[str]:
    """The days after today on which people work: what is planned there does not hang on the hour of the test."""

    def read(path: str) -> Any:
        return page.request.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}).json()

    zone = ZoneInfo(read("me")["organisation"]["timezone"])
    starts = [shift["starts_at"] for shift in read("shifts?sort=starts_at&limit=200")["items"]]
    days = {datetime.fromisoformat(moment).astimezone(zone).date() for moment in starts}
    return [day.isoformat() for day in sorted(days) if day > datetime.now(zone).date()]


def come(page: Page, screen: str = "board") -> list[str]:
    """Open a screen as the dispatcher on a coming working day. Returns that day and those after it."""
    days = working_days(page, arrive(page, "dispatcher", "/healthz"))
    page.goto(f"/dispatch/{screen}?day={days[0]}")
    expect(page.locator(".link.live")).to_be_visible()
    expect(page.locator(".board-row").first).to_be_visible()
    return days


def take_call(page: Page, summary: str, kind: str = "Air conditioner repair") -> None:
    """A caller who is known, at one of the customer's sites, some time of the day shown."""
    page.get_by_role("button", name="New job").click()
    page.get_by_label("Who calls, or where?").fill("Parker")
    page.locator(".spots input").first.check()
    page.get_by_label("What kind of work").select_option(label=next_option(page, kind))
    page.get_by_label("What is wrong").fill(summary)
    page.get_by_label("From", exact=True).fill("08:00")
    page.get_by_label("Until", exact=True).fill("17:00")
    page.get_by_role("button", name="Create and choose who goes").click()
    expect(page.locator(".panel h2")).to_have_text(summary)


def next_option(page: Page, start: str) -> str:
    return page.locator("option", has_text=start).first.inner_text()


def bar(page: Page, summary: str) -> Locator:
    return page.locator(".trip", has_text=summary)


@pytest.mark.parametrize("size", [DESK, SMALL], ids=["1440", "1024"])
def test_a_call_becomes_a_job_and_somebody_is_sent(window: Opens, size: dict[str, Any]) -> None:
    page, other = window(**size), window(**SMALL)
    day, *_ = come(page)
    come(other)
    summary = f"Cold room is warm {size['viewport']['width']}"
    take_call(page, summary)
    best = page.locator(".candidate").first
    expect(best.get_by_text(re.compile(r"begins \d\d:\d\d, done \d\d:\d\d"))).to_be_visible()
    expect(best.locator(".terms")).to_contain_text("min travel")
    assert accessibility_faults(page) == []
    name = best.locator("strong").first.inner_text()
    best.get_by_role("button", name=re.compile("^Assign")).click()
    expect(page.locator(".toasts")).to_contain_text(f"goes to {name}")
    expect(bar(page, summary)).to_be_visible()
    expect(bar(other, summary)).to_be_visible()  # a desk asks for nothing by itself: it was told; how soon is measured
    assert f"day={day}" in page.url
    assert not scrolls_sideways(page)
    page.keyboard.press("Escape")
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(bar(page, summary)).to_have_count(0)
    expect(bar(other, summary)).to_have_count(0)
    expect(page.locator(".visit-card", has_text=summary)).to_be_visible()


def test_single_letters_are_no_keys_once_they_are_switched_off(desk: Page) -> None:
    """For whoever speaks to the computer (WCAG 2.1.4); the choice outlives the page, and can be taken back."""
    come(desk)
    dialog = desk.get_by_role("dialog")
    for ticked, opened in ((False, 0), (True, 1)):
        desk.get_by_role("button", name="Keys", exact=False).first.click()
        dialog.get_by_role("checkbox", name="Single keys count").set_checked(ticked)
        desk.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        desk.reload()
        expect(desk.locator(".board-row").first).to_be_visible()
        desk.keyboard.press("n")
        desk.keyboard.press("Control+z")  # a later key: what the first one did has been done
        expect(dialog).to_have_count(opened)


def test_a_visit_of_another_day_stays_open_says_its_day_and_is_given_back(desk: Page) -> None:
    """The caller asks for a later day than the one that is shown."""
    later = come(desk)[1]
    desk.keyboard.press("n")
    desk.get_by_label("Day", exact=True).fill(later)
    desk.keyboard.press("Escape")
    take_call(desk, "Not before then")
    day = f"{datetime.fromisoformat(later):%b} {int(later[-2:])} "
    best = desk.locator(".candidate").first
    expect(best).to_contain_text(re.compile(rf"begins {day}\d\d:\d\d, done \d\d:\d\d"))
    best.get_by_role("button", name=re.compile("^Assign")).click()
    expect(desk.locator(".toasts")).to_contain_text(day)
    expect(desk.locator(".panel")).to_contain_text("Sent out")
    desk.keyboard.press("[")
    expect(desk.locator(".board-row").first).to_be_visible()
    expect(desk.locator(".panel h2")).to_have_text("Not before then")
    desk.get_by_text("Assign by hand").click()
    expect(desk.locator(".manual input[type=date]")).to_have_value(later)
    desk.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(desk.locator(".panel")).to_contain_text("Nobody yet")


def test_a_drop_that_breaks_a_rule_counts_only_with_a_reason(desk: Page) -> None:
    come(desk)
    take_call(desk, "Drop me")
    desk.get_by_text(re.compile(r"\d+ who cannot|One who cannot")).click()
    name = desk.locator(".rejected li strong").first.inner_text()
    desk.keyboard.press("Escape")
    row = desk.get_by_role("group", name=name, exact=True).locator(".hours")
    drag(desk, desk.locator(".visit-card", has_text="Drop me"), row)
    asked = desk.get_by_role("dialog")
    expect(asked).to_contain_text("A rule breaks:")
    force = asked.get_by_role("button", name="Assign with this reason")
    expect(force).to_be_disabled()
    asked.get_by_label("Reason").fill("Learns on the job today")
    force.click()
    expect(row.locator(".trip", has_text="Drop me")).to_be_visible()
    expect(asked).to_have_count(0)


def test_dragging_a_bar_moves_it_and_control_z_moves_it_back(desk: Page) -> None:
    come(desk)
    take_call(desk, "Move me")
    desk.locator(".candidate").first.get_by_role("button", name=re.compile("^Assign")).click()
    mine = bar(desk, "Move me")
    expect(mine).to_be_visible()
    desk.keyboard.press("Escape")
    before = mine.get_attribute("title")
    box = mine.bounding_box()
    assert box
    desk.mouse.move(box["x"] + 8, box["y"] + 8)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 130, box["y"] + 8, steps=6)
    expect(desk.locator(".ghost")).to_be_visible()
    desk.mouse.up()
    expect(mine).not_to_have_attribute("title", str(before))
    desk.keyboard.press("Control+z")
    expect(mine).to_have_attribute("title", str(before))


def test_when_the_link_is_cut_the_desk_says_so_and_catches_up(window: Opens) -> None:
    page, other = window(**DESK), window(**DESK)
    come(page)
    come(other)
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("No connection since")
    take_call(other, "While you were away")
    page.context.set_offline(False)
    expect(page.locator(".link.live")).to_be_visible(timeout=20_000)
    expect(page.locator(".visit-card", has_text="While you were away")).to_be_visible()


def test_a_half_written_job_is_still_there_after_the_window_was_closed(desk: Page) -> None:
    come(desk)
    desk.keyboard.press("n")
    desk.get_by_label("What is wrong").fill("Water in the cellar")
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.reload()
    expect(desk.locator(".board-row").first).to_be_visible()
    desk.keyboard.press("n")
    expect(desk.get_by_label("What is wrong")).to_have_value("Water in the cellar")
    desk.get_by_role("button", name="Discard").click()
    expect(desk.get_by_label("What is wrong")).to_have_value("")


def test_what_is_wrong_with_a_call_stands_at_its_field_and_a_time_that_is_over_is_asked_about(desk: Page) -> None:
    come(desk)
    desk.keyboard.press("n")
    create = desk.get_by_role("button", name="Create and choose who goes")
    create.click()
    who = desk.get_by_label("Who calls, or where?")
    expect(who).to_be_focused()
    expect(who).to_have_accessible_description(re.compile("Choose where"))
    expect(desk.get_by_label("What kind of work")).to_have_accessible_description("Choose what kind of work it is.")
    who.fill("Nobody knows them")
    desk.get_by_role("button", name="Somebody new").click()
    caller = desk.get_by_label("Caller")
    caller.fill("x" * 301)
    desk.get_by_label("Address").fill("1 New Road")
    desk.get_by_label("What kind of work").select_option(index=1)
    desk.get_by_label("Until", exact=True).fill("17:00")
    create.click()
    expect(caller).to_be_focused()
    expect(caller).to_have_accessible_description(re.compile("nor longer than 300 characters"))
    assert accessibility_faults(desk) == []
    caller.fill("Ms New")
    desk.get_by_label("Day", exact=True).fill("2026-01-02")
    create.click()
    until = desk.get_by_label("Until", exact=True)
    expect(until).to_have_accessible_description(re.compile("This time is over already"))
    desk.get_by_role("button", name="Create it all the same").click()
    expect(desk.locator(".panel")).to_contain_text("1 New Road")


def test_everything_is_found_by_keyboard(desk: Page) -> None:
    come(desk)
    take_call(desk, "Needle in the haystack")
    number = desk.locator(".panel .soft").first.inner_text()
    desk.keyboard.press("Escape")
    desk.keyboard.press("/")
    expect(desk.get_by_role("combobox", name="Search everything")).to_be_focused()
    desk.keyboard.type(number)
    expect(desk.locator("#found [role=option]").first).to_contain_text("Needle in the haystack")
    desk.keyboard.press("Enter")
    expect(desk.locator(".panel h2")).to_have_text("Needle in the haystack")


def test_the_queue_is_one_stop_of_the_keyboard_and_the_arrows_walk_in_it(desk: Page) -> None:
    come(desk)
    cards = desk.locator(".queue .visit-card")
    expect(cards.nth(5)).to_be_attached()
    desk.keyboard.press("q")
    desk.keyboard.press("ArrowDown")
    expect(cards.nth(1)).to_be_focused()
    desk.keyboard.press("End")
    expect(cards.last).to_be_focused()
    expect(cards.last).to_be_in_viewport()
    expect(desk.locator(".queue .visit-card[tabindex='0']")).to_have_count(1)
    desk.keyboard.press("Tab")
    expect(desk.get_by_label("Find an engineer")).to_be_focused()


def test_a_day_that_is_typed_counts_once_it_is_whole(desk: Page) -> None:
    come(desk)
    desk.get_by_label("Day shown").focus()
    desk.keyboard.type("0505203")  # 5 May of the year 203, in whatever order the browser asks
    expect(desk.get_by_label("Day shown")).to_have_value("0203-05-05")
    expect(desk).to_have_url(re.compile(r"day=20\d\d-05-05"))
    desk.keyboard.type("0")
    expect(desk).to_have_url(re.compile("day=2030-05-05"))
    expect(desk.get_by_role("region", name="Queue")).to_be_visible()


def test_a_second_editor_is_told_of_the_first_at_once_and_loses_nothing(window: Opens) -> None:
    first, second = window(**DESK), window(**DESK)
    come(first)
    come(second)
    take_call(first, "Two write at once")
    for page in (first, second):
        page.keyboard.press("Escape")
        page.locator(".visit-card", has_text="Two write at once").click()
        page.get_by_role("button", name="Job", exact=True).click()
        page.get_by_role("button", name="Edit").click()
    second.get_by_label("Details").fill("Ring twice")
    first.get_by_label("Details").fill("Use the back door")
    first.get_by_role("button", name="Save").click()
    expect(second.get_by_text("Somebody changed this job")).to_be_visible()
    expect(second.get_by_text("Theirs: Use the back door")).to_be_visible()
    expect(second.get_by_label("Details")).to_have_value("Ring twice")
    second.get_by_role("button", name="Save mine over it").click()
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator(".facts")).to_contain_text("Ring twice")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_has_no_serious_fault_for_assistive_technology(window: Opens, locale: str, scheme: str) -> None:
    page = window(**DESK, locale=locale, color_scheme=scheme)
    come(page)
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)


def drag(page: Page, what: Locator, onto: Locator) -> None:
    """With the mouse, as a person does, to the middle of `onto`."""
    box = onto.bounding_box()
    assert box
    what.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()


def test_a_plan_is_made_looked_at_and_applied_in_part(desk: Page, house: House) -> None:
    house.staff()
    day, *_ = come(desk)
    take_call(desk, "Plan me")
    desk.keyboard.press("Escape")
    desk.get_by_role("link", name="Plan", exact=True).click()
    desk.get_by_label("Seconds to think").fill("2")
    desk.get_by_role("button", name="Make a plan").click()
    routes = desk.locator(".routes > li:has(input)")
    expect(routes.first).to_be_visible(timeout=180_000)
    assert accessibility_faults(desk) == []
    desk.get_by_role("button", name="None", exact=True).click()
    chosen = desk.locator(".routes > li", has_text="Plan me")
    chosen.get_by_role("checkbox").check()
    name = chosen.locator("strong").first.inner_text()
    desk.get_by_role("button", name="Apply what is ticked (1)").click()
    expect(desk.locator(".toasts")).to_contain_text("Applied for one engineer.")
    expect(desk.locator(".routes .tag", has_text="applied")).to_have_count(1)
    desk.goto(f"/dispatch/board?day={day}")
    expect(desk.get_by_role("group", name=name, exact=True).locator(".trip", has_text="Plan me")).to_be_visible()


def test_the_map_draws_without_any_other_server_and_a_track_is_asked_for(desk: Page) -> None:
    hosts: set[str] = set()
    desk.on("request", lambda asked: hosts.add(asked.url.split("/")[2]) if asked.url.startswith("http") else None)
    come(desk)
    desk.get_by_role("link", name="Map", exact=True).click()
    expect(desk.locator(".map canvas")).to_be_visible()
    desk.get_by_label("Go to an engineer").select_option(index=1)
    desk.get_by_role("button", name="Show the track of this day").click()
    expect(desk.locator(".person")).to_contain_text(re.compile(r"km, \d+ stops"))
    assert hosts == {desk.url.split("/")[2]}
    assert accessibility_faults(desk) == []


# The server's answer for a day, as if it had no room for all of it; of one territory it has.
CROWD = """
const real = window.fetch;
window.fetch = async (request, ...more) => {
  const answer = await real(request, ...more);
  if (!/\\/visits\\?.*from=/.test(request.url) || !answer.ok) return answer;
  return Response.json({ ...(await answer.json()), more: !request.url.includes('territory_id=') });
};
"""


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_visits_that_the_desk_has_no_room_for_are_told_of(window: Opens, locale: str) -> None:
    desk = window(**SMALL, locale=locale)
    desk.add_init_script(CROWD)
    come(desk)
    told = desk.locator(".banner")
    expect(told).to_contain_text("not all of them are shown" if locale == "en-GB" else "未全部显示")
    expect(told).to_contain_text("5,000")
    assert accessibility_faults(desk) == []
    areas = desk.locator(".tools select")
    areas.select_option(index=1)
    expect(told).to_have_count(0)  # it was asked for again, of this territory alone
    areas.select_option(index=0)
    expect(told).to_be_visible()


def test_the_work_is_sorted_filtered_and_a_view_of_it_kept(desk: Page) -> None:
    come(desk)
    take_call(desk, "Sort me")
    desk.keyboard.press("Escape")
    desk.get_by_role("link", name="Work", exact=True).click()
    desk.get_by_label("Filter").fill("sort me")
    expect(desk.locator("tr[data-visit]")).to_have_count(1)
    desk.get_by_label("Name of the view").fill("Mine")
    desk.get_by_role("button", name="Save this view").click()
    desk.reload()
    expect(desk.locator("tr[data-visit]").nth(5)).to_be_visible()
    desk.get_by_label("Saved views").select_option("Mine")
    expect(desk.locator("tr[data-visit]")).to_have_count(1)
    desk.get_by_role("button", name="Kanban").click()
    expect(desk.get_by_role("region", name="Waiting").locator(".visit-card")).to_have_count(1)
    assert accessibility_faults(desk) == []


def test_a_dispatcher_without_conflicts_or_rights_is_told_so(desk: Page) -> None:
    come(desk)
    desk.get_by_role("link", name="Conflicts", exact=True).click()
    expect(desk.get_by_text("No open conflict.")).to_be_visible()
    expect(desk.get_by_role("heading", name="Devices")).to_be_visible()
    assert accessibility_faults(desk) == []
    desk.get_by_role("link", name="Set up", exact=True).click()
    desk.get_by_text("What work demands and people have.").click()
    expect(desk.get_by_text("Your role may not change this.").first).to_be_visible()
    assert accessibility_faults(desk) == []


def test_two_truths_are_seen_side_by_side_and_each_decision_counts(desk: Page, house: House) -> None:
    come(desk)
    desk.get_by_role("link", name="Conflicts", exact=True).click()
    expect(desk.get_by_text("No open conflict.")).to_be_visible()
    phone = OfflinePhone(house)
    decisions = {
        "Take the phone’s": "phone 0",
        "Keep ours": "desk 1",
        "Keep both": "desk 2\nphone 2",
        "Write a third…": "A third",
    }
    for number, (decision, stands) in enumerate(decisions.items()):
        phone.disagree(f"phone {number}", f"desk {number}")
        row = desk.get_by_role("row", name="Access")
        expect(row.get_by_role("cell").nth(0)).to_have_text(f"phone {number}")
        expect(row.get_by_role("cell").nth(1)).to_have_text(f"desk {number}")
        expect(desk.locator(".page article")).to_contain_text(phone.site()["name"])
        assert accessibility_faults(desk) == []
        desk.get_by_role("button", name=decision).click()
        if stands == "A third":
            desk.get_by_label("Access").fill(stands)
            desk.get_by_role("button", name="Save this").click()
        expect(desk.get_by_text("No open conflict.")).to_be_visible()
        assert phone.site()["access_notes"] == stands
