"""Recommendations beside an exhaustive search that uses only the validator and the scalar score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dispatch.engine import tally
from dispatch.engine.answer import Term
from dispatch.engine.insertion import Insertion, asking, present_routes, recommend, without
from dispatch.engine.model import Break, Lock, Problem
from dispatch.engine.rules import allows, load
from dispatch.engine.settle import anchored, settle
from dispatch.engine.solve import Options, plan
from dispatch.engine.wording import LANGUAGES, length, reason_text, term_text
from tests.dispatch.days import EIGHT, HOUR, MINUTE, city_day, day, line_travel, problems, visit

HOURS = {"window_miss", "shift_overrun", "unreachable", "break", "displaces"}
OWN = Options(use_vroom=False, explain=False, rounds=300)
SLOW = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def planned(problem: Problem) -> Problem:
    """The problem with its own plan as the present one."""
    return replace(problem, routes={r.day_id: r.visit_ids for r in plan(problem, OWN).routes})


def exhaustive(problem: Problem, visit_id: str) -> list[tuple[float, str]]:
    """(score, engineer) of every engineer, best first, by trying each position of each day one after another."""
    eased, _ = settle(anchored(without(problem, visit_id)))
    search = Insertion(eased, present_routes(eased))
    wanted = eased.visits[eased.visit_index[visit_id]]
    best: dict[str, float] = {}
    for d, here in enumerate(eased.days):
        if not allows(wanted, here) or load(wanted, here, search.table.routes[d]):
            continue
        for leg in range(len(search.table.routes[d]) + 1):
            candidate = search.score(wanted, d, leg)
            if candidate and _drives_are_short(eased, search, d, leg, wanted.place):
                best[here.engineer_id] = max(best.get(here.engineer_id, -1e18), candidate.score)
    return sorted(((score, e) for e, score in best.items()), reverse=True)


def _drives_are_short(problem: Problem, search: Insertion, d: int, leg: int, place: int) -> bool:
    here, route = problem.days[d], search.table.routes[d]
    origin = route[leg - 1].place if leg else here.start
    drives = [problem.drive(here, origin, place)]
    if leg < len(route):
        drives.append(problem.drive(here, place, route[leg].place))
    return here.max_travel is None or max(drives) <= here.max_travel


@SLOW
@given(problems(), st.integers(0, 5))
def test_the_recommendation_equals_the_exhaustive_search(drawn: Problem, pick: int) -> None:
    problem = planned(drawn)
    chosen = problem.visits[pick % len(problem.visits)]
    assume(chosen.lock is None)
    answer = recommend(problem, chosen.id, limit=5, why_not=0)
    expected = exhaustive(problem, chosen.id)
    assert [round(c.score, 6) for c in answer.candidates] == [round(score, 6) for score, _ in expected]


@SLOW
@given(problems(), st.integers(0, 5))
def test_every_engineer_is_either_a_candidate_or_told_why_not(drawn: Problem, pick: int) -> None:
    problem = planned(drawn)
    chosen = problem.visits[pick % len(problem.visits)]
    assume(chosen.lock is None)
    search, wanted = asking(problem, chosen.id)
    look = search.ask(wanted)
    answer = search.answer(look, 5, None)
    candidates = {c.engineer_id for c in answer.candidates}
    rejected = {r.engineer_id: {reason.rule for reason in r.reasons} for r in answer.rejected}
    assert candidates | rejected.keys() == {d.engineer_id for d in problem.days}
    counted = tally.by_engineer([(search, look)], look.possible)
    assert counted.keys() == rejected.keys()
    for engineer_id, one in counted.items():
        assert rejected[engineer_id] & ({one.rule} if one.rule != "no_time" else HOURS), (one, rejected[engineer_id])
        assert one.rule != "no_time" or rejected[engineer_id] <= HOURS
    assert not candidates & rejected.keys()
    for language in LANGUAGES:
        assert all(reason_text(reason, language) for r in answer.rejected for reason in r.reasons)
        assert all(term_text(term, language) for c in answer.candidates for term in c.terms)


def test_on_a_city_day_the_top_five_equal_the_exhaustive_search() -> None:
    problem = planned(city_day(12, 60, seed=11))
    for chosen in problem.visits[:15]:
        found = [c.engineer_id for c in recommend(problem, chosen.id, why_not=0).candidates]
        assert found == [engineer for _, engineer in exhaustive(problem, chosen.id)][:5]


def test_a_candidate_explains_its_score() -> None:
    known = visit(1, known_by=frozenset({"e0"}), skills={"gas": 2}, present="e1", promised=True)
    days = (day(0, skills={"gas": 5}), day(1, skills={"gas": 2}, start=2, end=2))
    problem = Problem(days, (known, visit(2)), line_travel([0, 12, 0]), {"d1": ("v2",)})
    first, second = recommend(problem, "v1").candidates
    terms = {term.name: term.points for term in second.terms}
    assert terms == {"travel": -24.0, "continuity": 10.0, "skill_waste": -6.0, "stability": -40.0, "balance": 1.0}
    assert second.score == pytest.approx(sum(terms.values()))
    assert (first.engineer_id, first.start, first.added_seconds) == ("e1", EIGHT + 12 * MINUTE, 24 * MINUTE)
    said = [term_text(term) for term in second.terms]
    assert said[:2] == ["+24 min travel", "knows the site"]
    assert term_text(second.terms[0], "zh") == "车程 +24 分钟"


def test_one_is_told_as_one() -> None:
    assert term_text(Term("balance", 2.0, {"visits": -1.0})) == "one visit fewer than the mean"
    assert term_text(Term("balance", -3.0, {"visits": 1.5})) == "1.5 visits more than the mean"
    assert term_text(Term("skill_waste", -2.0, {"levels": 1})) == "one skill level more than needed"


def test_an_urgent_visit_shows_who_is_delayed_and_which_deadline_breaks() -> None:
    later = visit(1, deadline=EIGHT + 60 * MINUTE)
    urgent = visit(2, latest=EIGHT + 30 * MINUTE)
    problem = Problem((day(),), (later, urgent), line_travel([0, 10, 10]), {"d0": ("v1",)})
    (candidate,) = recommend(problem, "v2").candidates
    (delay,) = candidate.delays
    assert (delay.visit_id, delay.seconds, delay.late) == ("v1", 30 * MINUTE, 10 * MINUTE)


def test_delaying_a_planned_visit_costs_even_when_it_breaks_nothing() -> None:
    planned = visit(1, told=EIGHT + HOUR, earliest=EIGHT + HOUR)
    extra = visit(2, windows=((EIGHT + HOUR, EIGHT + 3 * HOUR),))
    problem = Problem((day(),), (planned, extra), line_travel([0, 0, 0]), {"d0": ("v1",)})
    (candidate,) = recommend(problem, "v2").candidates
    assert (candidate.position, candidate.delays) == (1, ())


def test_a_present_plan_that_runs_late_is_taken_as_it_will_be() -> None:
    missed = visit(1, windows=((EIGHT, EIGHT + 5 * MINUTE),))
    problem = Problem((day(),), (missed, visit(2)), line_travel([0, 60, 60]), {"d0": ("v1",)})
    (candidate,) = recommend(problem, "v2").candidates
    assert candidate.start == EIGHT + 90 * MINUTE


def test_lunch_moves_to_the_other_side_of_an_inserted_visit() -> None:
    lunch = Break(EIGHT + 4 * HOUR, EIGHT + 4 * HOUR + 30 * MINUTE, 30 * MINUTE)
    held = visit(1, lock=Lock("d0", EIGHT + 5 * HOUR))
    noon = visit(2, windows=((EIGHT + 4 * HOUR, EIGHT + 4 * HOUR),))
    problem = Problem((day(breaks=(lunch,)),), (held, noon), line_travel([0, 0, 0]), {"d0": ("v1",)})
    (candidate,) = recommend(problem, "v2").candidates
    assert candidate.start == EIGHT + 4 * HOUR


def test_an_unknown_visit_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        recommend(Problem((day(),), (), line_travel([0])), "nobody")


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (0, "0 min", "0 分钟"),
        (119, "119 min", "119 分钟"),
        (120, "2 h", "2 小时"),
        (205, "3 h 25 min", "3 小时 25 分钟"),
        (9_303_428, "6,460 days", "6,460 天"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(minutes: int, english: str, chinese: str) -> None:
    assert (length(minutes), length(minutes, "zh")) == (english, chinese)
