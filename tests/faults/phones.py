"""Phones that never give up: what is not answered is asked again, unchanged, until it is."""

from __future__ import annotations

import http.client
import time
from typing import Any

import orjson

from bench.fleet import Phone
from bench.http import Link
from bench.sync_fleet import Call, Life
from tests.faults.processes import PATIENCE_S

BATCH = 10


def stubborn(port: int, phone: Phone) -> Call:
    """The way to the server. A lost line and 503 mean: the same again; any other refusal is a failure."""

    def call(method: str, path: str, value: Any) -> Any:
        body = None if value is None else orjson.dumps(value)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            status, answer = asked(Link(port, phone.token()), method, path, body)
            if status == 200:
                return orjson.loads(answer)
            assert status == 503, (status, answer)
            assert time.monotonic() < deadline, "the server does not come back"
            time.sleep(0.02)

    return call


def asked(link: Link, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    """Status and body; 503 when the line breaks."""
    try:
        return link.call(method, path, body)
    except (OSError, http.client.HTTPException):
        return 503, b""
    finally:
        link.close()


def life(port: int, phone: Phone) -> Life:
    """A phone with a day's work before it."""
    return Life(phone, stubborn(port, phone), rest=phone.day())


def live(one: Life) -> None:
    """A day: a first copy, then work in small batches, and a look at what is new after each."""
    one.pull()
    while one.rest:
        one.push(BATCH)
        one.pull()
