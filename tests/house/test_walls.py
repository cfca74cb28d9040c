"""The walls of the house: who imports whom, sizes, and generated pages that are up to date."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from app.factory import load_rooms
from app.kernel import problem_list

ROOT = Path(__file__).resolve().parents[2]
CODE = ("app", "dispatch", "sync", "media", "ops")

# Modules above 400 lines, each with its reason. Empty is best.
LONG: dict[str, str] = {}


def modules() -> Iterator[Path]:
    for room in CODE:
        yield from (path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


def test_modules_stay_small() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    too_long = {name: count for name, count in lines.items() if count > 400 and name not in LONG}
    assert not too_long
    assert statistics.median(lines.values()) <= 90
    assert sum(count > 250 for count in lines.values()) <= len(lines) // 20


def test_functions_stay_small() -> None:
    sizes = [
        (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert statistics.median(sizes) <= 10
    assert sum(size > 30 for size in sizes) <= len(sizes) // 20


def test_the_list_of_problems_is_up_to_date() -> None:
    load_rooms(endpoints=True)
    assert (ROOT / "docs" / "problems.md").read_text() == problem_list.render()


def test_the_head_of_the_migrations_is_the_newest() -> None:
    versions = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert versions == [f"{number:04d}" for number in range(1, len(versions) + 1)]
    assert (ROOT / "migrations" / "HEAD").read_text().strip() == versions[-1]


def test_a_constraint_is_validated_while_nobody_waits() -> None:
    """What a migration has locked stays locked until it commits, and to validate reads the whole table."""
    older = ("0017", "0018", "0019")  # of tables that were small when they ran
    texts = {path.name: path.read_text() for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")}
    validating = {name for name, text in texts.items() if "VALIDATE CONSTRAINT" in text and name[:4] not in older}
    assert not [name for name in validating if "autocommit_block" not in texts[name]]


def test_the_desk_has_words_for_all_that_happens_to_jobs_and_visits() -> None:
    told = re.compile(r"""\b(?:tell\(tx, (?:job|parent|child)|_note_plan\(tx, visit), "(\w+)"|\bevent="(\w+)\"""")
    source = "".join(path.read_text() for path in (ROOT / "app" / "work").rglob("*.py"))
    events = {event for found in told.findall(source) for event in found if event}
    words = (ROOT / "web" / "src" / "console" / "panel" / "deeds.ts").read_text()
    assert {"customer_wrote", "late_work_counts"} <= events
    assert not [event for event in sorted(events) if len(re.findall(rf"\b{event}:", words)) < 2]
