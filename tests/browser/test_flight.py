"""A visit in flight mode, while the office changes its mind; then it all goes over a line that hardly carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import (
    answer_what_is_asked,
    cut_off,
    draw,
    next_action,
    open_app,
    take_photo,
    unsent,
)
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.making import CHECKLIST, engineer_of, give, given, rows, visit_of
from tests.browser.steps import accessibility_faults, arrive, call, office, scrolls_sideways, small_targets

MOST_TAPS = 12
NOTE = "Replaced the worn part. 已更换磨损件。"
STEPS = ["accepted", "en_route", "on_site", "working", "completed"]


@dataclass(frozen=True)
class Badness:
    """How bad the line is on the way back, and how long everything may take on it."""

    bits_per_second: float
    most: int
    patience_s: int


SHORT = Badness(bits_per_second=600_000, most=8, patience_s=120)
FULL = Badness(bits_per_second=20_000, most=10_000, patience_s=900)
SHARE = 0.3


@pytest.mark.parametrize("badness", [SHORT, pytest.param(FULL, marks=pytest.mark.long)], ids=["short", "full"])
def test_a_whole_visit_in_flight_mode_arrives_once(window: Opens, house: House, badness: Badness) -> None:
    house.staff("worker", "relay")
    mine = given(house, "engineer1", checklist=CHECKLIST, requires_signature=True, required_photos=2)
    other = given(house, "engineer1")
    with Line(house.port, seed=7).open() as line:
        phone = window(**PHONE, base_url=line.url)
        open_app(phone)
        cut_off(phone)
        accept_only(phone, other["id"])
        taps, photos = do_all(phone, mine["id"])
        assert taps <= MOST_TAPS
        changed_meanwhile(house, mine, other)
        reloaded(phone)

        line.worsen(badness.bits_per_second, SHARE, badness.most)
        phone.context.set_offline(False)
        wait_s = badness.patience_s
        expect(phone.locator(".state-line")).to_contain_text("Everything is sent", timeout=wait_s * 1000)
        assert line.cuts >= 4, line.exchanges
        everything_arrived_once(house, mine["id"], photos, wait_s)
        sealed_once(house, mine["id"])
        both_see_the_conflict(phone, house, other, wait_s)
        phone.goto(f"/field/visits/{mine['id']}")
        expect(phone.get_by_text("The dog bites.")).to_be_visible(timeout=wait_s * 1000)
        everybody_can_read(phone, {"zh-CN": f"visits/{mine['id']}", "en": "conflicts"})
    nothing_is_missing_on_the_desk(window(), mine["id"])


def nothing_is_missing_on_the_desk(desk: Page, visit_id: str) -> None:
    arrive(desk, "dispatcher", f"/dispatch/board?visit={visit_id}&tab=job")
    line = desk.locator(".timeline")
    expect(line).to_contain_text(NOTE)
    expect(line).to_contain_text(re.compile(r"Part used: 1 × \w+"))
    expect(line).to_contain_text("Signed by")
    expect(line.locator("img")).to_have_count(2)
    answers = desk.locator(".checklist dd")
    expect(answers).to_have_count(len(CHECKLIST))
    assert "—" not in answers.all_inner_texts()


def accept_only(phone: Page, visit_id: str) -> None:
    phone.goto(f"/field/visits/{visit_id}")
    next_action(phone).filter(has_text="Accept").click()
    expect(phone.locator(".state.accepted").first).to_be_visible()


def do_all(phone: Page, visit_id: str) -> tuple[int, list[str]]:
    """The whole visit without a network, with a reload in between. Returns the presses and what the photos are."""
    phone.goto(f"/field/visits/{visit_id}")
    taps = 0
    for action in ("Accept", "Set off", "I am here"):
        next_action(phone).filter(has_text=action).click()
        taps += 1
    taps += answer_what_is_asked(phone, "Before work begins")
    next_action(phone).filter(has_text="Start work").click()
    expect(phone.locator(".state.working").first).to_be_visible()
    phone.reload()
    expect(phone.locator(".state.working").first).to_be_visible()
    photos = [a_photo(phone, number) for number in (1, 2)]
    take_from_the_van(phone)
    write_a_note(phone)
    taps += 1 + answer_what_is_asked(phone, "Before you finish")
    next_action(phone).filter(has_text="Let the customer sign").click()
    expect(phone.locator(".report")).to_contain_text(NOTE)
    draw(phone)
    phone.get_by_role("button", name="Sign", exact=True).click()
    next_action(phone).filter(has_text="Complete the visit").click()
    expect(phone.locator(".state.completed").first).to_be_visible()
    return taps + 3, photos


def a_photo(phone: Page, number: int) -> str:
    sha256 = take_photo(phone, phone.locator("#photos").get_by_role("button", name="Take a photo"), 10 * number)
    expect(phone.locator("#photos img")).to_have_count(number)
    return sha256


def take_from_the_van(phone: Page) -> None:
    phone.get_by_role("button", name="Take from the van").click()
    phone.locator(".sheet li button").first.click()
    phone.locator(".sheet").get_by_role("button", name="Take", exact=True).dblclick()  # as gloves do; it is taken once
    expect(phone.locator(".sheet")).to_have_count(0)


def write_a_note(phone: Page) -> None:
    phone.get_by_label("Add a note").fill(NOTE)
    phone.get_by_role("button", name="Save").dblclick()  # and written once
    expect(phone.locator(".note").last).to_contain_text(NOTE)


def changed_meanwhile(house: House, mine: dict[str, Any], other: dict[str, Any]) -> None:
    """The dispatcher gives the other visit to somebody else, and edits the place of the one that is being done."""
    give(house, other["id"], "engineer2")
    job = call(house, f"/jobs/{mine['job_id']}", office(house))
    site = call(house, f"/sites/{job['site_id']}", office(house))
    call(house, f"/sites/{site['id']}", office(house), {"access_notes": "The dog bites."}, site["rev"])


def reloaded(phone: Page) -> None:
    """Nothing that was not sent is lost by it."""
    waiting = unsent(phone)
    assert waiting >= 10
    phone.reload()
    expect(phone.locator(".state-line")).to_contain_text("unsent, oldest")
    assert unsent(phone) >= waiting  # the line may still have been counting before


def everything_arrived_once(house: House, visit_id: str, photos: list[str], wait_s: int) -> None:
    media = "SELECT sha256 FROM media WHERE visit_id = :id AND state = 'complete' ORDER BY captured_at"
    assert wait_until(lambda: rows(house, media, id=visit_id) == [(sha256,) for sha256 in photos], wait_s, 0.2)
    for table, number in (("part_uses", 1), ("notes", 1), ("checklist_answers", 2), ("media", 2), ("time_entries", 2)):
        assert rows(house, f"SELECT count(*) FROM {table} WHERE visit_id = :id", id=visit_id) == [(number,)], table
    did = "SELECT to_status FROM visit_events WHERE visit_id = :id AND engineer_id = :who AND applied ORDER BY seq"
    done = [to for (to,) in rows(house, did, id=visit_id, who=engineer_of(house, "engineer1")) if to in STEPS]
    assert done == STEPS
    signed = rows(house, "SELECT state, content_diverged FROM signatures WHERE visit_id = :id", id=visit_id)
    assert signed == [("recorded", False)]
    assert rows(house, "SELECT status FROM visits WHERE id = :id", id=visit_id) == [("completed",)]
    assert rows(house, "SELECT kind FROM conflicts WHERE visit_id = :id", id=visit_id) == []


def sealed_once(house: House, visit_id: str) -> None:
    sealed = "SELECT signature_id IS NOT NULL FROM reports WHERE visit_id = :id AND superseded_at IS NULL"
    left = "SELECT name, state, count(*) FROM tasks WHERE run_after < now() AND state <> 'done' GROUP BY 1, 2"
    assert wait_until(lambda: rows(house, sealed, id=visit_id) == [(True,)], 120, 0.2), rows(house, left)


def both_see_the_conflict(phone: Page, house: House, other: dict[str, Any], wait_s: int) -> None:
    assert visit_of(house, {"id": other["job_id"]})["engineer_id"] == engineer_of(house, "engineer2")
    desk = call(house, f"/conflicts?visit_id={other['id']}", office(house))["items"]
    assert [(one["kind"], one["status"]) for one in desk] == [("late_fact", "open")]
    phone.goto("/field/conflicts")
    told = phone.locator(
        ".conflict.open", has_text="You worked on this visit, and the office had changed it meanwhile."
    )
    expect(told).to_have_count(1, timeout=wait_s * 1000)
    expect(told).to_contain_text("Waits for the office")
    expect(phone.locator(".state-line")).to_contain_text("one to look at")
    phone.goto(f"/field/visits/{other['id']}")
    expect(phone.get_by_text("What you did at it was sent.")).to_be_visible(timeout=wait_s * 1000)
    phone.get_by_role("link", name="See what the office is deciding").click()
    expect(told).to_have_count(1)


def everybody_can_read(phone: Page, places: dict[str, str]) -> None:
    """What came of it, by language; the other screens are tried in both elsewhere."""
    for language, place in places.items():
        phone.evaluate("language => localStorage.setItem('callout.locale', language)", language)
        phone.goto(f"/field/{place}")
        expect(phone.locator("html")).to_have_attribute("lang", language)
        expect(phone.locator("main")).to_be_visible()
        assert accessibility_faults(phone) == [], place
        assert not scrolls_sideways(phone), place
        assert small_targets(phone) == [], place
