"""Every screen of the desk, one after the other, in whichever language the page is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from playwright.sync_api import Page, expect

from tests.browser.offline import OfflinePhone
from tests.browser.steps import call
from tests.browser.workshop import Workshop

DONE = ("done", "stopped")


def fill(workshop: Workshop, day: date) -> dict[str, str]:
    """Something for each screen to show. Returns a visit that waits and the day's plan, once it is made."""
    west, middle, *_ = workshop.engineers
    visit = workshop.job("Look at me", middle, day, (8, 12), priority=1)
    workshop.job("Plan me, please", west, day, (8, 9), priority=2)
    OfflinePhone(workshop.house).disagree("Ring at the yard", "Ring at the front")
    wish = {"date": day.isoformat(), "lock": "dispatched", "stability": 0.5, "time_limit_s": 1}
    plan = call(workshop.house, "/dispatch/plans", workshop.token, wish)
    return {"visit": visit["id"], "plan": plan["id"]}


DIALOGS = {"n": "call", "/": "search", "?": "keys"}


def screens(page: Page, day: date, visit: str, dialogs: str = "n/?") -> Iterator[str]:
    """Opens each screen and yields its name once it is drawn; and the dialogs that have these keys."""

    def go(path: str, sign: str) -> None:
        page.goto(f"/dispatch/{path}{'&' if '?' in path else '?'}day={day}")
        expect(page.locator(sign).first).to_be_visible()

    go("board", ".board-row")
    expect(page.locator(".visit-card").first).to_be_visible()
    yield "board"
    go(f"board?visit={visit}&tab=who", ".candidate")
    yield "why"
    go(f"board?visit={visit}&tab=job", ".timeline li")
    yield "job"
    go("map", ".map canvas")
    yield "map"
    go("work", "tr[data-visit]")
    yield "work"
    go("plan", ".side .linkish")
    page.locator(".side .linkish").first.click()
    expect(page.locator(".routes > li").first).to_be_visible(timeout=180_000)
    yield "plan"
    go("conflicts", ".truths .apart")
    expect(page.locator(".truths").nth(1)).to_be_visible()
    yield "conflicts"
    steps = ".steps > li > details > summary"  # a map within a step has a summary of its own
    go("setup", steps)
    for step in page.locator(steps).all():
        step.click()
    yield "setup"
    for key in dialogs:
        go("board", ".board-row")
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        yield DIALOGS[key]
