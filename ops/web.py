"""The pages: `web/` is built into `web/dist`, once for each state of its sources.

`python -m ops.web due up` (or `test`) prints the steps that are left, one a line; `python -m ops.web STEP` takes one.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ops import node
from ops.errors import OpsError
from ops.folders import CHECKOUT

WEB = CHECKOUT / "web"
DIST, FRESH, OLD = WEB / "dist", WEB / "dist.new", WEB / "dist.old"
MODULES = WEB / "node_modules"
STAMP = ".callout"  # in node_modules and dist: the state that they were made from
LOCK = ("package.json", "package-lock.json", ".npmrc")
SOURCES = ("*.html", "vite.config.ts", "tsconfig.json", "src/**/*", "public/**/*", "plugins/**/*")
SHARED = (CHECKOUT / "app/work/transitions.json",)  # what the pages take from the server's own files


def digest(files: Iterable[Path]) -> str:
    """A name for the content of files."""
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(f"{file.relative_to(CHECKOUT)}\n{file.stat().st_size}\n".encode() + file.read_bytes())
    return found.hexdigest()


def locked() -> str:
    """The state of the packages that are asked for."""
    return digest(WEB / name for name in LOCK)


def sources() -> str:
    """The state of everything that goes into the build."""
    files = {file for pattern in SOURCES for file in WEB.glob(pattern) if file.is_file()}
    return digest([*files, *SHARED, *(WEB / name for name in LOCK)])


def stamped(folder: Path) -> str:
    """The state that `folder` was made from; empty when it was not finished."""
    stamp = folder / STAMP
    return stamp.read_text() if stamp.exists() else ""


def due(*, testing: bool) -> list[str]:
    """The steps that are left. The packages are needed for building and for testing, not for serving."""
    building = stamped(DIST) != sources()
    installing = (building or testing) and stamped(MODULES) != locked()
    return ["install"] * installing + ["build"] * building


def prepare() -> None:
    """Take every step that is left for testing; whoever comes while another is at it waits and finds it done."""
    with open(WEB / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in due(testing=True):
            STEPS[step]()


def install() -> None:
    """Install exactly what the lock file names."""
    npm("ci")
    (MODULES / STAMP).write_text(locked())


def build() -> None:
    """Build into a folder beside, then take the old one's place, so that a running server is never without."""
    state = sources()
    npm("run", "build", "--", "--outDir", str(FRESH), "--emptyOutDir")
    (FRESH / STAMP).write_text(state)
    shutil.rmtree(OLD, ignore_errors=True)
    if DIST.exists():
        os.replace(DIST, OLD)
    os.replace(FRESH, DIST)
    shutil.rmtree(OLD, ignore_errors=True)


def npm(*arguments: str) -> None:
    """Run npm in `web/`; its settings on this machine (registry, proxy) hold."""
    found = node.find()
    done = subprocess.run(found.command(*arguments), cwd=WEB, env=found.environment(), check=False)
    if done.returncode:
        raise OpsError(f"npm {' '.join(arguments[:2])} failed.", "Check the network and your npm settings.")


STEPS = {"install": install, "build": build}


def main(arguments: list[str]) -> None:
    """The command line of this module."""
    if arguments[:1] == ["due"]:
        print(*due(testing="test" in arguments), sep="\n")
    else:
        STEPS[arguments[0]]()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OpsError as error:
        sys.exit(f"callout: {error}")
