"""Servers of their own for the tests of operations, which stop, kill and replace them."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_outside_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that name the other tests' servers."""
    for name in [name for name in os.environ if name.startswith("CALLOUT_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the database user can reach."""
    folder = tmp_path_factory.mktemp("stack")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o711)
    return folder
