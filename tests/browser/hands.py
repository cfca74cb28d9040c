"""Two ways of using a desk: with the mouse alone, with the keyboard alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import PASSWORD, await_truth

FAR = 100  # presses of Tab within which everything on a screen must be reached


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

    def stand(self) -> None:
        """A mouse stands where it is."""


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
        self.stand()
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
        self.stand()
        self.page.keyboard.press("Escape")

    def stand(self) -> None:
        """What was pressed last may be gone; the focus has a place all the same."""
        await_truth(self.page, "document.activeElement !== document.body")


Hand = Mouse | Keyboard
