"""What must cost an engineer no work: a new version, a browser that clears its storage, a wrong clock, two tabs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from ops import web
from ops.processes import wait_until
from tests.browser.conftest import PHONE, Opens
from tests.browser.field import cut_off, next_action, open_app, unsent
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.making import given, rows
from tests.browser.steps import (
    accessibility_faults,
    await_truth,
    call,
    office,
    pale_text,
    scrolls_sideways,
    small_targets,
)

SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}
DAYS_AHEAD = 2
A_MINUTE = timedelta(minutes=1)  # a busy machine answers late
FAST_CLOCK = """
const ahead = %d;
globalThis.Date = class extends Date {
  constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
  static now() { return super.now() + ahead; }
};
"""
PUSHED = """
globalThis.pushed = [];
delete globalThis.CompressionStream;
const reach = globalThis.fetch;
globalThis.fetch = async (request, ...more) => {
  const told = request.url?.endsWith('/sync/push') ? await request.clone().json() : { mutations: [] };
  const answer = await reach(request, ...more);
  pushed.push(...told.mutations.map(({ id }) => id));
  return answer;
};
"""


def accept(page: Page, visit_id: str) -> None:
    page.goto(f"/field/visits/{visit_id}")
    next_action(page).filter(has_text="Accept").click()
    expect(page.locator(".state.accepted").first).to_be_visible()


def once(house: House, visit_id: str, *steps: str) -> bool:
    """Whether the engineer's steps have arrived, each once."""
    event = "SELECT to_status FROM visit_events WHERE visit_id = :id AND to_status = ANY(:steps) ORDER BY seq"
    return rows(house, event, id=visit_id, steps=list(steps)) == [(step,) for step in steps]


def test_a_new_version_is_taken_without_a_network_and_unsent_work_stays(window: Opens, house: House) -> None:
    mine = given(house, "engineer5")
    (version,) = set(re.findall(r"field-[0-9a-f]{12}", (web.DIST / "field" / "worker.js").read_text()))
    with Line(house.port, seed=1).open() as line:
        page = window(**PHONE, base_url=line.url)
        open_app(page, "engineer5")
        line.swap(version.encode(), b"field-" + b"0" * 12)
        page.goto("/field/me")
        take = page.get_by_role("button", name="Use the new version")
        expect(take).to_be_visible()
        assert page.evaluate("caches.keys()") == [version, "field-000000000000"]
        cut_off(page)
        accept(page, mine["id"])
        page.goto("/field/me")
        with page.expect_navigation():
            take.click()
        expect(page.locator(".state-line")).to_contain_text("1 unsent")
        await_truth(page, "caches.keys().then(names => names.join() === 'field-000000000000')")
        page.reload()
        expect(page.locator(".state-line")).to_contain_text("1 unsent")
        page.context.set_offline(False)
        assert wait_until(lambda: once(house, mine["id"], "accepted"), 60, 0.1)
        expect(page.locator(".state-line")).to_contain_text("Everything is sent")


def test_storage_that_the_browser_has_cleared_is_said_out_loud(phone: Page, house: House) -> None:
    mine = given(house, "engineer6")
    open_app(phone, "engineer6")
    cut_off(phone)
    accept(phone, mine["id"])
    expect(phone.locator("[data-unsent='1']")).to_be_visible()
    phone.goto("about:blank")
    cleared = {"origin": house.url, "storageTypes": "indexeddb"}
    phone.context.new_cdp_session(phone).send("Storage.clearDataForOrigin", cleared)
    phone.goto("/field/")
    told = phone.locator(".loss")
    expect(told).to_contain_text("The browser has cleared what this phone kept.")
    expect(told).to_contain_text("One thing that you did had not been sent and is lost.")
    assert accessibility_faults(phone) == []
    assert not scrolls_sideways(phone)
    assert small_targets(phone) == []
    phone.context.set_offline(False)
    phone.goto("/field/me")
    expect(phone.locator("[data-ready=true]")).to_be_visible(timeout=60_000)
    expect(told).to_be_visible()
    told.get_by_role("button", name="I have read it").click()
    accept(phone, mine["id"])
    assert wait_until(lambda: once(house, mine["id"], "accepted"), 60, 0.1)
    phone.reload()
    expect(phone.locator(".state.accepted").first).to_be_visible()
    expect(told).to_have_count(0)


def test_a_phone_whose_browser_has_cleared_everything_hears_of_what_it_was(window: Opens, house: House) -> None:
    page, mine = window(**SMALL), given(house, "engineer10")
    open_app(page, "engineer10")
    page.context.route("**/api/v1/sync/push", lambda route: route.abort())
    accept(page, mine["id"])
    pending = "SELECT d.pending_count, d.revoked_at IS NOT NULL FROM devices d JOIN users u ON u.id = d.user_id"
    of_mine = f"{pending} WHERE u.email = 'engineer10@demo.callout' ORDER BY d.created_at"

    def server_knows() -> bool:
        page.locator("button.state-line").click()  # tries again
        return bool(rows(house, of_mine) == [(1, False)])

    assert wait_until(server_knows, 60, 0.5), rows(house, of_mine)
    page.goto("about:blank")
    page.context.unroute("**/api/v1/sync/push")
    page.context.clear_cookies()
    cleared = {"origin": house.url, "storageTypes": "all"}
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", cleared)
    open_app(page, "engineer10")
    told = page.locator("#elsewhere")
    expect(told).to_contain_text("one thing that you did was not sent.")
    for language in ("zh-CN", "en"):
        page.evaluate("language => localStorage.setItem('callout.locale', language)", language)
        page.reload()
        expect(told).to_contain_text("Only that phone knows" if language == "en" else "只有它知道")
        assert accessibility_faults(page) == []
        assert pale_text(page) == []
        assert not scrolls_sideways(page)
        assert small_targets(page) == []
    told.get_by_role("button", name="I do not have it any more").click()
    told.get_by_role("button", name="Take it out of use").click()
    expect(told).to_have_count(0)
    assert rows(house, of_mine) == [(1, True), (0, False)]
    page.reload()
    expect(page.locator(".state-line")).to_contain_text("Everything is sent")
    expect(told).to_have_count(0)


def test_a_clock_that_is_days_ahead_moves_no_work_to_another_day(window: Opens, house: House) -> None:
    mine = given(house, "engineer7")
    page = window(**PHONE)
    page.add_init_script(FAST_CLOCK % (DAYS_AHEAD * 86_400_000))
    before = datetime.now(UTC)
    open_app(page, "engineer7")
    line = page.locator(f"a[href='/field/visits/{mine['id']}']")
    expect(line).to_be_visible()
    expect(page.locator("section", has=line).get_by_role("heading", name="Earlier, still open")).to_have_count(0)
    cut_off(page)
    accept(page, mine["id"])
    page.context.set_offline(False)
    assert wait_until(lambda: once(house, mine["id"], "accepted"), 60, 0.1)
    fact = "SELECT device_at, corrected_at, flags FROM visit_events WHERE visit_id = :id AND to_status = 'accepted'"
    ((device_at, corrected_at, flags),) = rows(house, fact, id=mine["id"])
    assert before - A_MINUTE <= corrected_at <= datetime.now(UTC)
    assert abs(device_at - corrected_at - timedelta(days=DAYS_AHEAD)) < A_MINUTE
    assert "clock_skew" in flags


def test_two_tabs_show_the_same_and_send_nothing_twice(phone: Page, house: House) -> None:
    mine = given(house, "engineer8")
    call(house, f"/jobs/{mine['job_id']}/messages", office(house), {"text": "We ring before we come."})
    phone.context.add_init_script(PUSHED)
    open_app(phone, "engineer8")
    other = phone.context.new_page()
    for tab in (phone, other):
        tab.goto(f"/field/visits/{mine['id']}")
    expect(other.locator("#letters")).to_contain_text("We ring before we come.")
    cut_off(phone)
    next_action(phone).filter(has_text="Accept").click()
    next_action(other).filter(has_text="Set off").click()
    for tab in (phone, other):
        expect(tab.locator(".state.en_route").first).to_be_visible()
        expect(tab.locator(".state-line")).to_contain_text("unsent, oldest")
        assert wait_until(lambda tab=tab: unsent(tab) == 3, 30), tab.locator(".state-line").inner_text()
    phone.context.set_offline(False)
    for tab in (phone, other):
        expect(tab.locator(".state-line")).to_contain_text("Everything is sent", timeout=60_000)
    assert wait_until(lambda: once(house, mine["id"], "accepted", "en_route"), 60, 0.1)
    sent = [mutation_id for tab in (phone, other) for mutation_id in tab.evaluate("pushed")]
    assert len(sent) == len(set(sent)) == 3
