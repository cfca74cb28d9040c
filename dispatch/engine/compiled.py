"""How the search is compiled: to machine code, kept on disk, without holding the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call; later processes load the result from disk.

    Compiled functions make no arrays (all come from outside), so that nothing has to be counted: ten times faster.
    """
    njit: Any = numba.njit
    return cast(F, njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function))
