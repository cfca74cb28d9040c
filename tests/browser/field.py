"""What an engineer does with the phone, step by step."""

from __future__ import annotations

import hashlib
import io
import re

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import arrive, await_truth


def open_app(page: Page, who: str = "engineer1") -> None:
    """Wait until this phone is proved to be ready for a day without a network."""
    arrive(page, who, "/field/")
    expect(page.locator(".visit").first).to_be_visible()
    await_truth(page, "navigator.serviceWorker.controller !== null")
    page.goto("/field/me")
    expect(page.locator("[data-ready=true]")).to_be_visible(timeout=60_000)
    page.locator("nav a[href='/field/']").click()


def cut_off(page: Page) -> None:
    """Flight mode, also for the service worker."""
    page.context.set_offline(True)


def new_visits(page: Page) -> Locator:
    """The visits that wait to be accepted."""
    return page.locator(".visit", has=page.locator(".state.dispatched"))


def next_action(page: Page) -> Locator:
    """The biggest button."""
    return page.locator(".next .button")


def photo(shade: int) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), shade).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def take_photo(page: Page, button: Locator, shade: int) -> str:
    """Press the button and take a picture. Returns the hex SHA-256 of its file."""
    file = photo(shade)
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files({"name": f"photo-{shade}.jpg", "mimeType": "image/jpeg", "buffer": file})
    return hashlib.sha256(file).hexdigest()


def answer_what_is_asked(page: Page, before: str) -> int:
    """Answer every open point of a part of the checklist. Returns the number of presses that it took."""
    part = page.get_by_role("group").filter(has=page.locator("legend", has_text=before)).first
    items = part.locator(".item:not(.answered)")
    names = [item.get_attribute("id") for item in items.all()]
    for name in names:
        _answer(page, part.locator(f"[id='{name}']"))
        expect(part.locator(f"[id='{name}'].answered")).to_be_visible()
    return len(names)


def _answer(page: Page, item: Locator) -> None:
    field = item.locator("input:not([type=file])")
    if field.count():
        field.fill("7.1" if field.get_attribute("inputmode") == "decimal" else "In order")
        field.blur()
    elif item.locator("input[type=file]").count():
        take_photo(page, item.get_by_role("button"), 40)
    else:
        item.get_by_role("button").first.click()


def draw(page: Page) -> None:
    """A wavy line in the field for the signature."""
    box = page.locator(".pad canvas").bounding_box()
    assert box
    page.locator(".pad canvas").scroll_into_view_if_needed()
    box = page.locator(".pad canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 20 + 6 * step, box["y"] + 60 + 25 * (-1) ** (step // 4))
    page.mouse.up()


def unsent(page: Page) -> int:
    """What the line on top says is not sent."""
    found = re.search(r"\d+", page.locator(".state-line").get_attribute("data-unsent") or "0")
    assert found
    return int(found.group())
