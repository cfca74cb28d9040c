"""`./callout test`: what a change must pass."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import click

from ops.folders import CHECKOUT, data_folder
from ops.stack import Stack

CHECKS = {
    "Lint": ["ruff", "check", "."],
    "Format": ["ruff", "format", "--check", "."],
    "Types": ["mypy"],
    "Import contracts": ["lint-imports", "--no-cache"],
}
PYTEST = [sys.executable, "-m", "pytest"]
ALL = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")
"""Each file in one process: most of the long ones set up a whole running Callout once. They come first, as they are."""
TEST_DATA = "test"  # beside the real data, so that tests never meet them


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Without arguments every check and all tests; with arguments only pytest, which gets them."""
    failed = [] if arguments else _check()
    stack = Stack(data_folder() / TEST_DATA, fast=True).start()
    try:
        code = subprocess.run([*PYTEST, *(arguments or ALL)], cwd=CHECKOUT, check=False).returncode
    except KeyboardInterrupt:
        code = 130
    finally:
        stack.stop()
    if failed:
        click.echo(f"Failed besides the tests: {', '.join(failed)}", err=True)
    raise SystemExit(code or bool(failed))


def _check() -> list[str]:
    """Run every check; the names of those that failed. Beside them the planner is compiled, so that no test waits."""
    compiling = subprocess.Popen([sys.executable, "-m", "dispatch.engine.improve"], cwd=CHECKOUT)
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    return [*failed, *(["Planner"] if compiling.wait() else [])]


def _passes(name: str, command: list[str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    begun = time.monotonic()
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run([program, *command[1:]], cwd=CHECKOUT, check=False, capture_output=True, text=True)
    click.echo(f"{name}: {'passed' if not done.returncode else 'FAILED'} ({time.monotonic() - begun:.1f} s)")
    if done.returncode:
        click.echo(done.stdout + done.stderr)
    return done.returncode == 0
