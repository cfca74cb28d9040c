"""The status of a job, and answers to checklist items: pure decisions, as tables."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from app.work.rules import JobFacts, job_status, problem_of_answer
from app.work.statuses import JOB_STATUSES, VISIT_STATUSES


@pytest.mark.parametrize(
    ("visits", "office", "expected"),
    [
        ([], {}, "new"),
        ([], {"triaged": True}, "open"),
        (["draft"], {}, "new"),
        (["draft"], {"triaged": True}, "open"),
        (["draft", "scheduled"], {"triaged": True}, "scheduled"),
        (["dispatched"], {}, "scheduled"),
        (["accepted"], {}, "scheduled"),
        (["en_route"], {}, "in_progress"),
        (["paused", "draft"], {}, "in_progress"),
        (["working"], {"held": True}, "on_hold"),
        (["completed"], {"held": True}, "on_hold"),
        (["completed"], {}, "completed"),
        (["completed", "scheduled"], {}, "in_progress"),
        (["completed", "cancelled"], {}, "completed"),
        (["approved", "cannot_complete"], {}, "completed"),
        (["disputed"], {}, "completed"),
        (["disputed", "draft"], {}, "in_progress"),
        (["cannot_complete"], {}, "open"),
        (["cannot_complete", "draft"], {"triaged": True}, "open"),
        (["cannot_complete", "dispatched"], {}, "scheduled"),
        (["aborted"], {}, "open"),
        (["cancelled"], {"triaged": True}, "open"),
        (["completed"], {"closed": True}, "closed"),
        (["working"], {"cancelled": True}, "cancelled"),
        ([], {"cancelled": True, "closed": True, "held": True}, "cancelled"),
    ],
)
def test_the_status_of_a_job(visits: list[str], office: dict[str, bool], expected: str) -> None:
    assert job_status(JobFacts(visits=visits, **office)) == expected


def test_every_combination_has_a_status_and_the_order_of_visits_does_not_matter() -> None:
    for pair in itertools.combinations_with_replacement(VISIT_STATUSES, 3):
        found = {job_status(JobFacts(visits=order)) for order in itertools.permutations(pair)}
        assert len(found) == 1
        assert found <= set(JOB_STATUSES)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("bool", [True, False], [None, 0, "true"]),
        ("number", [0, 1.5, -3], [True, "1", float("nan"), float("inf"), None]),
        ("text", ["ok"], ["", "  ", 5, None, "x" * 5_001]),
        ("choice", ["red"], ["blue", 1, None, ["red"]]),
        (
            "photo",
            ["0190d3c1-7c5e-7000-8000-000000000000", ["0190d3c1-7c5e-7000-8000-000000000000"]],
            ["x", [], 5, [5]],
        ),
    ],
)
def test_answers_fit_the_kind_of_their_item(kind: str, good: list[Any], bad: list[Any]) -> None:
    assert [problem_of_answer(kind, ["red"], value) for value in good] == [None] * len(good)
    assert all(problem_of_answer(kind, ["red"], value) for value in bad)
