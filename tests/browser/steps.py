"""What people do on many pages, and what is asked of every page."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Page, expect

from app.kernel.ids import new_id
from ops import web
from ops.processes import wait_until
from tests.browser.house import House

PASSWORD = "callout-demo"
AXE = web.MODULES / "axe-core" / "axe.min.js"
REMEMBER = "values => Object.entries(values).forEach(([key, value]) => localStorage.setItem(key, value))"


def sign_in(page: Page, who: str, next_page: str = "") -> None:
    """Sign in on the start page as `who`@demo.callout, and come to that person's app (or to `next_page`)."""
    page.goto(f"/?next={next_page}" if next_page else "/")
    page.get_by_label("E-mail").or_(page.get_by_label("电子邮箱")).fill(f"{who}@demo.callout")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("input[type=password]")).to_have_count(0)
    if next_page:  # whoever goes elsewhere before would be led back
        page.wait_for_url(
            lambda url: urlsplit(url).path.startswith(urlsplit(unquote(next_page)).path), wait_until="commit"
        )


def arrive(page: Page, who: str, address: str) -> str:
    """Come to `address` as somebody who has signed in on the start page (which has tests of its own). The token."""
    page.goto("/healthz")  # the smallest page of this origin
    email = f"{who}@demo.callout"
    device_id = page.evaluate(f"localStorage.getItem('callout.device.{email}')") or str(new_id())
    device = {"id": device_id, "name": "Chrome, Linux", "platform": "web", "app_version": "1"}
    answer = page.request.post("/api/v1/auth/token", data={"email": email, "password": PASSWORD, "device": device})
    assert answer.ok, answer.text()
    given = answer.json()
    tokens = {"access": given["access_token"], "refresh": given["refresh_token"]}
    session = json.dumps({"user": given["user"], "deviceId": device_id, "tokens": tokens})
    page.evaluate(REMEMBER, {"callout.session": session, f"callout.device.{email}": device_id})
    page.goto(address)
    return str(tokens["access"])


def await_truth(page: Page, expression: str, arg: object = None) -> None:
    """Until JavaScript finds something true. (Playwright's own waiting asks again from within the page, by an `eval`
    that the page's policy forbids: it goes well as long as the first answer is yes.)"""
    assert wait_until(lambda: bool(page.evaluate(expression, arg)), 30), expression


def accessibility_faults(page: Page) -> list[dict[str, Any]]:
    """What axe-core calls serious or critical on the page as it stands: rule, help and the elements."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        {"rule": each["id"], "help": each["help"], "where": [node["html"][:200] for node in each["nodes"]]}
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def pale_text(page: Page) -> list[str]:
    """Text that cannot be read in sunlight: below 7:1, or 4.5:1 where it is large (WCAG AAA)."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { runOnly: ['color-contrast-enhanced'], resultTypes: ['violations'] })")
    return [node["html"][:200] for each in found["violations"] for node in each["nodes"]]


def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def small_targets(page: Page, least: int = 48) -> list[str]:
    """What can be pressed and is lower than a gloved finger needs. Words within a text are no targets."""
    found = page.evaluate(
        """least => [...document.querySelectorAll('button, a, select, summary, input')]
        .filter(it => !['file', 'checkbox'].includes(it.type))
        .filter(it => it.checkVisibility() && !it.closest('p, li > .body') && it.getBoundingClientRect().height < least)
        .map(it => it.outerHTML)""",
        least,
    )
    return list(found)


def office(house: House, who: str = "dispatcher") -> str:
    """The token of the dispatcher (or of somebody else) for calls of the API."""
    signed_in = {"email": f"{who}@demo.callout", "password": PASSWORD}
    return str(call(house, "/auth/token", body=signed_in)["access_token"])


def call(house: House, path: str, token: str = "", body: dict[str, Any] | None = None, rev: int = 0) -> Any:
    """A call of the API as the office; with `rev` it changes that revision of a row."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{house.url}/api/v1{path}", data, {"Content-Type": "application/json"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if rev:
        request.method = "PATCH"
        request.headers.update({"If-match": f'"{rev}"', "Content-type": "application/merge-patch+json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        refused.add_note(refused.read().decode())
        raise
