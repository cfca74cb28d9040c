"""What was compiled is kept on disk, and no longer used once any module beside it has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTER = """
from dispatch.engine.compiled import compiled
from rooms.inner import inner

@compiled
def outer(x: int) -> int:
    return inner(x) + 1

print(outer(1), sum(outer.stats.cache_hits.values()))
"""
INNER = """
from dispatch.engine.compiled import compiled

@compiled
def inner(x: int) -> int:
    return x * {}
"""


def test_a_change_of_another_module_is_noticed(tmp_path: Path) -> None:
    rooms, kept = tmp_path / "rooms", tmp_path / "kept"
    rooms.mkdir()
    (rooms / "__init__.py").touch()
    (rooms / "outer.py").write_text(OUTER)
    (rooms / "inner.py").write_text(INNER.format(2))

    def said() -> str:
        path = os.pathsep.join((str(ROOT), str(tmp_path)))
        # Python's own cache tells modules apart by size and second: the change comes within the same second.
        env = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(kept), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "rooms.outer"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()

    assert said() == "3 0"
    (rooms / "inner.py").write_text(INNER.format(5))
    assert [said(), said()] == ["6 0", "6 1"]
