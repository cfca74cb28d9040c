"""A child that reads hostile bytes is stopped by every limit, and its end is told as a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from media import sandbox
from media.sandbox import Ceiling, SandboxError

TIGHT = Ceiling(memory=512 * 1024**2, cpu_s=1, wall_s=60, file_size=1_000_000)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("memory", "too much memory"),
        ("processor", "too much processor time"),
        ("disk", "File too large"),
        ("die", "died with status -6"),
        ("sleep", "longer than 1 s"),
    ],
)
def test_limits(tmp_path: Path, deed: str, reason: str) -> None:
    ceiling = TIGHT if deed != "sleep" else Ceiling(wall_s=1)
    with pytest.raises(SandboxError, match=reason):
        sandbox.run("tests.media.greedy", None, {"do": deed}, folder=tmp_path, ceiling=ceiling)


def test_the_child_sees_its_input_and_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_SECRET", "do not tell")
    (tmp_path / "in").write_text("hello")
    with (tmp_path / "in").open("rb") as source:
        seen = sandbox.run("tests.media.greedy", source, {"do": "look"}, folder=tmp_path)
    assert seen["stdin"] == "hello"
    assert not any(name.startswith("CALLOUT") for name in seen["environment"])
