"""What `web/` must pass: its types against the server's own OpenAPI document, and its unit tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import node, web
from tests.browser.house import House
from tests.web.live import MachineRoom


@pytest.fixture(autouse=True)
def rollback() -> None:
    """These tests have a database of their own, or none."""


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """What `./callout test` has prepared already."""
    web.prepare()


def npm(*arguments: str, **more: str) -> None:
    found = node.find()
    variables = {**found.environment(), "CALLOUT_PYTHON": sys.executable, "PYTHONPATH": os.fspath(web.CHECKOUT), **more}
    done = subprocess.run(found.command(*arguments), cwd=web.WEB, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_types_hold_against_the_servers_openapi() -> None:
    npm("run", "check")


def test_the_units() -> None:
    npm("test")


def test_the_sync_client_against_the_real_server() -> None:
    house = House(f"t_{os.getpid()}_live", Path(os.environ["CALLOUT_DATA"]))
    try:
        house.open()
        with MachineRoom(house).door() as control:
            npm("run", "test:live", CALLOUT_URL=house.url, CALLOUT_CONTROL=control)
    finally:
        house.close()


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (web.WEB / "package-lock.json").read_text()
    assert '"integrity"' in (web.WEB / "package-lock.json").read_text()
