"""Applying a plan and taking it back: written together, however many visits it has, and told of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from app.kernel.models import AuditEntry, Event
from app.work.models import Job, VisitEvent
from tests import factories
from tests.dispatch.world import World


@pytest.fixture
def world() -> Any:
    """Two engineers far apart and three visits that wait beside each."""
    world: Any = World()
    world.left, world.right = world.engineer(0.0), world.engineer(0.4)
    world.visits = [world.visit(lon) for lon in (0.0, 0.01, 0.02, 0.38, 0.39, 0.4)]
    return world


def test_many_visits_are_applied_and_taken_back_in_as_many_statements_as_few(world: Any) -> None:
    plan = world.plan()
    undo = f"/api/v1/dispatch/plans/{plan['id']}/undo"
    apply, some = f"/api/v1/dispatch/plans/{plan['id']}/apply", {"engineer_ids": [str(world.left.id)]}
    three = [statements(lambda: world.office.post(apply, json=some)), statements(lambda: world.office.post(undo))]
    six = [statements(lambda: world.office.post(apply, json={})), statements(lambda: world.office.post(undo))]
    assert six[0] <= three[0]
    assert six[1] <= three[1]


def statements(deed: Callable[[], Any]) -> int:
    """How many are sent for what must succeed."""
    sent = list[str]()

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert deed().status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)


def test_what_is_written_together_tells_of_each_visit_what_one_alone_would(world: Any) -> None:
    """Its course, the audit and the events, at the revision at which the visit then is."""
    assert world.apply(world.plan()["id"]).status_code == 200
    for visit in world.visits:
        now = world.now(visit)
        with factories.within(world.org_id) as tx:
            facts = tx.session.scalars(select(VisitEvent).where(VisitEvent.visit_id == visit.id)).all()
            said = tx.session.scalars(select(Event).where(Event.payload["visit_id"].astext == str(visit.id))).all()
            audited = tx.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == visit.id)).all()
            assert (tx.get(Job, visit.job_id).status, now.status) == ("scheduled", "dispatched")
        course = {(one.event, one.from_status, one.to_status, one.engineer_id) for one in facts}
        assert ("assigned", "draft", "scheduled", now.engineer_id) in course
        assert ("dispatched", "scheduled", "dispatched", now.engineer_id) in course
        told = [one for one in said if one.topic in ("visit.assigned", "visit.transitioned")]
        assert sorted(one.topic for one in told) == ["visit.assigned", "visit.transitioned"]
        assert {one.payload["rev"] for one in told} == {now.rev}
        assert {"visit.assigned", "visit.transitioned"} <= set(audited)
