"""Somebody who never saw the desk, from the sign-in page to a resolved conflict: by mouse alone, by keyboard alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.house import House
from tests.browser.offline import OfflinePhone
from tests.browser.steps import PASSWORD, accessibility_faults, call
from tests.browser.workshop import Workshop, moment

FAR = 100  # presses of Tab within which everything on a screen must be reached


@pytest.fixture(scope="module")
def house(pages: None, engine: None) -> Iterator[House]:
    """A Callout without the demo day, with everything that works behind it."""
    opened = House(f"t_{os.getpid()}_newcomer", Path(os.environ["CALLOUT_DATA"]), demo=False)
    try:
        opened.open().staff()
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def workshop(house: House) -> Workshop:
    """Three engineers, of whom one has a visit already."""
    made = Workshop(house).open()
    name, person = next(iter(made.engineers.items()))
    visit = made.job("Yearly service", name, made.day(1), (14, 16))
    start = {"engineer_id": person, "start": moment(made.day(1), 15)}
    call(house, f"/visits/{visit['id']}/assign", made.token, start)
    return made


@dataclass
class Mouse:
    """Whoever has only a mouse."""

    page: Page

    def sign_in(self) -> None:
        self.page.get_by_role("button", name="Dispatcher").click()

    def next_day(self) -> None:
        self.page.get_by_role("button", name="Day after").click()

    def screen(self, name: str) -> None:
        self.page.get_by_role("link", name=re.compile(f"^{name}")).click()

    def queue(self) -> None:
        """It is in sight already."""

    def press(self, what: Locator) -> None:
        what.click()

    def close(self) -> None:
        self.page.locator(".panel").get_by_role("button", name="Close").click()


@dataclass
class Keyboard:
    """Whoever has only a keyboard, and reads the list of keys first."""

    page: Page

    def sign_in(self) -> None:
        expect(self.page.get_by_label("E-mail")).to_be_focused()
        for words in ("dispatcher@demo.callout", PASSWORD):
            self.page.keyboard.type(words)
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")

    def next_day(self) -> None:
        self.page.keyboard.press("]")

    def screen(self, name: str) -> None:
        self.page.keyboard.press("?")
        keys = self.page.get_by_role("dialog", name="Keys of the desk")
        key = keys.locator("dt", has=self.page.locator(f"xpath=following-sibling::dd[1][.='{name}']")).inner_text()
        self.page.keyboard.press("Escape")
        expect(keys).to_have_count(0)
        self.page.keyboard.press(key)

    def queue(self) -> None:
        self.page.keyboard.press("q")

    def press(self, what: Locator) -> None:
        """By Tab until it has the focus, then as a keyboard presses a tick or a button."""
        expect(what).to_be_visible()
        expect(what).to_be_enabled()
        for _ in range(FAR):
            if what.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"{FAR} presses of Tab do not reach {what}")
        self.page.keyboard.press("Space" if what.get_attribute("type") == "checkbox" else "Enter")

    def close(self) -> None:
        self.page.keyboard.press("Escape")


Hand = Mouse | Keyboard


@dataclass
class Newcomer:
    """What somebody does on the first day, with either hand; `mark` tells this one's jobs from those of others."""

    page: Page
    workshop: Workshop
    hand: Hand
    mark: str

    def work(self) -> None:
        day = self.workshop.day(1)
        self.prepare(day)
        self.arrive(day)
        self.assign_the_most_urgent()
        self.plan_and_apply_in_part(day)
        self.resolve()

    def prepare(self, day: date) -> None:
        """Something urgent, two visits that no one person can both reach in time, and a disagreement."""
        west, middle, east = self.workshop.engineers
        self.workshop.job(f"Filter {self.mark} west", west, day, (8, 9))
        self.workshop.job(f"Filter {self.mark} east", east, day, (8, 9))
        self.workshop.job(f"Water {self.mark}", middle, day, (8, 12), priority=1)
        OfflinePhone(self.workshop.house).disagree("Ring at the yard", "Ring at the front")

    def arrive(self, day: date) -> None:
        """From the sign-in page to the board of tomorrow."""
        self.page.goto("/")
        self.hand.sign_in()
        expect(self.page.locator(".link.live")).to_be_visible()
        expect(self.page.locator(".board-row").first).to_be_visible()
        shown = self.page.get_by_label("Day shown")
        while (before := shown.input_value()) != day.isoformat():
            self.hand.next_day()
            expect(shown).not_to_have_value(before)

    def assign_the_most_urgent(self) -> None:
        """The first card of the queue; who should take it, and why; given; seen on the board."""
        summary = f"Water {self.mark}"
        card = self.page.locator(".visit-card").first
        expect(card).to_contain_text(summary)
        expect(card).to_contain_text("Urgent")
        self.hand.queue()
        self.hand.press(card)
        best = self.page.locator(".candidate").first
        expect(best.locator(".terms")).to_contain_text("min travel")
        expect(best.locator("strong").first).to_have_text(list(self.workshop.engineers)[1])
        name = best.locator("strong").first.inner_text()
        self.hand.press(best.get_by_role("button", name=re.compile("^Assign")))
        expect(self.page.locator(".toasts")).to_contain_text(f"goes to {name}")
        expect(self.trip(name, summary)).to_be_visible()
        self.hand.close()
        expect(self.page.locator(".panel")).to_have_count(0)
        expect(self.page.locator(".visit-card", has_text=summary)).to_have_count(0)

    def plan_and_apply_in_part(self, day: date) -> None:
        """Of two who would get work one is ticked; the other's work waits on."""
        self.hand.screen("Plan")
        self.hand.press(self.page.get_by_role("button", name="Make a plan"))
        routes = self.page.locator(".routes > li:has(input)")
        expect(routes.first).to_be_visible(timeout=180_000)
        assert accessibility_faults(self.page) == []
        chosen, other = (routes.filter(has_text=f"Filter {self.mark} {side}") for side in ("west", "east"))
        expect(other).to_be_visible()
        self.hand.press(self.page.get_by_role("button", name="None", exact=True))
        self.hand.press(chosen.get_by_role("checkbox"))
        name = chosen.locator("strong").first.inner_text()
        self.hand.press(self.page.get_by_role("button", name="Apply what is ticked (1)"))
        expect(self.page.locator(".toasts")).to_contain_text("Applied for one engineer.")
        expect(chosen.locator(".tag", has_text="applied")).to_be_visible()
        self.hand.screen("Board")
        expect(self.page.get_by_label("Day shown")).to_have_value(day.isoformat())
        expect(self.trip(name, f"Filter {self.mark} west")).to_be_visible()
        expect(self.page.locator(".visit-card", has_text=f"Filter {self.mark} east")).to_be_visible()

    def resolve(self) -> None:
        self.hand.screen("Conflicts")
        row = self.page.get_by_role("row", name="Access")
        expect(row).to_contain_text("Ring at the yard")
        expect(row).to_contain_text("Ring at the front")
        self.hand.press(self.page.get_by_role("button", name="Keep both"))
        expect(self.page.get_by_text("No open conflict.")).to_be_visible()

    def trip(self, name: str, summary: str) -> Locator:
        return self.page.get_by_role("group", name=name, exact=True).locator(".trip", has_text=summary)


def test_a_newcomer_does_a_days_work_with_the_mouse_alone(desk: Page, workshop: Workshop) -> None:
    Newcomer(desk, workshop, Mouse(desk), "M").work()


def test_a_newcomer_does_a_days_work_with_the_keyboard_alone(desk: Page, workshop: Workshop) -> None:
    Newcomer(desk, workshop, Keyboard(desk), "K").work()
