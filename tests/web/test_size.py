"""The field app stays small: it is fetched over the poorest links there are."""

from __future__ import annotations

import gzip
import re

from ops import web

MOST = 120_000
"""Bytes, compressed by gzip: every script and style that the phone keeps before it says it is ready."""


def test_the_field_app_is_at_most_120_kilobytes() -> None:
    web.prepare()
    worker = (web.DIST / "field" / "worker.js").read_text()
    names = set(re.findall(r"[\"'`]/(assets/[^\"'`]+\.(?:js|css))[\"'`]", worker))
    assert any("field" in name for name in names)
    sizes = {name: len(gzip.compress((web.DIST / name).read_bytes(), 9)) for name in names}
    assert sum(sizes.values()) <= MOST, sizes
