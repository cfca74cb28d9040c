"""Every test has a folder of its own for its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from media import places
from tests.media.scene import Scene


@pytest.fixture(autouse=True)
def media_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where blobs and uploads of this test lie."""
    monkeypatch.setattr(places, "root", lambda: tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def scene() -> Scene:
    return Scene()
