"""Imports over the API, in the background."""

from __future__ import annotations

from typing import Any

import pytest

from app.kernel import tasks
from tests.factories import Client, client
from tests.imports.exports import MAP, row

PATH = "/api/v1/imports/requests"


def imported(agent: Client, *rows: dict[str, Any], **more: Any) -> Any:
    """The finished task of an import, run as a worker would."""
    answer = agent.post(PATH, json={"map": MAP, "rows": list(rows), **more})
    assert answer.status_code == 202, answer.json
    tasks.run(answer.json["id"], str(agent.org_id))
    return agent.get(answer.headers["Location"]).json


def test_rows_are_imported_by_a_task_that_tells_its_result() -> None:
    agent = client("agent")
    task = imported(agent, row(1), row(2, lat="95"), row(3, no=1), first_line=2)
    assert (task["state"], task["progress"]) == ("done", 1)
    assert {key: task["result"][key] for key in ("requests", "jobs", "sites", "known")} == {
        "requests": 1, "jobs": 1, "sites": 1, "known": 0,
    }  # fmt: skip
    assert [bad["line"] for bad in task["result"]["bad"]] == [3, 4]
    assert len(agent.get("/api/v1/jobs").json["items"]) == 1
    assert imported(agent, row(1))["result"]["known"] == 1


def test_a_dry_run_leaves_nothing() -> None:
    agent = client("agent")
    task = imported(agent, *(row(number) for number in range(1, 120)), dry_run=True)
    assert (task["state"], task["result"]["requests"], task["result"]["dry_run"]) == ("done", 119, True)
    assert agent.get("/api/v1/requests").json["items"] == []
    assert imported(agent, row(1))["result"]["requests"] == 1


def test_a_bad_row_is_told_with_the_line_that_it_begins_in() -> None:
    task = imported(client("agent"), row(1), row(2, lat="95"), row(3, no=1), lines=[2, 5, 9], dry_run=True)
    bad = task["result"]["bad"]
    assert [one["line"] for one in bad] == [5, 9]
    assert "line 2 already" in bad[1]["reason"]


def test_a_try_names_what_it_would_make_so_that_parts_can_be_added_up() -> None:
    agent = client("agent")
    first, second = (imported(agent, row(number), dry_run=True)["result"] for number in (1, 2))
    assert first["sites"] == len(first["made"]["sites"]) == 1
    assert first["accounts"] == len(first["made"]["accounts"])
    assert imported(agent, row(1), row(2), dry_run=True)["result"]["sites"] == len(
        {*first["made"]["sites"], *second["made"]["sites"]}
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rows": [row(1)]}, "/map"),
        ({"map": MAP, "rows": [row(1)], "lines": [2, 3]}, "/lines"),
        ({"map": MAP, "rows": [row(1)], "lines": [-1]}, "/lines/0"),
        ({"map": MAP, "rows": []}, "/rows"),
        ({"map": MAP, "rows": [1]}, "/rows/0"),
        ({"map": {**MAP, "fields": {"subject": "{a}"}}, "rows": [row(1)]}, "/fields/external_id"),
        ({"map": {**MAP, "fields": {**MAP["fields"], "state": 1}}, "rows": [row(1)]}, "/map/fields/state/value"),
        ({"map": {**MAP, "timezone": "Mars"}, "rows": [row(1)]}, "/map/timezone"),
    ],
)
def test_a_wrong_body_is_refused_with_its_place(body: dict[str, Any], pointer: str) -> None:
    answer = client("agent").post(PATH, json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_who_may_not_write_requests_may_not_import() -> None:
    assert client("engineer").post(PATH, json={"map": MAP, "rows": [row(1)]}).status_code == 403
