"""What reaches the phone while the app is closed: switched on by its person, shown by the worker."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import create_engine, text

from ops.processes import wait_until
from tests import database
from tests.browser.conftest import PHONE, WHOLE, Opens, launched
from tests.browser.field import next_action, open_app
from tests.browser.house import House
from tests.browser.steps import accessibility_faults, await_truth, call, office
from tests.push.service import Browser, Service


@pytest.fixture(scope="module", autouse=True)
def service() -> Iterator[Service]:
    """A push service on the loopback, which this house is told of before it opens."""
    with pytest.MonkeyPatch.context() as patch, Service().open() as opened:
        patch.setenv("CALLOUT_PUSH_SERVICES", "127.0.0.1")
        yield opened


@pytest.fixture(scope="module")
def chromium(_playwright: Playwright) -> Iterator[Chromium]:
    """The whole one: it shows notifications."""
    with launched(_playwright, WHOLE) as opened:
        yield opened


def subscribed_at(page: Page, browser: Browser, endpoint: str) -> None:
    """Chromium asks its maker's service for an address; here the page gets the stub's. Everything else is real."""
    made = json.dumps(browser.subscription(endpoint))
    page.add_init_script(
        f"PushManager.prototype.subscribe = async () => ({{ toJSON: () => ({made}) }});"
        "Notification.requestPermission = async () => 'granted';"
    )


def deliver(page: Page, message: dict[str, Any]) -> None:
    """The browser's service hands a message to the worker of the app."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []

    def seen(event: dict[str, Any]) -> None:
        found.extend(one["registrationId"] for one in event["registrations"] if one["scopeURL"].endswith("/field/"))

    session.on("ServiceWorker.workerRegistrationUpdated", seen)
    session.send("ServiceWorker.enable")
    for _ in range(300):
        if found:
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
    origin = page.evaluate("location.origin")
    data = {"origin": origin, "registrationId": found[0], "data": json.dumps(message)}
    session.send("ServiceWorker.deliverPushMessage", data)


def press(page: Page, tag: str) -> None:
    """Somebody presses on what is shown; nothing but the event itself is made up."""
    (worker,) = [each for each in page.context.service_workers if "/field/" in each.url]
    worker.evaluate(
        """async tag => {
            const [notification] = await registration.getNotifications({ tag });
            dispatchEvent(new NotificationEvent('notificationclick', { notification }));
        }""",
        tag,
    )


def test_new_work_is_shown_while_nobody_looks(window: Opens, house: House, service: Service) -> None:
    page = window(**PHONE, permissions=["notifications"])
    browser = Browser()
    subscribed_at(page, browser, f"{service.url}/engineer8")
    open_app(page, "engineer8")
    page.goto("/field/me")
    switch = page.get_by_label("Tell me of new and changed work")
    switch.click()
    assert wait_until(lambda: _subscriptions(house) == 1, 60, 0.1), page.locator("main").inner_text()
    expect(switch).to_be_checked()
    assert accessibility_faults(page) == []

    mine = call(house, "/visits?status=draft&limit=200", office(house))["items"][0]
    engineer_id = _engineer_of(house, "engineer8")
    start = mine["window_start"] or (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"engineer_id": engineer_id, "start": start, "force": True, "reason": "The customer asked for them"}
    call(house, f"/visits/{mine['id']}/assign", office(house), body)
    house.staff("worker", "relay")

    def told() -> list[dict[str, Any]]:
        """What came about this visit."""
        read = [browser.read(sealed) for _, sealed in service.came]
        return [one for one in read if one["url"] == f"/field/visits/{mine['id']}"]

    assert wait_until(lambda: bool(told()), 60, 0.1)
    (message,) = told()
    assert all(service.sender(headers)["sub"].startswith("mailto:") for headers, _ in service.came)
    assert message["title"] in ("New work", "新任务")  # in the language of the account

    deliver(page, message)
    await_truth(
        page,
        "async (tag) => (await (await navigator.serviceWorker.ready).getNotifications({ tag })).length === 1",
        mine["id"],
    )
    switch.click()
    expect(switch).not_to_be_checked()
    assert wait_until(lambda: _subscriptions(house) == 0, 60, 0.1)

    press(page, mine["id"])
    expect(page).to_have_url(re.compile(f"/field/visits/{mine['id']}$"))
    expect(next_action(page)).to_have_text("Accept")


def _engineer_of(house: House, who: str) -> str:
    query = "SELECT e.id FROM engineers e JOIN users u ON u.id = e.user_id WHERE u.email = :email"
    return str(_one(house, query, email=f"{who}@demo.callout"))


def _subscriptions(house: House) -> int:
    return int(_one(house, "SELECT count(*) FROM push_subscriptions"))


def _one(house: House, query: str, **values: object) -> Any:
    engine = create_engine(database.on(house.owner, house.name))
    with engine.connect() as connection:
        found = connection.execute(text(query), values).scalar_one()
    engine.dispose()
    return found
