"""Every reason is proved: lift it (or all of the joint ones) and the visit fits; keep it and it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.engine.answer import Reason, Rejection
from dispatch.engine.insertion import recommend
from dispatch.engine.model import Break, EngineerDay, Problem, Visit
from dispatch.engine.settle import settle
from dispatch.engine.wording import reason_text
from tests.dispatch.days import EIGHT, HOUR, MINUTE, day, line_travel, problems, visit
from tests.dispatch.test_recommend import planned


def number(reason: Reason, name: str) -> int:
    """A whole number of a reason."""
    value = reason.numbers[name]
    assert isinstance(value, int)
    return value


def lift(problem: Problem, refused: Rejection, visit_id: str, reason: Reason, less: int = 0) -> Problem:
    """The problem with exactly this reason taken away; `less` seconds short of it where the reason has seconds."""
    wanted = problem.visits[problem.visit_index[visit_id]]
    here = problem.days[problem.day_index[refused.day_id]]
    wanted, here = LIFTS[reason.rule](wanted, here, reason, less)
    gone = set(reason.numbers["visits"]) if reason.rule == "displaces" else set()  # type: ignore[call-overload]
    return replace(
        problem,
        days=tuple(here if d.id == here.id else d for d in problem.days),
        visits=tuple(wanted if v.id == visit_id else v for v in problem.visits),
        routes={d: tuple(v for v in r if v not in gone) for d, r in problem.routes.items()},
    )


def _skill(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    return wanted, replace(here, skills={**here.skills, str(reason.numbers["missing"]): number(reason, "need")})


def _territory(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    return wanted, replace(here, territories=here.territories | {str(reason.numbers["territory"])})


def _excluded(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    if reason.numbers["by"] == "required":
        return replace(wanted, required_engineers=wanted.required_engineers | {here.engineer_id}), here
    return replace(wanted, excluded_engineers=wanted.excluded_engineers - {here.engineer_id}), here


def _parts(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    part = str(reason.numbers["part"])
    return wanted, replace(here, parts={**here.parts, part: here.parts.get(part, 0) + 9})


def _window(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    by = number(reason, "seconds") - less
    early, late = (by, 0) if reason.numbers["side"] == "early" else (0, by)
    wider = tuple((a - early, b + late) for a, b in wanted.starts)
    return replace(wanted, windows=wider, earliest=None, latest=None), here


def _shift(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    by = number(reason, "seconds") - less
    if reason.numbers["side"] == "start":
        return wanted, replace(here, shift_start=here.shift_start - by)
    return wanted, replace(here, overtime_limit=here.overtime_limit + by)


def _far(wanted: Visit, here: EngineerDay, reason: Reason, less: int) -> tuple[Visit, EngineerDay]:
    return wanted, replace(here, max_travel=number(reason, "seconds") - less)


LIFTS: dict[str, Callable[[Visit, EngineerDay, Reason, int], tuple[Visit, EngineerDay]]] = {
    "skill": _skill,
    "territory": _territory,
    "excluded": _excluded,
    "crew": lambda v, d, r, less: (v, replace(d, crew_size=v.crew_size)),
    "parts": _parts,
    "max_jobs": lambda v, d, r, less: (v, replace(d, max_jobs=None)),
    "window_miss": _window,
    "shift_overrun": _shift,
    "unreachable": _far,
    "break": lambda v, d, r, less: (v, replace(d, breaks=())),
    "displaces": lambda v, d, r, less: (v, d),
}


def fits(problem: Problem, day_id: str, visit_id: str) -> bool:
    """Whether the visit now has a place on exactly this day."""
    only = replace(problem, days=tuple(d for d in problem.days if d.id == day_id))
    return bool(recommend(only, visit_id, why_not=0).candidates)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(problems(locks=False), st.integers(0, 5))
def test_reasons_are_sufficient_and_necessary(drawn: Problem, pick: int) -> None:
    problem, _ = settle(planned(drawn))
    chosen = problem.visits[pick % len(problem.visits)]
    for refused in recommend(problem, chosen.id).rejected:
        if any(r.rule == "off_shift" for r in refused.reasons):
            continue  # has no least change; proved on its own below
        standing = [r for r in refused.reasons if not r.any_of]
        for option in [[r] for r in refused.reasons if r.any_of] or [[]]:
            prove(problem, refused, chosen.id, [*standing, *option])


def prove(problem: Problem, refused: Rejection, visit_id: str, reasons: list[Reason]) -> None:
    """All of them lifted: it fits. Any single one kept, or lifted a second too little: it does not."""
    assert reasons
    assert fits(lifted(problem, refused, visit_id, reasons), refused.day_id, visit_id), reasons
    freed = (
        {"max_jobs", "parts"} if any(r.rule == "displaces" for r in reasons) else set()
    )  # a visit that goes frees them
    for kept in (r for r in reasons if r.rule not in freed):
        rest = [r for r in reasons if r is not kept]
        assert not fits(lifted(problem, refused, visit_id, rest), refused.day_id, visit_id), (kept, reasons)
    for timed in (r for r in reasons if r.any_of and "seconds" in r.numbers):
        short = lift(
            lifted(problem, refused, visit_id, [r for r in reasons if r is not timed]), refused, visit_id, timed, 1
        )
        assert not fits(short, refused.day_id, visit_id), timed


def lifted(problem: Problem, refused: Rejection, visit_id: str, reasons: list[Reason]) -> Problem:
    """The problem without these reasons."""
    for reason in reasons:
        problem = lift(problem, refused, visit_id, reason)
    return problem


def reasons_for(wanted: Visit, here: EngineerDay, *others: Visit, spots: tuple[int, ...] = (0, 10, 20)) -> list[Reason]:
    """All reasons why one engineer with these other visits cannot do it."""
    problem = Problem((here,), (wanted, *others), line_travel(list(spots)), {here.id: tuple(v.id for v in others)})
    (refused,) = recommend(problem, wanted.id).rejected
    return list(refused.reasons)


def test_all_standing_rules_are_listed_together() -> None:
    wanted = visit(
        1,
        skills={"f-gas": 3, "lift": 2},
        territory="north",
        excluded_engineers=frozenset({"e0"}),
        required_engineers=frozenset({"e7"}),
        crew_size=2,
        parts={"valve": 2},
    )
    here = day(expired={"f-gas": "2026-11-01"}, parts={"valve": 1}, max_jobs=0)
    said = [reason_text(reason) for reason in reasons_for(wanted, here)]
    assert said == [
        "certificate f-gas expired 2026-11-01",
        "does not have lift",
        "does not serve territory north",
        "the customer does not want this engineer",
        "the customer demands 1 other",
        "crew of 2 needed, has 1",
        "1 × valve short on the van",
        "already has 0 of 0 visits",
    ]


def proved_together(problem: Problem, visit_id: str) -> dict[str, int]:
    """The reasons, in minutes, of the only engineer, for whom no single change helps; each is proved."""
    (refused,) = recommend(problem, visit_id).rejected
    assert not any(r.any_of for r in refused.reasons)
    prove(problem, refused, visit_id, list(refused.reasons))
    return {r.rule: number(r, "seconds") // 60 for r in refused.reasons}


def test_the_missed_window_allows_for_the_break_that_must_come_first() -> None:
    here = day(breaks=(Break(EIGHT, EIGHT + 30 * MINUTE, 30 * MINUTE),), max_travel=5 * MINUTE)
    wanted = visit(1, service=HOUR, windows=((EIGHT + 5 * MINUTE, EIGHT + 5 * MINUTE),))
    problem = Problem((here,), (wanted,), line_travel([0, 10]))
    assert proved_together(problem, "v1") == {"window_miss": 35, "unreachable": 10}


def test_a_change_that_the_others_make_superfluous_is_not_asked_for() -> None:
    here = day(shift_end=EIGHT + 130 * MINUTE, max_travel=25 * MINUTE)
    wanted = visit(1, service=100 * MINUTE, windows=((EIGHT + 20 * MINUTE, EIGHT + 20 * MINUTE),))
    problem = Problem((here,), (wanted, visit(2)), line_travel([0, 20, -20]), {"d0": ("v2",)})
    assert proved_together(problem, "v1") == {"shift_overrun": 80, "unreachable": 40}


@pytest.mark.parametrize(
    ("wanted", "here", "expected"),
    [
        (visit(1, windows=((EIGHT, EIGHT + 4 * MINUTE),)), day(), {"window_miss": 6, "shift_overrun": 6}),
        (visit(1, service=8 * HOUR), day(), {"shift_overrun": 20}),
        (visit(1), day(max_travel=5 * MINUTE), {"unreachable": 10}),
        (
            visit(1, windows=((EIGHT + 4 * HOUR, EIGHT + 4 * HOUR),)),
            day(breaks=(Break(EIGHT + 4 * HOUR, EIGHT + 4 * HOUR, 30 * MINUTE),)),
            {"window_miss": 30, "break": None},
        ),
    ],
)
def test_hours_that_fail_carry_their_minutes(wanted: Visit, here: EngineerDay, expected: dict[str, int | None]) -> None:
    reasons = {r.rule: r for r in reversed(reasons_for(wanted, here)) if r.any_of}
    minutes = {rule: number(r, "seconds") // 60 if "seconds" in r.numbers else None for rule, r in reasons.items()}
    assert minutes == expected


EVER = 10 * 24 * HOUR
HUGE: dict[str, Reason] = {
    "window_miss late": Reason("window_miss", {"seconds": EVER, "side": "late"}),
    "window_miss early": Reason("window_miss", {"seconds": EVER, "side": "early"}),
    "shift_overrun end": Reason("shift_overrun", {"seconds": EVER, "side": "end"}),
    "unreachable None": Reason("unreachable", {"seconds": EVER}),
    "break None": Reason("break"),
}
"""Changes so large that a larger one cannot help more."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(problems(locks=False), st.integers(0, 5))
def test_what_is_not_told_would_not_help_however_far_it_gave_way(drawn: Problem, pick: int) -> None:
    problem, _ = settle(planned(drawn))
    chosen = problem.visits[pick % len(problem.visits)]
    for refused in recommend(problem, chosen.id).rejected:
        if any(r.rule == "off_shift" for r in refused.reasons):
            continue
        free = lifted(problem, refused, chosen.id, [r for r in refused.reasons if r.rule in STANDING])
        hours = [r for r in refused.reasons if r.rule not in STANDING]
        told = {f"{r.rule} {r.numbers.get('side')}" for r in hours if r.any_of}
        if not hours:
            continue
        for name in HUGE.keys() - told:
            assert not fits(lift(free, refused, chosen.id, HUGE[name]), refused.day_id, chosen.id), name
        assert _rooms(free, refused, chosen.id) == [r.numbers["visits"] for r in hours if r.rule == "displaces"]


STANDING = {"skill", "territory", "excluded", "crew", "parts", "max_jobs"}


def _rooms(problem: Problem, refused: Rejection, visit_id: str) -> list[list[str]]:
    """The visit of least weight of those each of which, taken out alone, makes room; none where none does."""
    day_id = refused.day_id
    others = [problem.visits[problem.visit_index[v]] for v in problem.routes.get(day_id, ()) if v != visit_id]
    going = [
        (one.priority, one.id)
        for one in others
        if fits(lift(problem, refused, visit_id, Reason("displaces", {"visits": [one.id]})), day_id, visit_id)
    ]
    return [[min(going)[1]]] if going else []


def test_a_full_day_names_the_visit_that_would_have_to_go() -> None:
    filler = visit(2, service=7 * HOUR)
    said = {r.rule: r.numbers for r in reasons_for(visit(1, service=HOUR), day(), filler)}
    assert said["displaces"]["visits"] == ["v2"]
    assert said["shift_overrun"]["minutes"] == 40


def test_no_shift_is_to_begin_in_the_past() -> None:
    """The work takes forty minutes more than the shift: beginning earlier would do, unless it is that late already."""
    long, begins = visit(1, service=8 * HOUR + 40 * MINUTE), EIGHT

    def ways(soonest: int) -> set[tuple[str, object]]:
        found = reasons_for(long, day(soonest=soonest))
        return {(one.rule, one.numbers.get("side")) for one in found}

    assert ("shift_overrun", "start") in ways(begins - HOUR)
    assert ("shift_overrun", "end") in ways(begins)
    assert ("shift_overrun", "start") not in ways(begins)
    assert ("shift_overrun", "start") not in ways(begins - 10 * MINUTE)


def test_off_shift_is_said_when_no_window_lies_in_the_shift() -> None:
    tomorrow = visit(1, windows=((EIGHT + 24 * HOUR, EIGHT + 25 * HOUR),))
    (reason,) = reasons_for(tomorrow, day())
    assert reason.rule == "off_shift"
    assert reason_text(reason) == "no window lies in the shift 08:00–16:00"
    assert reason_text(reason, "zh") == "时间窗不在班次 08:00–16:00 内"
    longer = day(shift_end=EIGHT + 26 * HOUR)
    assert recommend(Problem((longer,), (tomorrow,), line_travel([0, 10])), "v1").candidates
