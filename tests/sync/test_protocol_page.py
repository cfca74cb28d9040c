"""docs/sync-protocol.md tells the truth: its examples have the shape of real answers, its tests exist.

With CALLOUT_WRITE_EXAMPLES=1 the examples are written anew from the answers of this run.
"""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from tests import factories
from tests.work.day import Day

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sync-protocol.md"
EXAMPLE = re.compile(r"<!-- example: (?P<name>[\w ]+) -->\n```json\n(?P<body>.*?)\n```", re.DOTALL)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
AT = "2026-03-02T08:15:00.000Z"


def conversation() -> dict[str, Any]:
    """One round of a phone that took a step and wrote a note offline, by its requests and answers."""
    day = Day()
    device = factories.device(day.engineer.user)
    phone = factories.sign_in(day.engineer.user, device)
    told: dict[str, Any] = {}

    def exchange(path: str, name: str = "", body: Any = None) -> Any:
        answer = phone.post(f"/api/v1/sync/{path}", json=body) if body else phone.get(f"/api/v1/sync/{path}")
        assert answer.status_code == 200, answer.get_json()
        if name:
            told[f"{name} answer"] = answer.get_json()
            if body:
                told[f"{name} request"] = body
        return answer.get_json()

    asked = {"device_id": str(device.id), "app_version": "1.4.0", "schema_version": 1, "device_time": AT}
    exchange("handshake", "handshake", {**asked, "pending": {"count": 2, "oldest_at": AT}})
    base = exchange("pull")["changes"]["visits"]["upserts"][0]["rev"]
    visit = str(day.visit_id)
    step = {"collection": "visits", "row_id": visit, "type": "transition", "base_rev": base, "data": {"to": "accepted"}}
    words = {"visit_id": visit, "body": "Dog in the yard."}
    note = {"collection": "notes", "row_id": str(new_id()), "type": "create", "data": words}
    wrong = {"collection": "notes", "row_id": str(new_id()), "type": "create", "data": {"body": "Where?"}}
    sent = [
        {"id": str(new_id()), "seq": seq, **one, "device_at": AT}
        for seq, one in enumerate((step, note, wrong), start=1)
    ]
    exchange("push", "push", {"device_id": str(device.id), "mutations": sent})
    page = exchange("pull?collections=visits,notes,conflicts", "pull")
    while page["more"]:
        page = exchange(f"pull?cursor={page['cursor']}")
    exchange(f"checksum?cursor={page['cursor']}", "checksum")
    return told


def shape(value: Any) -> Any:
    """What is compared: names of members and kinds of values, not the values; of a list, the kinds in it."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return sorted({json.dumps(shape(inner)) for inner in value})
    return "null or value" if value is None or isinstance(value, str | int | float | bool) else "?"


def test_the_examples_of_the_page_are_what_the_server_says() -> None:
    told = conversation()
    page = PAGE.read_text()
    if os.environ.get("CALLOUT_WRITE_EXAMPLES"):
        page = EXAMPLE.sub(lambda found: _example(found["name"], told[found["name"]]), page)
        PAGE.write_text(page)
    examples = {found["name"]: json.loads(found["body"]) for found in EXAMPLE.finditer(page)}
    assert set(examples) <= set(told)
    assert len(examples) == 6
    for name, example in examples.items():
        assert shape(example) == shape(told[name]), f"{name} looks different now; write the examples anew"


def _example(name: str, value: Any) -> str:
    return f"<!-- example: {name} -->\n```json\n{json.dumps(value, indent=1, ensure_ascii=False)}\n```"


@pytest.mark.parametrize(
    "named", sorted({found.groups() for found in TEST.finditer(PAGE.read_text())}), ids=lambda n: n[1]
)
def test_the_tests_that_the_page_names_exist(named: tuple[str, str]) -> None:
    path, name = named
    tree = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
