"""How the search is compiled: to machine code, kept on disk, without holding the interpreter lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call; later processes load the result from disk.

    Compiled functions make no arrays (all come from outside), so that nothing has to be counted: ten times faster.
    """
    njit, config = cast(Any, numba.njit), cast(Any, numba.config)
    before = config.CACHE_LOCATOR_CLASSES
    config.CACHE_LOCATOR_CLASSES = ",".join(f"{__name__}.{one.__name__}" for one in LOCATORS)
    try:
        return cast(F, njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function))
    finally:
        config.CACHE_LOCATOR_CLASSES = before


@cache
def stamp(folder: Path) -> str:
    """What all modules in and below a folder say. Compiled functions contain those that they call, from whichever."""
    digest = hashlib.sha256()
    for module in sorted(folder.rglob("*.py")):
        digest.update(str(module.relative_to(folder)).encode() + b"\0" + module.read_bytes() + b"\0")
    return digest.hexdigest()


class _Together:
    """What was kept is good as long as no module beside it or of the engine changes; the compiler looks at a
    function's own only."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return stamp(Path(__file__).parent.resolve()) + stamp(Path(self._py_file).resolve().parent)


class Given(_Together, caching.UserProvidedCacheLocator):
    """Kept where `NUMBA_CACHE_DIR` says."""


class Beside(_Together, caching.InTreeCacheLocator):
    """Kept beside the module."""


class Personal(_Together, caching.UserWideCacheLocator):
    """Kept in the user's own folder, where the module's cannot be written."""


LOCATORS = (Given, Beside, Personal)
