"""Somebody who never saw the desk: from the sign-in page to a resolved conflict, by mouse alone and by keyboard alone;
from an empty organisation to the first dispatched job. And every screen of it for everybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, Opens
from tests.browser.desk_screens import fill, screens
from tests.browser.hands import Hand, Keyboard, Mouse
from tests.browser.house import House
from tests.browser.offline import OfflinePhone
from tests.browser.steps import PASSWORD, accessibility_faults, arrive, call, office, scrolls_sideways
from tests.browser.workshop import ZONE, Workshop, moment, today

SMALL: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def house(empty_house: House, engine: None) -> House:
    """With everything that works behind it."""
    empty_house.staff()
    return empty_house


@pytest.fixture(scope="module")
def workshop(house: House) -> Workshop:
    """Three engineers, of whom one has a visit already."""
    made = Workshop(house).open()
    name, person = next(iter(made.engineers.items()))
    visit = made.job("Yearly service", name, made.tomorrow, (14, 16))
    start = {"engineer_id": person, "start": moment(made.tomorrow, 15)}
    call(house, f"/visits/{visit['id']}/assign", made.token, start)
    return made


@dataclass
class Newcomer:
    """What somebody does on the first day, with either hand; `mark` tells this one's jobs from those of others."""

    page: Page
    workshop: Workshop
    hand: Hand
    mark: str

    def work(self) -> None:
        day = self.workshop.tomorrow
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
        OfflinePhone(self.workshop.house).disagree(f"Ring at the yard {self.mark}", f"Ring at the front {self.mark}")

    def arrive(self, day: date) -> None:
        """From the sign-in page to the board of tomorrow."""
        self.page.goto("/")
        self.hand.sign_in()
        expect(self.page.locator(".link.live")).to_be_visible()
        expect(
            self.page.get_by_text("Nobody works on this day.").or_(self.page.locator(".board-row")).first
        ).to_be_visible()
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
        expect(row).to_contain_text(f"Ring at the yard {self.mark}")
        expect(row).to_contain_text(f"Ring at the front {self.mark}")
        self.hand.press(self.page.get_by_role("button", name="Keep both"))
        expect(self.page.get_by_text("No open conflict.")).to_be_visible()
        self.hand.stand()

    def trip(self, name: str, summary: str) -> Locator:
        return self.page.get_by_role("group", name=name, exact=True).locator(".trip", has_text=summary)


def test_a_newcomer_does_a_days_work_with_the_mouse_alone(desk: Page, workshop: Workshop) -> None:
    Newcomer(desk, workshop, Mouse(desk), "M").work()


def test_a_newcomer_does_a_days_work_with_the_keyboard_alone(desk: Page, workshop: Workshop) -> None:
    Newcomer(desk, workshop, Keyboard(desk), "K").work()


CSV = """No,Subject,Address,Customer,Lat,Lon
1,No hot water,1 Main Street,Lin,31.23,121.47
2,,2 Main Street,Lin,31.23,121.47
"""
BROUGHT = "requests 1, jobs 1, new sites 1, new customers 1, known already 0"


def test_an_empty_organisation_comes_to_its_first_dispatched_job(desk: Page, house: House) -> None:
    house.found("boss@demo.callout", str(ZONE))
    day = next(day for day in (today() + timedelta(days=ahead) for ahead in range(1, 4)) if day.weekday() < 5)
    arrive(desk, "boss", f"/dispatch/setup?day={day}")
    expect(desk.get_by_text("0 of 5 steps are done.")).to_be_visible()
    step(desk, "Skills", {"Name": "Gas"})
    step(desk, "Kinds of work", {"Name": "Boiler repair", "What must be ticked": "Gas valve is tight"}, choose="Gas")
    step(desk, "Engineers", {"Name": "Ann", "Starts from": "31.23, 121.47"}, tick="Gas")
    draw_territory(desk, "Centre", "Ann")
    step(desk, "Customers and sites", {"Customer": "Wu", "Address": "1 Main Street", "Latitude": "31.231, 121.471"})
    give_sign_in(desk, "Ann", "ann@demo.callout")
    call(house, "/me", office(house, "ann"))
    bring(desk, CSV)
    expect(desk.get_by_text("5 of 5 steps are done.")).to_be_visible()
    if not desk.get_by_role("button", name="Take a call").is_visible():
        desk.locator("#step-first > summary").click()
    desk.get_by_role("button", name="Take a call").click()
    desk.get_by_label("Who calls, or where?").fill("Wu")
    desk.get_by_role("radio", name="Wu").check()
    desk.get_by_label("What kind of work").select_option(index=1)
    desk.get_by_label("What is wrong").fill("Smells of gas")
    desk.get_by_label("From", exact=True).fill("08:00")
    desk.get_by_label("Until", exact=True).fill("12:00")
    desk.get_by_role("button", name="Create and choose who goes").click()
    desk.locator(".candidate").first.get_by_role("button", name="Assign: Ann").click()
    expect(desk.locator(".toasts")).to_contain_text("goes to Ann")
    desk.get_by_role("link", name="Board", exact=True).click()
    expect(desk.get_by_role("group", name="Ann").locator(".trip", has_text="Smells of gas")).to_be_visible()


def opened(page: Page, name: str) -> Locator:
    """The form of a step of the set-up; the next one is open by itself."""
    form = page.get_by_role("form", name=name)
    if not form.is_visible():
        page.locator("summary", has_text=name).first.click()
    expect(form).to_be_visible()
    return form


def step(page: Page, name: str, words: dict[str, str], choose: str = "", tick: str = "") -> None:
    form = opened(page, name)
    for label, value in words.items():
        form.get_by_label(label).fill(value)
    if choose:
        form.get_by_label("Skill it needs").select_option(label=choose)
    if tick:
        form.get_by_label(tick).check()
    add(page, form, words.get("Name") or words["Customer"])


def add(page: Page, form: Locator, name: str) -> None:
    form.get_by_role("button", name="Add").click()
    expect(page.locator(".toasts")).to_contain_text(f"{name} is there.")
    page.locator(".toasts").get_by_role("button", name="Dismiss").last.click()


def draw_territory(page: Page, name: str, engineer: str) -> None:
    """Three clicks on the map."""
    form = opened(page, "Territories")
    form.get_by_label("Name").fill(name)
    box = form.locator(".draw[data-ready=true]")
    for x, y in ((150, 280), (500, 280), (325, 60)):
        box.click(position={"x": x, "y": y})
    expect(form.get_by_label("Corners")).to_have_value(re.compile(r"^(-?[\d.]+, -?[\d.]+\n?){3}$"))
    form.get_by_label(engineer).check()
    add(page, form, name)


def give_sign_in(page: Page, engineer: str, email: str) -> None:
    form = opened(page, "Who can sign in")
    form.get_by_label("What they do").select_option("engineer")
    form.get_by_label("Which engineer").select_option(engineer)
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("First password").fill(PASSWORD)
    add(page, form, engineer)


def bring(page: Page, words: str) -> None:
    """A file of which one row is good: looked at, then taken."""
    form = opened(page, "Bring requests")
    form.get_by_label("CSV file").set_input_files({"name": "old.csv", "mimeType": "text/csv", "buffer": words.encode()})
    form.get_by_label("Kind of work").select_option("Boiler repair")
    form.get_by_role("button", name="Look at it first").click()
    expect(form.get_by_text(f"(nothing has been written): {BROUGHT}")).to_be_visible()
    expect(form.get_by_text("Line 3: subject: empty")).to_be_visible()
    form.get_by_role("button", name="Import one row").click()
    expect(form.get_by_text(f"Done: {BROUGHT}")).to_be_visible()


LONG = pytest.mark.long
SCREENS = [
    ("zh-CN", "dark", SMALL),
    pytest.param("en-GB", "light", DESK, marks=LONG),
    pytest.param("zh-CN", "light", DESK, marks=LONG),
    pytest.param("en-GB", "dark", NARROW, marks=LONG),
]


@pytest.mark.parametrize(("locale", "scheme", "size"), SCREENS)
def test_every_screen_can_be_read_by_everybody(
    window: Opens, workshop: Workshop, shown: dict[str, str], locale: str, scheme: str, size: dict[str, Any]
) -> None:
    page = window(**size, locale=locale, color_scheme=scheme)
    arrive(page, "dispatcher", "/healthz")
    for name in screens(page, workshop.tomorrow, shown["visit"]):
        assert (name, accessibility_faults(page)) == (name, [])
        assert (name, scrolls_sideways(page)) == (name, False)


def test_an_auditor_reads_every_screen_and_is_offered_nothing_that_is_refused(
    window: Opens, workshop: Workshop, shown: dict[str, str]
) -> None:
    auditor = {"email": "auditor@demo.callout", "name": "Ada", "role": "auditor", "password": PASSWORD}
    call(workshop.house, "/users", office(workshop.house, "admin"), auditor)
    page = window(**DESK)
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    arrive(page, "auditor", "/healthz")
    deeds = re.compile("^(Assign|Apply|Discard|Make a plan|Take a call|Add|Save|Keep|Undo|Revoke|＋ New job)")
    for name in screens(page, workshop.tomorrow, shown["visit"], dialogs="/?"):
        if name != "work":  # views are saved in the browser
            assert (name, page.locator("main button", has_text=deeds).all_inner_texts()) == (name, [])
        assert (name, page.locator(".plan-day input").count()) == (name, 0)
    assert refused == []


@pytest.fixture(scope="module")
def shown(workshop: Workshop) -> dict[str, str]:
    """What the screens show."""
    return fill(workshop, workshop.tomorrow)
