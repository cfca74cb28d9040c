"""The front door: help and doctor on a machine with nothing, errors in plain words, every command in its place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.__main__ import LazyGroup, load
from app.cli.commands import COMMANDS, exists
from ops.folders import CHECKOUT

PRESENT = [name for name in COMMANDS if exists(name)]


def callout(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script `callout` of this checkout."""
    environment = {**os.environ, **variables}
    return subprocess.run([CHECKOUT / "callout", *arguments], env=environment, capture_output=True, text=True)


def bare(module: str) -> subprocess.CompletedProcess[str]:
    """Run one of our modules with the standard library alone."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run([sys.executable, "-S", "-P", "-m", module], env=environment, capture_output=True, text=True)


def test_help_names_every_command_in_one_line_without_any_package() -> None:
    said = bare("app.cli.commands")
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    for name, (_, text) in COMMANDS.items():
        assert any(line.split(text)[0].strip() == name for line in lines if line.endswith(text)), name


def test_doctor_needs_nothing_but_python() -> None:
    said = bare("ops.doctor")
    assert said.returncode in (0, 1), said.stderr
    for name in ("postgresql-postgis", "Python packages", "Data folder"):
        assert name in said.stdout


@pytest.mark.parametrize("name", PRESENT)
def test_each_command_loads_and_explains_itself(name: str) -> None:
    assert isinstance(load(name), click.Command)
    asked = CliRunner().invoke(LazyGroup("callout"), [*name.split(), "--help"])
    assert asked.exit_code == 0, asked.output
    assert "Usage:" in asked.output


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(LazyGroup("callout"), ["fly"]).exit_code == 2
    assert CliRunner().invoke(LazyGroup("callout"), ["user", "fly"]).exit_code == 2


def test_a_command_that_this_build_lacks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "later", ("no.such.module:command", "Later."))
    asked = CliRunner().invoke(LazyGroup("callout"), ["later"])
    assert "no command 'later'" in str(asked.exception)


def test_the_script_answers_from_any_folder_and_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "callout"
    link.symlink_to(CHECKOUT / "callout")
    said = subprocess.run([link, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "./callout COMMAND" in said.stdout


def test_errors_are_told_without_a_traceback(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        said = subprocess.run(
            [sys.executable, "-m", "app.cli", "migrate", "--data", str(closed / "data")],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
        )
    finally:
        closed.chmod(0o700)
    assert said.returncode == 1
    assert "cannot enter" in said.stderr
    assert "--data" in said.stderr, "the remedy"
    assert "Traceback" not in said.stderr


@pytest.fixture
def small_checkout(tmp_path: Path) -> Path:
    """A checkout whose list of packages names one that exists nowhere, and a PATH without sudo or apt."""
    (tmp_path / "ops").mkdir()
    shutil.copy(CHECKOUT / "callout", tmp_path / "callout")
    (tmp_path / "ops" / "packages.txt").write_text("# list\nno-such-package run /no/such/* for this test\n")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "id", "cat", "cksum", "mkdir", "date", "tail", "sed", "flock"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(sys.executable)
    return tmp_path


def test_a_missing_package_that_cannot_be_installed_is_named_with_a_remedy(small_checkout: Path) -> None:
    said = subprocess.run(
        ["/bin/sh", small_checkout / "callout", "up"],
        env={"PATH": str(small_checkout / "tools")},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "lacks: no-such-package" in said.stderr
    assert "package manager" in said.stderr


def test_no_python_is_said_plainly(small_checkout: Path) -> None:
    (small_checkout / "tools" / "python3").unlink()
    said = subprocess.run(
        ["/bin/sh", small_checkout / "callout", "--help"],
        env={"PATH": str(small_checkout / "tools")},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "no Python 3.11 to 3.13 was found" in said.stderr


def test_the_next_call_prepares_nothing() -> None:
    assert callout("bench", "--help").stderr.count("Installing") <= 1
    assert "Installing" not in callout("migrate", "--help").stderr
