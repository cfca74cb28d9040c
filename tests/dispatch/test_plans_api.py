"""Plans over HTTP: asked for, made by a worker, read, applied."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.kernel.models import AuditEntry
from app.people.models import Shift
from dispatch import plans
from dispatch.models import Plan
from dispatch.queries import Span
from dispatch.snapshot import driving_hour
from tests import factories
from tests.dispatch.world import DAY, World, at, iso, nobody


@pytest.fixture
def world() -> World:
    """Two engineers, six visits that wait, one that nobody can do."""
    world = World()
    world.left, world.right = world.engineer(0.0), world.engineer(0.4)  # type: ignore[attr-defined]
    world.visits = [world.visit(lon) for lon in (0.0, 0.01, 0.02, 0.38, 0.39, 0.4)]  # type: ignore[attr-defined]
    world.lift = world.visit(skills={"lift": 1})  # type: ignore[attr-defined]
    return world


def placed(plan: dict[str, Any]) -> dict[str, str]:
    """Visit → engineer."""
    return {
        step["visit_id"]: route["engineer_id"]
        for route in plan["routes"]
        for step in route["steps"]
        if step["kind"] == "visit"
    }


def test_a_plan_is_queued_then_made_and_changes_nothing(world: Any) -> None:
    asked = world.office.post("/api/v1/dispatch/plans", json={"date": DAY.date().isoformat()})
    assert asked.status_code == 202
    body = asked.get_json()
    assert (body["status"], body["routes"], body["lock"], body["stability"]) == ("queued", None, "dispatched", 0.5)
    assert asked.headers["Location"] == f"/api/v1/dispatch/plans/{body['id']}"
    world.work(body["task_id"])
    plan = world.read(body["id"])
    assert (plan["status"], plan["progress"], plan["message"], plan["source"]) == ("done", 1.0, None, "straight")
    assert datetime.fromisoformat(plan["started_at"]) < datetime.fromisoformat(plan["finished_at"])
    where = placed(plan)
    assert len(where) == 6
    assert {where[str(v.id)] for v in world.visits[:3]} == {str(world.left.id)}
    assert {where[str(v.id)] for v in world.visits[3:]} == {str(world.right.id)}
    (left,) = plan["unassigned"]
    assert (left["visit_id"], left["reasons"]) == (
        str(world.lift.id),
        [{"rule": "skill", "count": 2, "detail": "2 without the skill lift"}],
    )
    assert plan["totals"]["assigned"] == 6
    assert {change["change"] for change in plan["difference"]} == {"assigned"}
    assert all(world.now(v).engineer_id is None for v in world.visits)
    task = world.office.get(f"/api/v1/tasks/{body['task_id']}").get_json()
    assert task["state"] == "done"


def test_applying_assigns_dispatches_and_orders_the_visits_with_one_audit_entry_a_route(world: Any) -> None:
    plan = world.plan()
    answer = world.apply(plan["id"])
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["status"] == "applied"
    for route in plan["routes"]:
        steps = [step for step in route["steps"] if step["kind"] == "visit"]
        for number, step in enumerate(steps, start=1):
            (visit,) = [v for v in world.visits if str(v.id) == step["visit_id"]]
            now = world.now(visit)
            assert (str(now.engineer_id), now.status, now.sequence) == (route["engineer_id"], "dispatched", number)
            assert now.planned_start.isoformat() == step["start"]
    with factories.within(world.org_id) as tx:
        entries = tx.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "plan.route_applied")).all()
    assert len(entries) == 2


def test_whoever_applies_again_because_the_answer_was_lost_hears_what_stands(world: Any) -> None:
    plan = world.plan()
    left, right = str(world.left.id), str(world.right.id)
    once = world.apply(plan["id"], engineer_ids=[left]).get_json()
    before = world.now(world.visits[0]).rev
    again = world.apply(plan["id"], engineer_ids=[left])
    assert (again.status_code, again.get_json()["applied"]) == (200, once["applied"])
    assert world.apply(plan["id"], engineer_ids=[left, right]).get_json()["status"] == "applied"
    whole = world.apply(plan["id"])
    assert (whole.status_code, whole.get_json()["applied"]) == (200, sorted([left, right]))
    assert world.now(world.visits[0]).rev == before
    with factories.within(world.org_id) as tx:
        entries = tx.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "plan.route_applied")).all()
    assert len(entries) == 2


def test_chosen_routes_only_and_unpublished(world: Any) -> None:
    plan = world.plan()
    answer = world.apply(plan["id"], engineer_ids=[str(world.left.id)], publish=False)
    assert answer.status_code == 200
    assert (answer.get_json()["status"], answer.get_json()["applied"]) == ("done", [str(world.left.id)])
    assert world.now(world.visits[0]).status == "scheduled"
    assert world.now(world.visits[5]).engineer_id is None
    assert world.apply(plan["id"], engineer_ids=[str(world.right.id)]).get_json()["status"] == "applied"
    assert world.now(world.visits[5]).status == "dispatched"


def test_the_ground_has_moved(world: Any) -> None:
    plan = world.plan()
    moved = world.visits[0]
    world.give(moved, world.right, 13)
    extra = world.visit(0.0)
    world.give(extra, world.left, 14)
    answer = world.apply(plan["id"])
    assert answer.status_code == 409
    problem = answer.get_json()
    assert problem["type"] == "/problems/ground-moved"
    changed = {entry["visit_id"]: entry for entry in problem["changed"]}
    here, added = changed[str(moved.id)], changed[str(extra.id)]
    assert set(here["what"]) == {"engineer_id", "planned_start", "reach"}
    assert (here["was"]["engineer_id"], here["now"]["engineer_id"]) == (None, str(world.right.id))
    shown = world.office.get(f"/api/v1/visits/{moved.id}").get_json()
    assert {name: here[name] for name in ("job_number", "site_name")} == {
        name: shown[name] for name in ("job_number", "site_name")
    }
    assert (added["what"], added["now"]["engineer_id"]) == (["added"], str(world.left.id))
    assert world.now(world.visits[1]).engineer_id is None


def test_a_job_that_was_cancelled_meanwhile_is_told_as_cancelled(world: Any) -> None:
    plan = world.plan()
    job = world.office.get(f"/api/v1/visits/{world.visits[0].id}").get_json()["job_id"]
    assert world.office.post(f"/api/v1/jobs/{job}/cancel", json={"reason": "Works again"}).status_code == 200
    (changed,) = world.apply(plan["id"]).get_json()["changed"]
    assert (changed["what"], changed["status"]) == (["gone"], "cancelled")


def test_a_plan_is_applied_once_everybody_has_it_for_whom_it_changes_anything(world: Any) -> None:
    world.apply(world.plan()["id"])
    late = world.visit(0.01)
    plan = world.plan()
    assert [change["visit_id"] for change in plan["difference"]] == [str(late.id)]
    holder = plan["difference"][0]["to_engineer_id"]
    assert len(plan["routes"]) == 2
    assert world.apply(plan["id"], engineer_ids=[holder]).get_json()["status"] == "applied"


def test_a_shift_that_has_changed_is_moved_ground(world: Any) -> None:
    plan = world.plan()
    world.absence(world.left, 9, 10)
    answer = world.apply(plan["id"])
    assert answer.get_json()["changed"] == [{"engineer_id": str(world.left.id), "what": ["shift"]}]
    assert world.apply(plan["id"], engineer_ids=[str(world.right.id)]).status_code == 200


def test_dispatched_visits_stand_and_an_ill_engineers_visits_move(world: Any) -> None:
    world.apply(world.plan()["id"])
    late = world.visit(0.01)
    plan = world.plan()
    steps = {s["visit_id"]: s for r in plan["routes"] for s in r["steps"]}
    for visit in world.visits:
        assert steps[str(visit.id)]["locked"]
        assert steps[str(visit.id)]["start"] == world.now(visit).planned_start.isoformat()
    assert not steps[str(late.id)]["locked"]
    with factories.within(world.org_id) as tx:
        tx.session.query(Shift).filter_by(engineer_id=world.left.id).one().deleted_at = tx.now
    ids = [str(v.id) for v in world.visits[:3]]
    replanned = world.plan(visit_ids=ids)
    assert set(placed(replanned).values()) == {str(world.right.id)}
    assert {c["visit_id"]: c["change"] for c in replanned["difference"]} == dict.fromkeys(ids, "moved")
    assert world.apply(replanned["id"]).status_code == 200
    assert world.now(world.visits[0]).engineer_id == world.right.id


def test_lock_none_and_stability_are_the_dispatchers_slider(world: Any) -> None:
    crossed = [(world.visits[0], world.right, 11), (world.visits[5], world.left, 11)]
    for visit, engineer, hour in crossed:
        world.give(visit, engineer, hour)
    free = world.plan(lock="none", stability=0)
    assert free["totals"]["moved"] == 2
    firm = world.plan(lock="none", stability=1)
    assert firm["totals"]["moved"] == 0


def test_the_stored_snapshot_gives_the_same_plan_again(world: Any) -> None:
    plan = world.plan()
    with factories.within(world.org_id) as tx:
        query = select(Plan).options(undefer(Plan.snapshot), undefer(Plan.travel), undefer(Plan.answer))
        row = tx.session.scalars(query).one()
        again = plans.replayed(row)
    routes = {r.engineer_id: [s.visit_id for s in r.steps] for r in again.routes}
    assert routes == {r["engineer_id"]: [s["visit_id"] for s in r["steps"]] for r in plan["routes"]}
    assert again.totals.cost == plan["totals"]["cost"]


def test_breaks_absences_and_limits_reach_the_engine() -> None:
    world = World()
    lunch = {"window_start": iso(11.5), "window_end": iso(13), "duration_s": 1800}
    only = world.engineer(breaks=[lunch], max_jobs_per_day=2)
    world.absence(only, 14, 15)
    for hour in (8, 11.5, 14):
        world.visit(window=(hour, hour + 0.9))
    plan = world.plan()
    (route,) = plan["routes"]
    pauses = [(s["start"], s["end"]) for s in route["steps"] if s["kind"] == "break"]
    assert len(pauses) == 2
    assert pauses[1] == (at(14).isoformat(), at(15).isoformat())
    assert at(11.5).isoformat() <= pauses[0][0] <= at(12.5).isoformat()
    assert len(placed(plan)) == 2
    assert plan["unassigned"][0]["reasons"]


def test_a_territory_dispatcher_plans_only_there(world: Any) -> None:
    north = world.territory("north", world.left)
    world.visit(0.0, territory_id=north.id)
    foreign_visit = world.visit(0.0, territory_id=world.territory("south", world.right).id)
    user = factories.user("dispatcher", world.org_id)
    with factories.within(world.org_id) as tx:
        tx.session.execute(_serves(user.id, north.id))
    client = factories.sign_in(user)
    foreign = client.post("/api/v1/dispatch/plans", json={"territory_ids": [str(nobody())]})
    assert foreign.status_code == 422
    asked = client.post("/api/v1/dispatch/plans", json={"date": DAY.date().isoformat()}).get_json()
    assert asked["territory_ids"] == [str(north.id)]
    named = client.post("/api/v1/dispatch/plans", json={"visit_ids": [str(foreign_visit.id)], "date": asked["date"]})
    world.work(named.get_json()["task_id"])
    assert client.get(named.headers["Location"]).get_json()["totals"]["assigned"] == 0
    everywhere = world.plan()
    assert client.get(f"/api/v1/dispatch/plans/{everywhere['id']}").status_code == 404
    assert client.get(f"/api/v1/dispatch/plans/{asked['id']}").status_code == 200


def _serves(user_id: Any, territory_id: Any) -> Any:
    from sqlalchemy import insert

    from app.places.models import UserTerritory

    return insert(UserTerritory).values(user_id=user_id, territory_id=territory_id)


@pytest.mark.committed
def test_a_failed_plan_says_so_and_runs_again(world: Any) -> None:
    asked = world.office.post("/api/v1/dispatch/plans", json={"date": DAY.date().isoformat()}).get_json()
    with mock.patch("dispatch.engine.solve.plan", side_effect=RuntimeError("out of luck")):
        world.work(asked["task_id"])
    failed = world.read(asked["id"])
    assert (failed["status"], failed["message"]) == ("failed", "RuntimeError: out of luck")
    assert world.apply(asked["id"]).status_code == 409
    world.work(asked["task_id"])
    assert world.read(asked["id"])["status"] == "done"


def test_stopping_ends_with_the_best_so_far(world: Any) -> None:
    asked = world.office.post("/api/v1/dispatch/plans", json={"date": DAY.date().isoformat()}).get_json()
    stopped = world.office.post(f"/api/v1/dispatch/plans/{asked['id']}/stop")
    assert stopped.status_code == 200
    world.work(asked["task_id"])
    plan = world.read(asked["id"])
    assert plan["status"] == "stopped"
    assert len(placed(plan)) == 6
    assert world.office.post(f"/api/v1/dispatch/plans/{asked['id']}/stop").status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"date": "2020-01-01"},
        {"date": "9999-12-31"},
        {"date": "yesterday"},
        {"stability": 1.5},
        {"lock": "all"},
        {"time_limit_s": 0},
        {"engineer_ids": []},
        {"unknown": 1},
    ],
)
def test_bad_requests_are_refused(body: dict[str, Any]) -> None:
    assert World().office.post("/api/v1/dispatch/plans", json=body).status_code == 422


def test_a_day_has_the_organisations_zone() -> None:
    world = World("Asia/Shanghai")
    world.engineer(shift=(17, 25))  # in Shanghai this is one o'clock to nine of the day after
    visit = world.visit(window=(17, 25))
    assert world.plan()["routes"] == []
    after = (DAY + timedelta(days=1)).date().isoformat()
    assert placed(world.plan(date=after)).keys() == {str(visit.id)}


def test_the_number_of_statements_does_not_grow_with_the_day(world: Any) -> None:
    from sqlalchemy import event

    def statements(action: Any) -> int:
        seen: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.append(statement)

        with factories.within(world.org_id) as tx:
            connection = tx.session.connection()
            event.listen(connection, "before_cursor_execute", note)
            action(tx)
            event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    def read(tx: Any) -> None:
        plans.read_ground(tx, Plan(date=DAY.date(), days=1, engineer_ids=None, territory_ids=None, visit_ids=None))

    small = statements(read)
    for lon in range(20):
        world.visit(lon / 100)
        world.engineer(lon / 100)
    assert statements(read) == small


def test_a_plan_names_what_waits_for_other_days_and_whose_window_is_over() -> None:
    world = World()
    world.engineer()
    here = world.visit(0.01)
    later, bound = world.visit(window=(33, 35)), world.visit(window=None, earliest_start=at(40))
    gone = world.visit(window=(-40, -30))
    foreign = world.visit(window=(33, 35), territory_id=world.territory("south").id)
    plan = world.plan()
    assert set(placed(plan)) == {str(here.id)}
    assert plan["unassigned"] == []
    assert {one["visit_id"]: (one["when"], one["at"]) for one in plan["elsewhere"]["visits"]} == {
        str(gone.id): ("gone", at(-30).isoformat()),
        str(later.id): ("later", at(33).isoformat()),
        str(foreign.id): ("later", at(33).isoformat()),
        str(bound.id): ("later", at(40).isoformat()),
    }
    assert plan["elsewhere"]["count"] == 4
    assert world.plan(visit_ids=[str(here.id)])["elsewhere"] == {"count": 0, "visits": []}
    north = world.plan(territory_ids=[str(world.territory("north").id)])
    assert str(foreign.id) not in {one["visit_id"] for one in north["elsewhere"]["visits"]}


def test_a_deadline_that_is_long_over_is_told_as_late_by_its_hours() -> None:
    world = World()
    only = world.engineer()
    over = world.visit(due_at=at(9) - timedelta(hours=72), window=(9, 9.01))
    left = world.visit(due_at=at(8) - timedelta(hours=72), window=(20, 21))
    plan = world.plan()
    (step,) = [one for route in plan["routes"] for one in route["steps"] if one["visit_id"] == str(over.id)]
    late = step["late_s"]
    assert 72 * 3600 + 1800 <= late <= 72 * 3600 + 1900
    assert (plan["totals"]["late"], plan["totals"]["longest_late_s"]) == (1, late)
    assert plan["unassigned"][0]["visit_id"] == str(left.id)
    assert plan["unassigned"][0]["overdue_s"] >= 40 * 3600
    assert plan["before"] == {"assigned": 0, "drive_seconds": 0, "late": 0, "longest_late_s": 0}
    world.give(over, only, 9)
    again = world.plan(lock="none")
    assert again["before"]["assigned"] == 1
    assert again["before"]["longest_late_s"] == 72 * 3600 + 1800


def test_what_finds_no_place_counts_those_who_are_away() -> None:
    world = World()
    world.absence(world.engineer(), 0, 24)
    world.engineer()
    world.visit(skills={"gas": 1})
    (left,) = world.plan()["unassigned"]
    assert {one["detail"] for one in left["reasons"]} == {"1 without the skill gas", "1 away"}


@pytest.mark.parametrize("travel_of", ["plan", "recommendation", "drives"])
def test_a_day_drives_at_one_speed_whoever_asks(travel_of: str) -> None:
    zone = ZoneInfo("America/Chicago")
    monday = datetime(2026, 3, 2, tzinfo=zone)
    whole = Span(monday, monday + timedelta(days=1), monday - timedelta(hours=5))
    spans = {
        "plan": whole,
        "recommendation": replace(whole, starts=monday + timedelta(hours=8)),
        "drives": replace(whole, now=monday + timedelta(hours=7, minutes=30)),
    }
    assert driving_hour(spans[travel_of], zone) == monday + timedelta(hours=12)
    late = monday + timedelta(hours=16, minutes=30)
    assert driving_hour(replace(spans[travel_of], now=late), zone) == late


def test_a_proposal_counts_the_promises_that_it_breaks() -> None:
    """Told for the morning: one within a window of the whole day, one for a time alone; who can come comes late."""
    world = World()
    ill = world.engineer()
    world.engineer(shift=(12, 16))
    within, alone = world.visit(), world.visit(window=None)
    for hour, visit in ((9, within), (10, alone)):
        world.give(visit, ill, hour)
    world.absence(ill, 0, 24)
    totals = world.plan(lock="started")["totals"]
    assert (totals["assigned"], totals["moved"], totals["broken"]) == (2, 2, 1)
