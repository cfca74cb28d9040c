"""Facts beat plans: what a phone did offline is kept under its assignment, whatever the office did meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.db import transaction
from app.kernel.ids import new_id
from app.kernel.models import Event
from app.kernel.problems import Problem
from app.people.models import Crew, CrewMember
from app.work import commands
from app.work.commands import When
from app.work.models import Conflict, Note, VisitEvent
from tests import factories
from tests.work.day import Day


def conflicts(day: Day) -> list[Conflict]:
    with factories.within(day.org_id) as tx:
        return list(tx.session.scalars(select(Conflict).order_by(Conflict.created_at)))


def reassign(day: Day) -> factories.Client:
    other = factories.client("engineer", day.org_id)
    with transaction(day.actor(day.office)) as tx:
        commands.assign(tx, day.visit_id, other.engineer_id, reason="ill")
    return other


def test_a_chain_of_steps_with_one_base_is_applied() -> None:
    day = Day()
    base = day.visit().rev
    steps = ["accepted", "en_route", "on_site", "working", "completed"]
    assert [day.offline(to, base).status for to in steps] == ["applied"] * 5
    assert day.visit().status == "completed"
    assert conflicts(day) == []


def test_work_done_after_a_reassignment_stands_under_the_old_assignment() -> None:
    day = Day()
    base = day.visit().rev
    other = reassign(day)
    outcomes = [day.offline(to, base) for to in ("accepted", "en_route", "on_site", "working", "completed")]
    assert {outcome.status for outcome in outcomes} == {"conflict"}
    assert (day.visit().status, day.visit().engineer_id) == ("dispatched", other.engineer_id)
    (conflict,) = conflicts(day)
    assert {outcome.conflict_id for outcome in outcomes} == {conflict.id}
    assert [fact["to"] for fact in conflict.mine["facts"]][-1] == "completed"
    assert conflict.theirs["engineer_id"] == str(other.engineer_id)
    late = [event for event in day.events() if not event.applied]
    assert [event.to_status for event in late] == ["accepted", "en_route", "on_site", "working", "completed"]
    assert {event.engineer_id for event in late} == {day.engineer.engineer_id}


def test_the_first_steps_applied_before_a_reassignment_count_as_the_phones_belief() -> None:
    day = Day()
    base = day.visit().rev
    assert day.offline("accepted", base).status == "applied"
    reassign(day)
    assert day.offline("en_route", base).status == "conflict"
    with pytest.raises(Problem, match="illegal-transition"):
        day.offline("completed", base)


def test_a_queued_step_never_revives_what_was_cancelled() -> None:
    day = Day()
    base = day.visit().rev
    assert day.go(day.office, "cancelled", reason="customer called").status_code == 200
    assert day.offline("accepted", base).status == "conflict"
    assert day.visit().status == "cancelled"
    assert conflicts(day)[0].theirs["cancel_reason"] == "customer called"


def test_what_was_never_legal_is_refused_and_changes_nothing() -> None:
    day = Day()
    base = day.visit().rev
    with pytest.raises(Problem, match="illegal-transition"):
        day.offline("completed", base)
    with pytest.raises(Problem, match="forbidden"):
        day.offline("cancelled", base, reason="no")
    stranger = factories.client("engineer", day.org_id)
    with pytest.raises(Problem, match="not-found"):
        day.offline("accepted", base, of=stranger)
    assert (day.visit().rev, conflicts(day)) == (base, [])


def test_two_phones_of_a_crew_the_first_completion_stands() -> None:
    day = Day()
    mate = factories.client("engineer", day.org_id)
    crew = factories.add(day.org_id, Crew(name="Two"))
    with factories.within(day.org_id) as tx:
        members = [CrewMember(crew_id=crew.id, engineer_id=c.engineer_id) for c in (day.engineer, mate)]
        tx.session.add_all(members)
    with transaction(day.actor(day.office)) as tx:
        base = commands.assign(tx, day.visit_id, None, crew_id=crew.id).rev
    steps = ("accepted", "en_route", "on_site", "working", "completed")
    assert {day.offline(to, base).status for to in steps} == {"applied"}
    assert {day.offline(to, base, of=mate).status for to in steps} == {"applied"}
    late = [event for event in day.events() if not event.applied]
    assert [event.to_status for event in late] == list(steps)
    assert all("crew_mate_was_first" in event.flags for event in late)
    assert conflicts(day) == []
    assert day.visit().status == "completed"


def test_corrected_time_decides_and_all_three_times_are_kept() -> None:
    day = Day()
    claimed = datetime(2031, 5, 1, tzinfo=UTC)
    true = datetime(2026, 3, 2, 8, tzinfo=UTC)
    day.offline("accepted", day.visit().rev, device_at=claimed, corrected_at=true, flags=("clock_skew",))
    event = day.events()[-1]
    assert (event.device_at, event.corrected_at, event.flags) == (claimed, true, ["clock_skew"])
    ahead = datetime.now(UTC) + timedelta(days=1)
    day.go(day.engineer, "en_route", device_at=ahead.isoformat())
    event = day.events()[-1]
    assert event.corrected_at == event.received_at
    assert event.flags == ["clock_ahead"]


def test_late_answers_and_notes_are_kept_and_join_the_conflict() -> None:
    day = Day(type_values={"checklist": [{"key": "ok", "label": "OK?", "kind": "bool", "required": True}]})
    base = day.visit().rev
    reassign(day)
    day.offline("accepted", base)
    item = day.office.get(f"/api/v1/checklist-items?visit_id={day.visit_id}").get_json()["items"][0]
    at = When(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    with transaction(day.actor()) as tx:
        answer = commands.answer_item(tx, day.visit_id, item["id"], True, id=new_id(), at=at, offline=True)
        note = commands.add_note(tx, "valve stuck", visit_id=day.visit_id, id=new_id(), at=at, offline=True)
    assert answer.flags == ["late"]
    with factories.within(day.org_id) as tx:
        assert tx.get(Note, note.id).engineer_id == day.engineer.engineer_id
    (conflict,) = conflicts(day)
    assert [fact["collection"] for fact in conflict.mine["facts"]] == ["visit_events", "checklist_answers", "notes"]


def resolve(day: Day, resolution: str, **more: Any) -> Any:
    (conflict,) = conflicts(day)
    return day.office.post(f"/api/v1/conflicts/{conflict.id}/resolve", json={"resolution": resolution, **more})


def test_the_dispatcher_lets_the_work_count() -> None:
    day = Day()
    base = day.visit().rev
    reassign(day)
    for to in ("accepted", "en_route", "on_site", "working", "completed"):
        day.offline(to, base)
    answer = resolve(day, "keep_mine")
    assert answer.status_code == 200, answer.get_json()
    assert (day.visit().status, day.visit().engineer_id) == ("completed", day.engineer.engineer_id)
    (arrived,) = [event for event in day.events() if event.to_status == "on_site"]
    assert (day.visit().planned_start, arrived.applied) == (arrived.corrected_at, False)
    assert day.job().status == "completed"
    assert resolve(day, "keep_mine").status_code == 409
    shown = day.engineer.get("/api/v1/conflicts?status=resolved").get_json()["items"]
    assert [conflict["resolution"] for conflict in shown] == ["keep_mine"]
    with factories.within(day.org_id) as tx:
        told = {one.topic: one.payload for one in tx.session.scalars(select(Event).order_by(Event.id))}
        counted = tx.session.scalars(select(VisitEvent).where(VisitEvent.event == "late_work_counts")).one()
    assert told["visit.transitioned"] == told["visit.completed"], "as of any other step"
    assert (told["visit.completed"]["event_id"], told["visit.completed"]["rev"]) == (str(counted.id), day.visit().rev)


def test_the_dispatcher_keeps_the_plan() -> None:
    day = Day()
    base = day.visit().rev
    other = reassign(day)
    day.offline("accepted", base)
    assert resolve(day, "edit", value={"x": 1}).status_code == 422
    assert resolve(day, "keep_theirs").status_code == 200
    assert (day.visit().status, day.visit().engineer_id) == ("dispatched", other.engineer_id)


def field_conflict(day: Day, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    about = {"job_id": day.job_id, "visit_id": day.visit_id}
    with transaction(day.actor()) as tx:
        commands.open_conflict(tx, "jobs", day.job_id, "field", mine=mine, theirs=theirs, **about)


@pytest.mark.parametrize(
    ("resolution", "value", "expected"),
    [
        ("keep_mine", None, "from the cellar"),
        ("keep_theirs", None, ""),
        ("take_both", None, "from the desk\nfrom the cellar"),
        ("edit", {"description": "both"}, "both"),
    ],
)
def test_overlapping_edits_are_resolved_four_ways(resolution: str, value: Any, expected: str) -> None:
    day = Day()
    field_conflict(day, {"description": "from the cellar"}, {"description": "from the desk"})
    answer = resolve(day, resolution, **({"value": value} if value else {}))
    assert answer.status_code == 200, answer.get_json()
    assert day.job().description == expected
    assert answer.get_json()["mine"] == {"description": "from the cellar"}


def test_bad_resolutions_are_refused() -> None:
    day = Day()
    field_conflict(day, {"priority": 1}, {"priority": 2})
    assert resolve(day, "edit").status_code == 422
    assert resolve(day, "edit", value={"summary": "x"}).status_code == 422
    assert resolve(day, "keep_mine", value={"priority": 3}).status_code == 422
    assert resolve(day, "take_both").status_code == 422
    assert resolve(day, "edit", value={"priority": 9}).status_code == 422
    assert conflicts(day)[0].status == "open"
    assert day.engineer.post(f"/api/v1/conflicts/{conflicts(day)[0].id}/resolve", json={}).status_code == 403
