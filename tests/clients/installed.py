"""The clients that others wrote, installed once for each lock file, in the data folder of the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from ops.folders import locked
from ops.node import Node, find

HERE = Path(__file__).parent
DECLARED = ("package.json", "package-lock.json")


def command(script: Path) -> list[str]:
    """The command line that runs `script` (of any test folder) where it finds the packages."""
    node, data = find(), Path(os.environ["CALLOUT_DATA"])
    with locked(data, "clients"):
        home = _install(node, data / "clients" / _digest(*(HERE / name for name in DECLARED)))
        beside = sorted(script.parent.glob("*.mjs"))
        return [str(node.node), str(_copy(beside, home / _digest(*beside)) / script.name)]


def _install(node: Node, home: Path) -> Path:
    """The folder with the packages, after `npm ci` when the lock is a new one."""
    if not (home / "installed").exists():
        shutil.rmtree(home.parent, ignore_errors=True)  # those of older locks
        home.mkdir(parents=True)
        for name in DECLARED:
            shutil.copy(HERE / name, home)
        asked = node.command("ci", "--no-progress")
        done = subprocess.run(asked, cwd=home, env=node.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        (home / "installed").touch()
    return home


def _copy(scripts: list[Path], folder: Path) -> Path:
    """Node looks for packages in the folders above a script: here they are found."""
    folder.mkdir(exist_ok=True)
    for script in scripts:
        shutil.copy(script, folder)
    return folder


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]
