"""What is present on this machine, what is missing, how to get it. Standard library only: for bare machines."""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ops.errors import OpsError
from ops.folders import CHECKOUT, can_enter, data_folder, database_account

PYTHONS = ((3, 11), (3, 14))  # from, below


@dataclass(frozen=True)
class Finding:
    """One line of the table; `needed` says whether Callout can do without it."""

    name: str
    present: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in the order in which `./callout` needs it."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python 3.11 to 3.13", PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1], f"{version} {sys.executable}")
    yield from _packages()
    yield _environment()
    yield from _outside()
    yield _data()
    node = shutil.which("node")
    yield Finding("Node", bool(node), node or "a wheel is used instead", needed=False)
    yield _may_install()


def _packages() -> Iterator[Finding]:
    for line in (CHECKOUT / "ops" / "packages.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, group, probe, *why = line.split()
        found = _can_make_environments() if name == "python3-venv" else bool(glob.glob(probe))
        needed = not (group == "database" and "CALLOUT_DATABASE_URL" in os.environ) and group != "test"
        yield Finding(name, found, " ".join(why), f"apt-get install {name}", needed)


def _can_make_environments() -> bool:
    return bool(importlib.util.find_spec("ensurepip")) and bool(importlib.util.find_spec("venv"))


def _environment() -> Finding:
    python = CHECKOUT / ".venv" / "bin" / "python"
    works = python.exists() and subprocess.run([python, "-c", "import flask"], capture_output=True).returncode == 0
    return Finding("Python packages", works, str(python.parent.parent), "made by the first ./callout up")


def _outside() -> Iterator[Finding]:
    for variable in ("CALLOUT_DATABASE_URL", "CALLOUT_DATABASE_OWNER_URL", "CALLOUT_REDIS_URL"):
        if variable in os.environ:
            yield Finding(variable, True, "an outside server is used")


def _data() -> Finding:
    try:
        account = database_account()
    except OpsError:
        return Finding("Data folder", True, "chosen once PostgreSQL is installed", needed=False)
    try:
        folder = data_folder()
    except OpsError as error:
        return Finding("Data folder", False, error.message, error.remedy)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    if not os.access(nearest, os.W_OK):
        remedy = "run as its owner, or choose another with --data"
        return Finding("Data folder", False, f"{nearest} is not writable", remedy)
    entered = can_enter(folder, account)
    return Finding("Data folder", entered and free > 1, f"{folder} ({free:.0f} GB free)", "make room, or use --data")


def _may_install() -> Finding:
    how = "root" if os.getuid() == 0 else "sudo" if shutil.which("sudo") else ""
    return Finding("May install packages", bool(how), how, "not needed once everything above is present", needed=False)


def main() -> int:
    """Print the table. The exit code is 1 when something that `./callout up` needs is missing."""
    found = list(findings())
    width = max(len(finding.name) for finding in found) + 2
    for finding in found:
        state = "ok" if finding.present else "MISSING" if finding.needed else "-"
        remedy = "" if finding.present or not finding.remedy else f"  →  {finding.remedy}"
        print(f"{state:<9}{finding.name:<{width}}{finding.detail}{remedy}")
    missing = [finding.name for finding in found if finding.needed and not finding.present]
    if missing:
        print(f"\nMissing: {', '.join(missing)}. './callout up' installs them when it may (as root or with sudo).")
        return 1
    print("\nEverything that './callout up' needs is here.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print("Usage: ./callout doctor\n\nSay what is missing on this machine and how to get it.")
        sys.exit(0 if sys.argv[1] in ("-h", "--help") else 2)
    sys.exit(main())
