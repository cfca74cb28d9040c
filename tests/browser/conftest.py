"""Chromium from the distribution, pages at the sizes of a desk and of a phone, signed in as people of the demo day.

`desk` and `phone` are fresh windows on `house`, which every file of tests has of its own. A test fails when its page
met an error that nobody caught, or was refused something by its own policy. The screen of a failed test lies in
`.callout/test/screens`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from ops import web
from ops.folders import CHECKOUT, locked
from tests.browser.house import House

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip
HARMLESS = ("Failed to load resource",)  # Chromium's own line about each 4xx; what the page makes of it is tested
BARE, WHOLE = "chromium-headless-shell", "chromium"
"""The same engine in both. The bare one has no tool bars of its own, which take half of the processor's time where
nobody sees them; and it shows no notifications."""
PATIENCE_MS = 30_000  # a busy machine is not a fault

Opens = Callable[..., Page]
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(autouse=True)
def rollback() -> None:
    """These tests have a database of their own."""


@pytest.fixture(scope="session")
def pages() -> None:
    """The build of the present sources; `./callout test` has made it already."""
    web.prepare()


@pytest.fixture(scope="session")
def engine() -> None:
    """The search of the dispatcher, compiled: a plan need not wait for the compiler. Whoever comes first does it."""
    with locked(Path(os.environ["CALLOUT_DATA"]), "engine"):
        subprocess.run([sys.executable, "-m", "dispatch.engine.improve"], cwd=CHECKOUT, check=True)


@contextmanager
def callout(request: pytest.FixtureRequest, *, demo: bool) -> Iterator[House]:
    """A Callout for one file of tests."""
    name = f"t_{os.getpid()}_{request.module.__name__.rpartition('.')[2]}"[:60].lower()
    opened = House(name, Path(os.environ["CALLOUT_DATA"]), demo=demo)
    try:
        yield opened.open()
    finally:
        opened.close()


@pytest.fixture(scope="module")
def house(pages: None, request: pytest.FixtureRequest) -> Iterator[House]:
    """A Callout with the demo day, for one file of tests."""
    with callout(request, demo=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def empty_house(pages: None, request: pytest.FixtureRequest) -> Iterator[House]:
    """A Callout without the demo day, for one file of tests."""
    with callout(request, demo=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def _playwright() -> Iterator[Playwright]:
    """For one file of tests: while it is open no other test of this process can run an event loop."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(_playwright: Playwright) -> Iterator[Browser]:
    """The distribution's browser; `./callout test` installs it."""
    with launched(_playwright, BARE, WHOLE) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright, *names: str) -> Iterator[Browser]:
    """The first of these programs that is there."""
    program = next(filter(None, map(shutil.which, names)), None)
    assert program, f"There is no Chromium: apt-get install {names[0]}"
    browser = playwright.chromium.launch(
        executable_path=program,
        chromium_sandbox=False,  # only our own pages are opened, and many machines forbid the sandbox
        args=[
            "--enable-unsafe-swiftshader",  # maps are drawn by the processor where there is no graphics card
            "--use-fake-device-for-media-stream",  # a camera and a microphone, for pages that may use them
            "--use-fake-ui-for-media-stream",  # where nobody could be asked whether they may
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def window(chromium: Browser, house: House, request: pytest.FixtureRequest) -> Iterator[Opens]:
    """Opens windows of any size, each with storage of its own: `window(**PHONE, locale="zh-CN")`."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    faults: list[str] = []

    def open_one(**options: Any) -> Page:
        context = chromium.new_context(**{"base_url": house.url, "locale": "en-GB", **DESK, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.on("page", lambda page: (pages.append(page), _listen(page, faults)))
        return context.new_page()

    yield open_one
    if getattr(request.node, "failed", False):
        _keep_screens(house.data / "screens", request.node.name, pages)
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def desk(window: Opens) -> Page:
    """A window on a desk, 1440 × 900."""
    return window(**DESK)


@pytest.fixture
def phone(window: Opens) -> Page:
    """A phone's screen, 390 × 844."""
    return window(**PHONE)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Lets `window` know that its test has failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]


def _listen(page: Page, faults: list[str]) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            faults.append(f"{page.url}: {message.text}")

    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))


def _keep_screens(folder: Path, test: str, pages: list[Page]) -> None:
    folder.mkdir(exist_ok=True)
    for number, page in enumerate(pages):
        if not page.is_closed():
            page.screenshot(path=folder / f"{test.replace('/', '_')}-{number}.png")
