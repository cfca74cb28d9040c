"""Servers of their own for the tests of operations, which stop, kill and replace them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest


@pytest.fixture(autouse=True)
def rollback() -> None:
    """These tests do not share the other tests' database."""


@pytest.fixture(autouse=True, scope="module")
def no_outside_servers() -> Iterator[None]:
    """Without the variables that name the other tests' servers."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CALLOUT_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def data(no_outside_servers: None) -> Iterator[Path]:
    """A data folder that the database user can reach (pytest's own are closed to it)."""
    folder = Path(mkdtemp(prefix="callout-test-"))
    folder.chmod(0o711)
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
