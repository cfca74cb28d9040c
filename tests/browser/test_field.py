"""The engineer's phone in a real Chromium: a visit in flight mode, and everything that must survive."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from ops.processes import wait_until
from tests import database
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import (
    answer_what_is_asked,
    cut_off,
    draw,
    new_visits,
    next_action,
    open_app,
    take_photo,
    unsent,
)
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, scrolls_sideways, small_targets

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
MOST_TAPS = 12


def rows(house: House, statement: str, **values: object) -> list[tuple[object, ...]]:
    """What the server's database holds."""
    engine = create_engine(database.on(house.owner, house.name))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement), values)]
    engine.dispose()
    return found


def test_a_whole_visit_in_flight_mode_arrives_once(phone: Page, house: House) -> None:
    open_app(phone)
    cut_off(phone)
    phone.reload()
    new_visits(phone).first.click()
    visit_id = phone.url.rpartition("/")[2]
    taps = 0
    for action in ("Accept", "Set off", "I am here"):
        expect(next_action(phone)).to_have_text(action)
        next_action(phone).click()
        taps += 1
    taps += answer_what_is_asked(phone, "Before work begins")
    next_action(phone).click()
    taps += 1
    expect(phone.locator(".state.working").first).to_be_visible()
    phone.reload()
    expect(phone.locator(".state.working").first).to_be_visible()
    take_photo(phone, phone.locator("#photos").get_by_role("button", name="Take a photo"), 20)
    expect(phone.locator("#photos img")).to_have_count(1)
    phone.get_by_role("button", name="Take from the van").click()
    phone.locator(".sheet li button").first.click()
    phone.locator(".sheet").get_by_role("button", name="Take", exact=True).click()
    expect(phone.locator(".sheet")).to_have_count(0)
    phone.get_by_label("Add a note").fill("Replaced the worn part. 已更换磨损件。")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".note").last).to_contain_text("已更换磨损件")
    taps += answer_what_is_asked(phone, "Before you finish")
    if next_action(phone).inner_text() == "Let the customer sign":
        next_action(phone).click()
        taps += 1
        expect(phone.locator(".report")).to_contain_text("已更换磨损件")
        draw(phone)
        phone.get_by_role("button", name="Sign", exact=True).click()
        taps += 2
    next_action(phone).click()
    taps += 1
    expect(phone.locator(".state.completed").first).to_be_visible()
    assert taps <= MOST_TAPS
    waiting = unsent(phone)
    assert waiting >= 10
    phone.reload()
    expect(phone.locator(".state-line")).to_contain_text("unsent, oldest")
    assert unsent(phone) >= waiting  # the line may still have been counting before

    phone.context.set_offline(False)
    expect(phone.locator(".state-line")).to_contain_text("Everything is sent", timeout=60_000)
    assert rows(house, "SELECT kind, mine, theirs FROM conflicts WHERE visit_id = :id", id=visit_id) == []
    assert rows(house, "SELECT status FROM visits WHERE id = :id", id=visit_id) == [("completed",)]
    for table, least in (("part_uses", 1), ("notes", 1), ("checklist_answers", 2), ("time_entries", 2)):
        assert rows(house, f"SELECT count(*) FROM {table} WHERE visit_id = :id", id=visit_id)[0][0] >= least, table
    media = rows(house, "SELECT state, count(*) FROM media WHERE visit_id = :id GROUP BY 1", id=visit_id)
    assert [state for state, _ in media] == ["complete"]
    signed = rows(house, "SELECT state, content_diverged FROM signatures WHERE visit_id = :id", id=visit_id)
    assert signed in ([], [("recorded", False)])


def test_a_visit_is_declined_with_a_reason_and_another_given_up(phone: Page, house: House) -> None:
    open_app(phone, "engineer2")
    new_visits(phone).first.click()
    visit_id = phone.url.rpartition("/")[2]
    phone.get_by_role("button", name="Decline").click()
    phone.get_by_role("button", name="I cannot be there in time").click()
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator(".state-line")).to_contain_text("Everything is sent")
    event = "SELECT reason FROM visit_events WHERE visit_id = :id AND to_status = 'rejected'"
    # The line says so before the new mutation is counted, too: what counts is that it arrives.
    assert wait_until(lambda: rows(house, event, id=visit_id) == [("I cannot be there in time",)], 30, 0.1)


def test_signing_out_says_what_would_wait_here_and_it_is_still_there_afterwards(phone: Page) -> None:
    open_app(phone, "engineer3")
    cut_off(phone)
    new_visits(phone).first.click()
    next_action(phone).click()
    expect(phone.locator(".state.accepted").first).to_be_visible()
    phone.goto("/field/me")
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.locator(".sheet")).to_contain_text("Not sent yet: 1 unsent")
    phone.get_by_role("button", name="Stay signed in").click()
    expect(phone.locator(".state-line")).to_contain_text("1 unsent")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_and_press_it_on_a_small_phone(window: Opens, locale: str, scheme: str) -> None:
    page = window(**SMALL, locale=locale, color_scheme=scheme)
    open_app(page, "engineer4")
    for place in ("", "me", "conflicts"):
        page.goto(f"/field/{place}")
        expect(page.locator("nav")).to_be_visible()
        _usable(page)
    page.goto("/field/")
    page.locator(".visit").first.click()
    expect(page.locator("h1")).to_be_visible()
    _usable(page)


def _usable(page: Page) -> None:
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert small_targets(page) == []
