"""Chromium as the tests start it, and what is measured inside of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ops import web

SIZE: Any = {"width": 1440, "height": 900}
WAIT_MS = 120_000
PAN_S, STEP, SWAY = 4.0, 8, 60
"""Seconds of a pan, pixels from one move of the mouse to the next, and moves before it turns back."""

# Notes when the first card stands in the queue; the desk itself marks when its map has drawn the engineers.
NOTES = """
new MutationObserver((_, seen) => {
  if (!document.querySelector('.queue .visit-card')) return;
  seen.disconnect();
  requestAnimationFrame(() => performance.mark('queue'));
}).observe(document, { childList: true, subtree: true });
"""
IDLE = "() => performance.getEntriesByName('desk.map.idle').length"
"""The map has drawn everything, outlines and letters too, and nothing is under way."""
PAINTED = "() => ['queue', 'desk.map'].every((name) => performance.getEntriesByName(name).length)"
LOADED = """() => {
  const at = (name) => performance.getEntriesByName(name)[0]?.startTime ?? 0;
  const calls = performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/'));
  return {
    queue: at('queue'), map: at('desk.map'), frame: at('first-contentful-paint'), calls: calls.length,
    packed: calls.reduce((sum, one) => sum + one.encodedBodySize, 0),
    plain: calls.reduce((sum, one) => sum + one.decodedBodySize, 0),
  };
}"""
COUNT = """() => {
  window.frames_ = [];
  const note = (now) => (window.frames_.push(now), window.counting_ && requestAnimationFrame(note));
  window.counting_ = true;
  requestAnimationFrame(note);
}"""
COUNTED = "() => ((window.counting_ = false), window.frames_)"
BARE = """<!doctype html><link rel="stylesheet" href="/bare/maplibre-gl.css">
<style>body { margin: 0 } #map { height: 100vh }</style><div id="map"></div>
<script type="module">
  import { Map, setWorkerUrl } from '/bare/maplibre-gl.mjs';
  setWorkerUrl('/bare/maplibre-gl-worker.mjs');
  const layers = [{ id: 'ground', type: 'background', paint: { 'background-color': '#e8ecf0' } }];
  const style = { version: 8, sources: {}, layers };
  const map = new Map({ container: 'map', center: [121.3, 31.25], zoom: 10, style });
  map.once('idle', () => (performance.mark('desk.map'), performance.mark('desk.map.idle')));
</script>"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The distribution's browser, without a screen; maps are drawn by the processor."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("There is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        arguments = ["--enable-unsafe-swiftshader"]
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=False, args=arguments)
        yield browser
        browser.close()


def window(browser: Browser, url: str, session: str = "") -> BrowserContext:
    """A window with storage of its own, signed in by the script `session`."""
    context = browser.new_context(base_url=url, locale="en-GB", viewport=SIZE)
    context.set_default_timeout(WAIT_MS)
    context.add_init_script(f"{session}\n{NOTES}")
    return context


def load(page: Page, address: str) -> dict[str, float]:
    """Opens the map; milliseconds from the beginning until cards and engineers were drawn, and what was asked for."""
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED, timeout=WAIT_MS)
    found = dict(page.evaluate(LOADED))
    page.wait_for_function(IDLE, timeout=WAIT_MS)  # what is drawn still would hold up the next load
    return found


def pan(page: Page) -> list[float]:
    """Drags the map to and fro with the mouse; the seconds between the frames that the browser made meanwhile."""
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    ends, n = time.monotonic() + PAN_S, 0
    while time.monotonic() < ends:
        n += 1
        place = n % (2 * SWAY)
        page.mouse.move(x + STEP * (place if place <= SWAY else 2 * SWAY - place), y + place % 7)
    frames = page.evaluate(COUNTED)
    page.mouse.up()
    return [(b - a) / 1000 for a, b in pairwise(frames)]


def bare(context: BrowserContext) -> Page:
    """A page with nothing on it but MapLibre and a ground: what the library costs on this machine."""
    folder = web.MODULES / "maplibre-gl" / "dist"

    def answer(route: Any) -> None:
        name = Path(route.request.url).name
        if name == "page.html":
            route.fulfill(body=BARE, content_type="text/html")
        else:
            route.fulfill(path=folder / name)

    context.route("**/bare/*", answer)
    page = context.new_page()
    page.goto("/bare/page.html")
    page.wait_for_function(IDLE, timeout=WAIT_MS)
    return page
