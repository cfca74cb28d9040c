"""What people do on many pages, and what is asked of every page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from ops import web

PASSWORD = "callout-demo"
AXE = web.MODULES / "axe-core" / "axe.min.js"


def sign_in(page: Page, who: str, next_page: str = "") -> None:
    """Sign in on the start page as `who`@demo.callout, and come to that person's app (or to `next_page`)."""
    page.goto(f"/?next={next_page}" if next_page else "/")
    page.get_by_label("E-mail").or_(page.get_by_label("电子邮箱")).fill(f"{who}@demo.callout")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("input[type=password]")).to_have_count(0)


def accessibility_faults(page: Page) -> list[dict[str, Any]]:
    """What axe-core calls serious or critical on the page as it stands: rule, help and the elements."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        {"rule": each["id"], "help": each["help"], "where": [node["html"][:200] for node in each["nodes"]]}
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
