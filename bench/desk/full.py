"""`./callout bench console`: the desk with 500 engineers and 5,000 visits in headless Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import click
from playwright.sync_api import Browser, Page

from bench.desk import browser, world
from bench.desk.world import City
from bench.figures import Report, Spread, percentile
from bench.house import House, house
from bench.http import Link
from ops import web

RUNS = int(os.environ.get("CALLOUT_BENCH_RUNS", "5"))
LOADS, GIVEN, PANS = RUNS, RUNS, max(1, RUNS // 2)
# When the bar of a visit was first in a frame, by the clock that all windows of this machine share.
WATCH = """(id) => {
  const bar = `.hours [data-visit='${id}']`;
  const look = () => (document.querySelector(bar) ? (window.seenAt_ = Date.now()) : requestAnimationFrame(look));
  window.seenAt_ = 0;
  requestAnimationFrame(look);
}"""
PRESS = """() => {
  const button = [...document.querySelectorAll('.manual button[type=submit]')][0];
  window.pressedAt_ = Date.now();
  button.click();
}"""


def run(report: Report) -> None:
    """Fills `report`."""
    web.prepare()
    subprocess.run([sys.executable, "-m", "dispatch.engine.improve"], check=True)  # compiled beforehand, as `up` does
    with house(drain=False) as servers:
        city, empty = world.make(), world.make(empty=True)
        with browser.chromium() as chromium:
            for part in (loads, second_screen):
                part(report, servers, chromium, city)
                click.echo(report.told(), err=True)  # it takes minutes
            panning(report, servers, chromium, city, empty)
    sizes(report)


def loads(report: Report, servers: House, chromium: Browser, city: City) -> None:
    """First useful paint: the queue has cards and the map has drawn the engineers, from the beginning of the visit."""
    address, session = f"/dispatch/map?day={city.date}", city.session(servers.port)
    alone = [bare_load(servers, chromium) for _ in range(LOADS)]
    report.add(
        "MapLibre alone on a page, from nothing until it is still", Spread.of(alone).told("ms", digits=0), "floor"
    )
    cold, warm = [], []
    for _ in range(LOADS):
        context = browser.window(chromium, servers.url, session)
        cold.append(browser.load(context.new_page(), address))
        warm.append(browser.load(context.pages[0], address))
        context.close()
    for name, found in (("nothing kept", cold), ("files kept", warm)):
        useful = [max(one["queue"], one["map"]) for one in found]
        report.add(f"first useful paint, {name}", Spread.of(useful).told("ms", digits=0), "goal < 2,000 ms")
        parts = {"cards": "queue", "engineers on the map": "map"}
        told = ", ".join(
            f"{what} {Spread.of([one[key] for one in found]).told('ms', digits=0)}" for what, key in parts.items()
        )
        report.add(f"of it, {name}", told)
    one = cold[-1]
    report.add(
        "calls until then",
        f"{one['calls']:.0f}",
        f"{one['packed'] / 1e3:,.0f} KB, {one['plain'] / 1e6:.1f} MB unpacked",
    )


def bare_load(servers: House, chromium: Browser) -> float:
    """Milliseconds until MapLibre stands still on a page with nothing else, in a window that has kept nothing."""
    context = browser.window(chromium, servers.url)
    at = browser.bare(context).evaluate("() => performance.getEntriesByName('desk.map.idle')[0].startTime")
    context.close()
    return float(at)


def second_screen(report: Report, servers: House, chromium: Browser, city: City) -> None:
    """From the press on one screen until the bar stands on the board of another, engine's look-over included."""
    session = city.session(servers.port)
    first, second = (browser.window(chromium, servers.url, session).new_page() for _ in range(2))
    link = Link(servers.port, city.token)
    free = link.json("GET", f"/api/v1/engineers?sort=name&limit={GIVEN + 1}")["items"]
    waiting = link.json("GET", f"/api/v1/visits?unassigned=true&limit={GIVEN + 1}")["items"]
    for page in (first, second):
        page.goto(f"/dispatch/board?day={city.date}")
        page.locator(".board-row").first.wait_for()
        page.locator(".link.live").wait_for()
    there, here = [], []
    for visit, engineer in zip(waiting, free, strict=True):
        mine, theirs = given(first, second, city, visit["id"], engineer["name"])
        here.append(mine)
        there.append(theirs)
    # The first one warms the engine up, as the first of a morning does.
    report.add("an assignment seen on a second screen", Spread.of(there[1:]).told("ms", digits=0), "goal < 2,000 ms")
    report.add(
        "and on the own one",
        Spread.of(here[1:]).told("ms", digits=0),
        f"the first of a server's life: {here[0]:,.0f} ms",
    )
    for page in (first, second):
        page.context.close()


def given(first: Page, second: Page, city: City, visit: str, name: str) -> tuple[float, float]:
    """Gives a visit by hand on the first screen; milliseconds until each screen shows it."""
    first.goto(f"/dispatch/board?day={city.date}&visit={visit}&tab=job")
    first.locator(".link.live").wait_for()
    form = first.locator(".manual")
    form.locator("summary").click()
    form.get_by_label("Engineer").select_option(label=name)
    form.get_by_label(re.compile("^Start")).fill("10:00")
    for page in (first, second):
        page.evaluate(WATCH, visit)
    first.evaluate(PRESS)
    for page in (first, second):
        page.wait_for_function("() => window.seenAt_ > 0", timeout=browser.WAIT_MS)
    begun = first.evaluate("() => window.pressedAt_")
    mine, theirs = (float(page.evaluate("() => window.seenAt_")) - begun for page in (first, second))
    return mine, theirs


def panning(report: Report, servers: House, chromium: Browser, city: City, empty: City) -> None:
    """Frames a second while the map is dragged: full, without anything, and MapLibre alone."""
    full = browser.window(chromium, servers.url, city.session(servers.port))
    nothing = browser.window(chromium, servers.url, empty.session(servers.port))
    alone = browser.window(chromium, servers.url)
    pages = {
        "the map of the city": full.new_page(),
        "the same map, empty": nothing.new_page(),
        "MapLibre alone": browser.bare(alone),
    }
    pages["the map of the city"].goto(f"/dispatch/map?day={city.date}")
    pages["the map of the city"].wait_for_function(browser.PAINTED, timeout=browser.WAIT_MS)
    pages["the same map, empty"].goto("/dispatch/map")
    for what, page in pages.items():
        page.bring_to_front()
        page.wait_for_function(browser.IDLE, timeout=browser.WAIT_MS)  # a pan is measured, not the loading
        runs = [browser.pan(page) for _ in range(PANS)]
        remark = "goal ≥ 50/s; headless, drawn by the processor" if what.endswith("city") else "floor"
        report.add(f"frames a second, {what}", told(runs), remark)
    for context in (full, nothing, alone):
        context.close()


def told(runs: Sequence[Sequence[float]]) -> str:
    """The rate of each pan, and the slow frames of all."""
    rates = [len(run) / sum(run) for run in runs]
    slow = percentile([frame for run in runs for frame in run], 0.95)
    return f"{Spread.of(rates).told('/s', digits=0)}, 95 % of frames within {slow * 1000:.0f} ms"


def sizes(report: Report) -> None:
    """What each page fetches before it can draw, and what comes later when it is wanted, packed by gzip."""
    for page in ("index", "console", "field", "portal"):
        html = (web.DIST / f"{page}.html").read_text()
        names = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', html)
        report.add(
            f"{page}.html with its scripts and styles", f"{sum(packed(name) for name in names) / 1e3:,.0f} KB", "gzip"
        )
    later: Any = [file for name in ("map-*.js", "gl-*.js", "maplibre*.mjs") for file in web.DIST.glob(f"assets/{name}")]
    report.add(
        "the map, when it is first opened",
        f"{sum(packed(f'assets/{file.name}') for file in later) / 1e3:,.0f} KB",
        "gzip",
    )


def packed(name: str) -> int:
    beside = web.DIST / f"{name}.gz"
    return (beside if beside.exists() else web.DIST / name).stat().st_size
