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
    node = find()
    with locked(_data(), "clients"):
        home = _install(node)
        beside = sorted(script.parent.glob("*.mjs"))
        return [str(node.node), str(_copy(beside, home / _digest(*beside)) / script.name)]


def compiled(package: str) -> None:
    """Compiles what a package holds for this machine, once: it needs a compiler, and takes minutes."""
    node = find()
    with locked(_data(), "clients"):
        home = _install(node)
        if not (home / package).exists():
            _run(node, home, "rebuild", package)
            (home / package).touch()


def _data() -> Path:
    return Path(os.environ["CALLOUT_DATA"])


def _install(node: Node) -> Path:
    """The folder with the packages, after `npm ci` when the lock is a new one. Nothing is compiled."""
    home = _data() / "clients" / _digest(*(HERE / name for name in DECLARED))
    if not (home / "installed").exists():
        shutil.rmtree(home.parent, ignore_errors=True)  # those of older locks
        home.mkdir(parents=True)
        for name in DECLARED:
            shutil.copy(HERE / name, home)
        _run(node, home, "ci", "--ignore-scripts")
        (home / "installed").touch()
    return home


def _run(node: Node, home: Path, *arguments: str) -> None:
    asked = node.command(*arguments, "--no-progress")
    done = subprocess.run(asked, cwd=home, env=node.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def _copy(scripts: list[Path], folder: Path) -> Path:
    """Node looks for packages in the folders above a script: here they are found."""
    folder.mkdir(exist_ok=True)
    for script in scripts:
        shutil.copy(script, folder)
    return folder


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]
