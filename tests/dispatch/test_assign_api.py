"""Assigning by hand: warnings, broken rules, force."""

from __future__ import annotations

from tests import factories
from tests.dispatch.world import DAY, World, at, iso, nobody


def test_without_a_start_the_best_moment_is_taken_and_the_visit_is_dispatched() -> None:
    world = World()
    only = world.engineer()
    visit = world.visit(0.0, window=(10, 12))
    answer = world.assign(visit, only)
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["engineer_id"], body["status"], body["warnings"]) == (str(only.id), "dispatched", [])
    assert body["planned_start"] == iso(10)
    assert body["planned_end"] == iso(10.5)


def test_a_broken_rule_is_409_with_reasons_and_changes_nothing() -> None:
    world = World()
    unskilled = world.engineer()
    visit = world.visit(skills={"gas": 2})
    answer = world.assign(visit, unskilled, start=iso(9))
    assert answer.status_code == 409
    assert answer.get_json()["type"] == "/problems/dispatch-rule-broken"
    assert [reason["rule"] for reason in answer.get_json()["reasons"]] == ["skill"]
    assert world.now(visit).engineer_id is None


def test_force_needs_a_reason_and_then_goes_through_with_a_warning() -> None:
    world = World()
    unskilled = world.engineer()
    visit = world.visit(skills={"gas": 2})
    assert world.assign(visit, unskilled, start=iso(9), force=True).status_code == 422
    forced = world.assign(visit, unskilled, start=iso(9), force=True, reason="learns on the job")
    assert forced.status_code == 200
    assert [warning["rule"] for warning in forced.get_json()["warnings"]] == ["skill"]
    assert world.now(visit).planned_start == at(9)


def test_what_is_forced_without_an_hour_is_done_as_soon_as_it_may() -> None:
    world = World()
    unskilled = world.engineer()
    visit = world.visit(window=(10, 12), skills={"gas": 2})
    shown = world.assign(visit, unskilled, preview=True).get_json()
    assert (shown["broken"], shown["planned_start"], shown["planned_end"]) == (True, iso(10), iso(10.5))
    assert [one["rule"] for one in shown["warnings"]] == ["skill"], "at that hour"
    assert world.assign(visit, unskilled, force=True, reason="learns on the job").status_code == 200
    assert world.now(visit).planned_start == at(10)


def test_a_start_outside_the_window_or_the_shift_breaks_a_rule() -> None:
    world = World()
    only = world.engineer()
    visit = world.visit(window=(10, 12))
    early = world.assign(visit, only, start=iso(9)).get_json()
    assert [(r["rule"], r["numbers"]["minutes"]) for r in early["reasons"]] == [("window_miss", 60)]
    off = world.assign(visit, only, start=iso(20)).get_json()["reasons"]
    assert [(r["rule"], r["numbers"].get("minutes")) for r in off] == [("no_shift", None), ("window_miss", 480)]


def test_everything_that_a_start_breaks_is_named_at_once() -> None:
    world = World()
    unskilled = world.engineer()
    visit = world.visit(window=(10, 12), skills={"gas": 2})
    told = world.assign(visit, unskilled, start=iso(15), preview=True).get_json()
    assert [w["rule"] for w in told["warnings"]] == ["skill", "window_miss"]
    assert told["warnings"][1]["detail"] == "would arrive 3 h after the window"


def test_the_visits_behind_move_along() -> None:
    world = World()
    only = world.engineer()
    planned = world.visit(0.0, window=None)
    world.give(planned, only, 9)
    urgent = world.assign(world.visit(0.0, window=None), only, start=iso(8.75))
    assert [w["rule"] for w in urgent.get_json()["warnings"]] == ["delay"]
    now = world.now(planned)
    assert (now.planned_start, now.planned_end) == (at(9.25), at(9.75))


def test_nobody_is_in_two_places_at_once() -> None:
    world = World()
    only = world.engineer()
    first = world.visit(0.0, window=(9, 9.05))
    world.give(first, only, 9)
    second = world.assign(world.visit(0.01, window=(9, 9.1)), only, start=iso(9))
    assert second.status_code == 409
    assert "displaces" in {reason["rule"] for reason in second.get_json()["reasons"]}


def test_unknown_engineers_and_visits_are_refused() -> None:
    world = World()
    visit, only = world.visit(), world.engineer()
    path = f"/api/v1/visits/{visit.id}/assign"
    assert world.office.post(path, json={"engineer_id": str(nobody())}).status_code == 422
    other = f"/api/v1/visits/{nobody()}/assign"
    assert world.office.post(other, json={"engineer_id": str(only.id)}).status_code == 404
    assert world.office.post(path, json={}).status_code == 422


def test_an_engineer_may_not_assign() -> None:
    world = World()
    visit, only = world.visit(), world.engineer()
    phone = factories.client("engineer", world.org_id)
    answer = phone.post(f"/api/v1/visits/{visit.id}/assign", json={"engineer_id": str(only.id)})
    assert answer.status_code == 403


def test_a_preview_tells_what_would_be_and_changes_nothing() -> None:
    world = World()
    only, unskilled = world.engineer(skills={"gas": (3, None)}), world.engineer()
    planned = world.visit(0.0, window=None)
    world.give(planned, only, 9)
    urgent = world.visit(0.0, window=None, skills={"gas": 2})
    told = world.assign(urgent, only, start=iso(8.75), preview=True).get_json()
    assert (told["broken"], told["planned_start"], told["planned_end"]) == (False, iso(8.75), iso(9.25))
    assert [(w["rule"], w["visit_id"], w["delay_s"]) for w in told["warnings"]] == [("delay", str(planned.id), 900)]
    refused = world.assign(urgent, unskilled, start=iso(9), preview=True).get_json()
    assert (refused["broken"], [w["rule"] for w in refused["warnings"]]) == (True, ["skill"])
    assert world.now(urgent).engineer_id is None
    assert world.now(planned).planned_start == at(9)


def test_a_visit_is_taken_back_and_waits_again() -> None:
    world = World()
    only = world.engineer()
    visit = world.visit(0.0, window=None)
    world.give(visit, only, 9)
    path = f"/api/v1/visits/{visit.id}/unassign"
    taken = world.office.post(path, json={"reason": "given by mistake"})
    assert taken.status_code == 200
    now = world.now(visit)
    assert (now.engineer_id, now.planned_start, now.status) == (None, None, "scheduled")
    assert world.office.post(f"/api/v1/visits/{nobody()}/unassign", json={}).status_code == 404


def test_whoever_saw_an_older_visit_does_not_take_it_back_from_its_new_holder() -> None:
    world = World()
    first, second = world.engineer(), world.engineer()
    visit = world.visit(0.0, window=None)
    world.give(visit, first, 9)
    seen = {"If-Match": f'"{world.now(visit).rev}"'}
    world.give(visit, second, 10)
    path = f"/api/v1/visits/{visit.id}/unassign"
    refused = world.office.post(path, json={"reason": "undone"}, headers=seen)
    assert (refused.status_code, world.now(visit).engineer_id) == (412, second.id)
    seen = {"If-Match": f'"{world.now(visit).rev}"'}
    assert world.office.post(path, json={"reason": "undone"}, headers=seen).status_code == 200
    assert world.now(visit).engineer_id is None


def test_the_drives_of_a_day_lead_from_home_from_visit_to_visit() -> None:
    world = World()
    near, far = world.engineer(0.0), world.engineer(0.5)
    second, first, other = (world.visit(lon, window=None) for lon in (0.04, 0.02, 0.5))
    world.give(second, near, 11)
    world.give(first, near, 9)
    world.give(other, far, 10)
    answer = world.office.get(f"/api/v1/dispatch/legs?date={DAY.date().isoformat()}").get_json()
    drives = {leg["visit_id"]: leg for leg in answer["legs"]}
    assert len(drives) == 3
    assert drives[str(first.id)]["from_visit_id"] is None
    assert drives[str(second.id)]["from_visit_id"] == str(first.id)
    assert 2_200 < drives[str(second.id)]["travel_m"] < 5_000
    assert drives[str(other.id)]["travel_s"] == 0
    of_some = f"/api/v1/dispatch/legs?date={DAY.date().isoformat()}&engineer_id={near.id},{nobody()}"
    some = world.office.get(of_some).get_json()
    assert some["legs"] == [leg for leg in answer["legs"] if leg["engineer_id"] == str(near.id)]
    assert world.office.get("/api/v1/dispatch/legs").status_code == 422
