"""Runs a module in a child process with limits: whatever reads hostile bytes reads them there.

The child is a fresh interpreter (never a fork of a threaded server). It gets the bytes as its standard input, its
arguments as JSON, an empty folder for its results, and answers with one JSON document on standard output.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parent.parent
_START = "import sys; sys.path.insert(0, sys.argv[1]); from media import confined; confined.main()"


class SandboxError(RuntimeError):
    """The child was stopped by a limit or died; its input is to blame."""


@dataclass(frozen=True)
class Ceiling:
    """What a child may use: bytes of address space, seconds of CPU, seconds by the clock, bytes of one output file."""

    memory: int = 1024**3
    cpu_s: int = 10
    wall_s: int = 20
    file_size: int = 64 * 1024**2


def run(
    module: str, source: BinaryIO | None, arguments: dict[str, Any], *, folder: Path, ceiling: Ceiling | None = None
) -> dict[str, Any]:
    """The answer of `module.work(arguments)`, run in `folder` with `source` as standard input.

    Raises SandboxError when the child exceeded the ceiling or crashed.
    """
    ceiling = ceiling or Ceiling()
    order = json.dumps({"module": module, "arguments": arguments, "ceiling": asdict(ceiling)})
    command = [sys.executable, "-I", "-c", _START, str(ROOT), order]
    try:
        done = subprocess.run(
            command,
            stdin=source if source is not None else subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
            timeout=ceiling.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SandboxError(f"took longer than {ceiling.wall_s} s") from None
    if done.returncode:
        raise SandboxError(_reason(done.returncode, done.stderr))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _reason(code: int, stderr: bytes) -> str:
    if code == -signal.SIGXCPU:
        return "used too much processor time"
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if "MemoryError" in last:
        return "used too much memory"
    return last[:300] or f"died with status {code}"
