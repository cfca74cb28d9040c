"""The validator sees every kind of broken plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.engine.answer import Plan, Route, Step
from dispatch.engine.model import Break, Lock, Problem, Visit
from dispatch.engine.solve import Options, plan
from dispatch.engine.validate import violations
from tests.dispatch.days import EIGHT, HOUR, MINUTE, day, line_travel, visit

LUNCH = Break(EIGHT + 4 * HOUR, EIGHT + 5 * HOUR, 30 * MINUTE)


def good() -> tuple[Problem, Plan]:
    """One engineer, a locked visit, two free ones and lunch."""
    visits = (
        visit(1, lock=Lock("d0", EIGHT + HOUR)),
        visit(2, windows=((EIGHT, EIGHT + 3 * HOUR),)),
        visit(3, windows=((EIGHT + 4 * HOUR, EIGHT + 7 * HOUR),)),
    )
    engineer = day(breaks=(LUNCH,), parts={"valve": 1}, max_travel=30 * MINUTE)
    problem = Problem((engineer,), visits, line_travel([0, 10, 20, 30]))
    answer = plan(problem, Options(use_vroom=False, rounds=0))
    assert violations(problem, answer) == []
    return problem, answer


def moved(answer: Plan, visit_id: str, seconds: int) -> Plan:
    """The plan with one visit's step shifted in time."""

    def shift(step: Step) -> Step:
        if step.visit_id != visit_id:
            return step
        return replace(step, arrival=step.arrival + seconds, start=step.start + seconds, end=step.end + seconds)

    return with_steps(answer, lambda steps: tuple(shift(s) for s in steps))


def with_steps(answer: Plan, change: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> Plan:
    """The plan with the steps of its only route changed."""
    route: Route = answer.routes[0]
    return replace(answer, routes=(replace(route, steps=change(route.steps)),))


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("lock", lambda plan: moved(plan, "v1", 60)),
        ("window", lambda plan: moved(plan, "v2", 4 * HOUR)),
        ("travel", lambda plan: moved(plan, "v2", -120)),
        ("hours", lambda plan: with_steps(plan, lambda s: (replace(s[0], arrival=s[0].start + 1), *s[1:]))),
        ("late", lambda plan: with_steps(plan, lambda s: (replace(s[0], late=60), *s[1:]))),
        ("once", lambda plan: with_steps(plan, lambda steps: steps[1:])),
        ("break", lambda plan: with_steps(plan, lambda steps: tuple(s for s in steps if s.kind != "break"))),
        ("service", lambda plan: with_steps(plan, lambda s: (replace(s[0], end=s[0].end + 1), *s[1:]))),
        ("shift", lambda plan: replace(plan, routes=(replace(plan.routes[0], end=EIGHT + 9 * HOUR),))),
        ("travel", lambda plan: replace(plan, routes=(replace(plan.routes[0], end=EIGHT + HOUR),))),
    ],
)
def test_a_spoiled_plan_is_noticed(rule: str, spoil: Callable[[Plan], Plan]) -> None:
    problem, answer = good()
    assert rule in {v.rule for v in violations(problem, spoil(answer))}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("skill", {"skills": {"gas": 1}}),
        ("territory", {"territory": "north"}),
        ("excluded", {"excluded_engineers": frozenset({"e0"})}),
        ("excluded", {"required_engineers": frozenset({"e1"})}),
        ("crew", {"crew_size": 2}),
        ("parts", {"parts": {"valve": 2}}),
    ],
)
def test_a_visit_on_the_wrong_day_is_noticed(rule: str, change: dict[str, object]) -> None:
    problem, answer = good()
    changed: tuple[Visit, ...] = tuple(
        replace(v, **change) if v.id == "v2" else v  # type: ignore[arg-type]
        for v in problem.visits
    )
    assert rule in {v.rule for v in violations(replace(problem, visits=changed), answer)}


@pytest.mark.parametrize(("rule", "change"), [("max_jobs", {"max_jobs": 2}), ("unreachable", {"max_travel": 60})])
def test_a_day_with_narrower_limits_is_noticed(rule: str, change: dict[str, object]) -> None:
    problem, answer = good()
    narrow = replace(problem.days[0], **change)  # type: ignore[arg-type]
    assert rule in {v.rule for v in violations(replace(problem, days=(narrow,)), answer)}


def test_breaks_of_one_length_are_told_apart_by_when_they_must_begin() -> None:
    """Whichever is named first: the one that has to be over first is taken first."""
    soon, later = (Break(EIGHT + MINUTE, EIGHT + n * MINUTE, 15 * MINUTE) for n in (1, 16))
    held = visit(1, place=0, service=MINUTE, lock=Lock("d0", EIGHT))
    for breaks in ((soon, later), (later, soon)):
        problem = Problem((day(0, breaks=breaks, shift_end=EIGHT + HOUR),), (held,), line_travel([0]))
        assert violations(problem, plan(problem, Options(use_vroom=False, rounds=0))) == []
