"""Recommendations over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.people.models import Shift
from app.stock.models import Part, StockLocation
from tests import factories
from tests.dispatch.world import DAY, World, at, iso, nobody


def rules(answer: dict[str, Any], engineer_id: object) -> list[str]:
    """The rules by which an engineer was rejected."""
    (one,) = [r for r in answer["rejected"] if r["engineer_id"] == str(engineer_id)]
    return [reason["rule"] for reason in one["reasons"]]


def test_the_nearest_free_engineer_comes_first_and_the_score_is_the_sum_of_its_terms() -> None:
    world = World()
    far, near = world.engineer(0.5), world.engineer(0.02)
    answer = world.ask(visit_id=str(world.visit(0.0).id))
    assert answer.status_code == 200
    body = answer.get_json()
    assert [c["engineer_id"] for c in body["candidates"]] == [str(near.id), str(far.id)]
    best = body["candidates"][0]
    assert best["score"] == pytest.approx(sum(term["points"] for term in best["terms"]), abs=0.02)
    assert best["added_travel_m"] > 0
    assert at(8) <= at(8) + timedelta(seconds=best["added_travel_s"] / 2) <= at(9)
    assert body["source"] == "straight"
    assert body["rejected"] == []


def test_everybody_else_is_told_every_reason_in_the_readers_language() -> None:
    world = World()
    yesterday = DAY.date() - timedelta(days=2)
    expired = world.engineer(skills={"f-gas": (4, yesterday)})
    unskilled, able = world.engineer(), world.engineer(skills={"f-gas": (3, None)})
    idle = world.engineer(shift=None)
    away = world.engineer(skills={"f-gas": (5, None)})
    world.absence(away, 0, 24)
    world.territory("north", unskilled)
    visit = world.visit(skills={"f-gas": 3}, territory_id=world.territory("south", able, away, expired).id)
    body = world.ask(visit_id=str(visit.id)).get_json()
    assert [c["engineer_id"] for c in body["candidates"]] == [str(able.id)]
    assert rules(body, unskilled.id) == ["skill", "territory"]
    assert rules(body, expired.id) == ["skill"]
    assert rules(body, idle.id) == ["no_shift"]
    details = [reason["detail"] for one in body["rejected"] for reason in one["reasons"]]
    assert f"certificate f-gas expired {yesterday.isoformat()}" in details
    path, asked = "/api/v1/dispatch/recommendations", {"visit_id": str(visit.id)}
    chinese = world.office.post(path, json=asked, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).get_json()
    assert f"证书 f-gas 已于 {yesterday.isoformat()} 过期" in str(chinese["rejected"])


def test_an_engineer_who_is_away_the_whole_shift_is_no_candidate() -> None:
    world = World()
    away = world.engineer()
    world.absence(away, 0, 24)
    visit = world.visit()
    body = world.ask(visit_id=str(visit.id)).get_json()
    assert body["candidates"] == []
    assert rules(body, away.id) == ["away"]
    until = (DAY + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    assert body["rejected"][0]["reasons"][0]["detail"] == f"away until {until}"
    assert body["rejected"][0]["engineer_name"] == away.name
    path, asked = "/api/v1/dispatch/recommendations", {"visit_id": str(visit.id)}
    chinese = world.office.post(path, json=asked, headers={"Accept-Language": "zh"}).get_json()
    assert chinese["rejected"][0]["reasons"][0]["detail"] == f"请假至 {until}"


def test_a_summary_counts_everybody_who_cannot_once() -> None:
    world = World()
    for _ in range(3):
        world.engineer()
    able = {"skills": {"gas": (3, None)}}
    away, on_call, full = (world.engineer(**able, **kind) for kind in ({}, {"shift": None}, {"max_jobs_per_day": 1}))
    world.absence(away, 7, 12)
    world.absence(away, 12, 17)
    factories.add(world.org_id, Shift(engineer_id=on_call.id, starts_at=at(8), ends_at=at(16), on_call=True))
    world.engineer(shift=None)
    world.give(world.visit(), full, 9)
    world.engineer(**able, shift=(8, 8.25))
    body = world.ask(visit_id=str(world.visit(skills={"gas": 1}).id)).get_json()
    assert body["candidates"] == []
    assert rules(body, on_call.id) == ["on_call"]
    assert {one["detail"] for one in body["summary"]} == {
        "3 without the skill gas",
        "1 already with as many visits as they may have",
        "1 without time left for it",
        "1 away",
        "1 only on call",
        "1 without a shift in this time",
    }
    assert body["summary"][0]["count"] == 3
    assert sum(one["count"] for one in body["summary"]) == len(body["rejected"])


def test_nobody_is_told_to_have_begun_earlier_than_now() -> None:
    world = World()
    now = datetime.now(UTC).replace(microsecond=0)
    far = world.engineer(0.8, shift=None)
    shift = Shift(engineer_id=far.id, starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=9))
    factories.add(world.org_id, shift)
    soon = {"window_start": now, "window_end": now + timedelta(minutes=20)}
    body = world.ask(visit_id=str(world.visit(window=None, visit=soon).id)).get_json()
    (one,) = body["rejected"]
    told = {(reason["rule"], reason["numbers"].get("side")) for reason in one["reasons"]}
    assert ("window_miss", "late") in told
    assert ("shift_overrun", "start") not in told


def test_whoever_is_away_today_is_asked_about_tomorrow() -> None:
    world = World()
    only = world.engineer()
    world.absence(only, 0, 24)
    factories.add(world.org_id, Shift(engineer_id=only.id, starts_at=at(32), ends_at=at(40)))
    body = world.ask(visit_id=str(world.visit(window=(8, 40)).id)).get_json()
    assert [c["engineer_id"] for c in body["candidates"]] == [str(only.id)]
    assert body["rejected"] == []
    assert body["summary"] == []


def test_parts_that_are_not_on_the_van_are_a_reason_only_where_a_van_is_known() -> None:
    world = World()
    unknown, empty = world.engineer(), world.engineer()
    part = factories.add(world.org_id, Part(number="V-1", name="valve"))
    factories.add(world.org_id, StockLocation(kind="van", name="van", engineer_id=empty.id))
    visit = world.visit(parts=[{"part_id": str(part.id), "quantity": "2"}])
    body = world.ask(visit_id=str(visit.id)).get_json()
    assert [c["engineer_id"] for c in body["candidates"]] == [str(unknown.id)]
    assert rules(body, empty.id) == ["parts"]


def test_planned_visits_are_worked_around_and_their_delay_is_shown() -> None:
    world = World()
    only = world.engineer()
    planned = world.visit(0.0, window=None)
    world.give(planned, only, 9)
    body = world.ask(visit_id=str(world.visit(0.0, window=(8.9, 9.1)).id)).get_json()
    (candidate,) = body["candidates"]
    assert candidate["delays"] == [
        {"visit_id": str(planned.id), "delay_s": candidate["delays"][0]["delay_s"], "late_s": 0}
    ]
    assert 0 < candidate["delays"][0]["delay_s"] <= 2400


def test_a_job_that_does_not_exist_yet_can_be_asked_about() -> None:
    world = World()
    near = world.engineer()
    site = factories.site(world.org_id, 0.01, 0.0)
    job = {
        "job_type_id": str(world.job_type.id),
        "site_id": str(site.id),
        "window_start": iso(9),
        "window_end": iso(12),
    }
    body = world.ask(job=job, limit=1).get_json()
    assert [c["engineer_id"] for c in body["candidates"]] == [str(near.id)]
    assert body["candidates"][0]["start"] == iso(9)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"visit_id": str(nobody()), "job": {}}, 422),
        ({"visit_id": str(nobody())}, 404),
        ({"visit_id": "x"}, 422),
        ({"visit_id": str(nobody()), "limit": 0}, 422),
        ({"job": {"job_type_id": str(nobody()), "site_id": str(nobody())}}, 422),
    ],
)
def test_bad_questions_are_refused(body: dict[str, Any], status: int) -> None:
    assert World().ask(**body).status_code == status


def test_visits_of_other_organisations_do_not_exist() -> None:
    stranger = World().visit()
    assert World().ask(visit_id=str(stranger.id)).status_code == 404


def test_no_hour_more_counts_once_a_deadline_is_long_over() -> None:
    """Two hours late is worse than one; for an hour of a week nobody is sent to and fro."""
    world = World()
    world.engineer(0.02)
    missed = world.visit(due_at=at(9) - timedelta(days=1))
    long_over = world.visit(due_at=at(9) - timedelta(days=7))
    terms = {
        one.id: {
            term["name"]: term["detail"]
            for term in world.ask(visit_id=str(one.id)).get_json()["candidates"][0]["terms"]
        }
        for one in (missed, long_over)
    }
    assert terms[missed.id]["lateness"].endswith(" past deadlines")
    assert "lateness" not in terms[long_over.id]
    assert terms[long_over.id]["balance"] == "as many visits as the mean"


def test_lateness_is_told_in_real_hours_whatever_it_weighs() -> None:
    world = World()
    world.engineer()
    visit = world.visit(window=(10, 10.1), due_at=at(9), priority=1)
    (best,) = world.ask(visit_id=str(visit.id)).get_json()["candidates"]
    (late,) = [term for term in best["terms"] if term["name"] == "lateness"]
    assert late["detail"] == "+90 min past deadlines"
    assert late["points"] < -90
